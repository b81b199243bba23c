/**
 * Numbers different texts in the order in which they first come: 0, 1, 2 … In: a text. Out: its number. Only 128-bit hashes are
 * kept (16 bytes a text and at most 8 of index), never the texts. Open addressing with linear steps, at most half full.
 */
import { hashText } from "./hashing";

const EMPTY = 0xffffffff;
const FIRST_SLOTS = 1 << 10;

export interface DistinctTexts {
  /** How many different texts there were. */
  readonly size: number;
  /** The number of this text; a new one is given the next number, which is the `size` before. */
  numberOf(text: string): number;
  /** The number of this text if it has come before, else −1. */
  find(text: string): number;
  /** 52 bits of the hash of the text with this number. */
  keyOf(number: number): number;
}

/** 52 bits of a hash as one number. */
export const hashKey = (hash: ArrayLike<number>, at = 0): number => hash[at]! + (hash[at + 1]! & 0xfffff) * 2 ** 32;

export function createDistinctTexts(): DistinctTexts {
  let slots = new Uint32Array(FIRST_SLOTS).fill(EMPTY);
  let hashes = new Uint32Array(4 * FIRST_SLOTS);
  let size = 0;
  const hash = new Uint32Array(4);

  /** The slot that holds the hash, or the empty one where it belongs. */
  const slotOf = (): number => {
    const mask = slots.length - 1;
    for (let slot = hash[0]! & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry === EMPTY) return slot;
      const at = 4 * entry;
      if (hashes[at] === hash[0] && hashes[at + 1] === hash[1] && hashes[at + 2] === hash[2] && hashes[at + 3] === hash[3]) return slot;
    }
  };
  const grow = (): void => {
    const wider = new Uint32Array(2 * hashes.length);
    wider.set(hashes);
    hashes = wider;
    slots = new Uint32Array(2 * slots.length).fill(EMPTY);
    const mask = slots.length - 1;
    for (let entry = 0; entry < size; entry++) {
      let slot = hashes[4 * entry]! & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
  };

  return {
    get size() {
      return size;
    },
    numberOf(text) {
      if (2 * (size + 1) > slots.length) grow();
      hashText(text, hash);
      const slot = slotOf();
      if (slots[slot] !== EMPTY) return slots[slot]!;
      slots[slot] = size;
      hashes.set(hash, 4 * size);
      return size++;
    },
    find(text) {
      hashText(text, hash);
      const entry = slots[slotOf()]!;
      return entry === EMPTY ? -1 : entry;
    },
    keyOf: (number) => hashKey(hashes, 4 * number),
  };
}
