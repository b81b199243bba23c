/**
 * The exact Jaccard similarity |A ∩ B| / |A ∪ B| of one set of pieces to several others. In: the pieces of a text (`hold`), then of others
 * (`compare`), repeats counted once. A table of 64-bit hashes; a slot is taken if it bears the stamp of this set, so nothing is ever cleared.
 */
import type { Shingles } from "./shingles";

type Pieces = Pick<Shingles, "count" | "first" | "second">;

export interface Comparer {
  /** The set that others are compared with; its pieces are copied. */
  hold(shingles: Pieces): void;
  compare(shingles: Pieces): number;
}

export function createComparer(): Comparer {
  let slots = 1 << 11;
  let first = new Uint32Array(slots);
  let second = new Uint32Array(slots);
  /** Which set put the piece here; which comparison has met it. */
  let owner = new Uint32Array(slots);
  let met = new Uint32Array(slots);
  let stamp = 0;
  let held: Pieces = { count: 0, first, second };
  let distinct = 0;

  const clear = (size: number): void => {
    slots = size;
    first = new Uint32Array(slots);
    second = new Uint32Array(slots);
    owner = new Uint32Array(slots);
    met = new Uint32Array(slots);
    stamp = 0;
  };
  let base = 0;
  /** Puts the held set in, alone; the slots it takes bear the stamp `base`. */
  const fill = (): void => {
    base = ++stamp;
    distinct = 0;
    for (let i = 0; i < held.count; i++) {
      const slot = find(held.first[i]!, held.second[i]!);
      if (owner[slot]! >= base) continue;
      take(slot, held.first[i]!, held.second[i]!, base);
      distinct++;
    }
  };
  const take = (slot: number, one: number, two: number, by: number): void => {
    first[slot] = one;
    second[slot] = two;
    owner[slot] = by;
    met[slot] = 0;
  };
  /** The slot with this piece, or the free one where it belongs. Slots with an older stamp are free. */
  const find = (one: number, two: number): number => {
    const mask = slots - 1;
    for (let slot = one & mask; ; slot = (slot + 1) & mask) {
      if (owner[slot]! < base || (first[slot] === one && second[slot] === two)) return slot;
    }
  };

  return {
    hold(shingles) {
      held = { count: shingles.count, first: shingles.first.slice(0, shingles.count), second: shingles.second.slice(0, shingles.count) };
    },
    compare(shingles) {
      // Held and compared pieces share the table: at most half of it is ever taken.
      const need = 2 * (held.count + shingles.count);
      if (need > slots) clear(2 ** Math.ceil(Math.log2(need)));
      else if (stamp > 2 ** 31) clear(slots);
      fill();
      const turn = ++stamp;
      let shared = 0;
      let others = 0;
      for (let i = 0; i < shingles.count; i++) {
        const one = shingles.first[i]!;
        const two = shingles.second[i]!;
        const slot = find(one, two);
        if (owner[slot]! < base) {
          take(slot, one, two, turn);
          others++;
        } else if (owner[slot] === base && met[slot] !== turn) {
          met[slot] = turn;
          shared++;
        }
      }
      const union = distinct + others;
      return union === 0 ? 1 : shared / union;
    },
  };
}
