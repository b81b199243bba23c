/**
 * Numbers pairs of tokens. In: two token numbers. Out: the same small index for the same pair, given out in order of arrival.
 * Open addressing over flat arrays: a training meets hundreds of thousands of pairs millions of times, where strings or
 * nested maps would take most of the time.
 */
export interface PairTable {
  readonly size: number;
  /** The index of the pair, or -1. */
  find(left: number, right: number): number;
  /** The index of the pair, which is new when it equals the size before. */
  add(left: number, right: number): number;
  left(index: number): number;
  right(index: number): number;
}

export function createPairTable(expected = 1024): PairTable {
  let capacity = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 2)));
  let slots = new Int32Array(capacity).fill(-1);
  let lefts = new Int32Array(capacity / 2);
  let rights = new Int32Array(capacity / 2);
  let size = 0;

  /** The slot of the pair, or the free slot where it belongs. */
  const slotOf = (left: number, right: number): number => {
    let slot = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
    slot = (slot ^ (slot >>> 15)) & (capacity - 1);
    for (let index = slots[slot]!; index !== -1; index = slots[slot]!) {
      if (lefts[index] === left && rights[index] === right) break;
      slot = (slot + 1) & (capacity - 1);
    }
    return slot;
  };

  const grow = (): void => {
    capacity *= 2;
    slots = new Int32Array(capacity).fill(-1);
    const [oldLefts, oldRights] = [lefts, rights];
    lefts = new Int32Array(capacity / 2);
    rights = new Int32Array(capacity / 2);
    lefts.set(oldLefts);
    rights.set(oldRights);
    for (let index = 0; index < size; index++) slots[slotOf(lefts[index]!, rights[index]!)] = index;
  };

  return {
    get size() {
      return size;
    },
    find: (left, right) => slots[slotOf(left, right)]!,
    add(left, right) {
      const slot = slotOf(left, right);
      if (slots[slot] !== -1) return slots[slot]!;
      lefts[size] = left;
      rights[size] = right;
      slots[slot] = size++;
      if (size === capacity / 2) grow();
      return size - 1;
    },
    left: (index) => lefts[index]!,
    right: (index) => rights[index]!,
  };
}
