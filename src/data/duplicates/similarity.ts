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

/** Pieces with two stamps each: who put it here, and who has met it since. Slots whose owner is older than `oldest` are free. */
interface StampedTable {
  first: Uint32Array;
  second: Uint32Array;
  owner: Uint32Array;
  met: Uint32Array;
  oldest: number;
}

const createTable = (slots: number): StampedTable =>
  ({ first: new Uint32Array(slots), second: new Uint32Array(slots), owner: new Uint32Array(slots), met: new Uint32Array(slots), oldest: 0 });

/** The slot with this piece, or the free one where it belongs. */
function findSlot({ first, second, owner, oldest }: StampedTable, one: number, two: number): number {
  const mask = first.length - 1;
  for (let slot = one & mask; ; slot = (slot + 1) & mask) {
    if (owner[slot]! < oldest || (first[slot] === one && second[slot] === two)) return slot;
  }
}

/** Puts the pieces in that are not there yet, under this stamp; says how many those were. `meet` is told of the slots of the others. */
function putIn(table: StampedTable, { count, first, second }: Pieces, stamp: number, meet?: (slot: number) => void): number {
  let put = 0;
  for (let i = 0; i < count; i++) {
    const slot = findSlot(table, first[i]!, second[i]!);
    if (table.owner[slot]! >= table.oldest) {
      meet?.(slot);
      continue;
    }
    table.first[slot] = first[i]!;
    table.second[slot] = second[i]!;
    table.owner[slot] = stamp;
    table.met[slot] = 0;
    put++;
  }
  return put;
}

export function createComparer(): Comparer {
  let table = createTable(1 << 11);
  let stamp = 0;
  let held: Pieces = { count: 0, first: table.first, second: table.second };

  return {
    hold({ count, first, second }) {
      held = { count, first: first.slice(0, count), second: second.slice(0, count) };
    },
    compare(shingles) {
      // Held and compared pieces share the table: at most half of it is ever taken.
      const need = 2 * (held.count + shingles.count);
      if (need > table.first.length || stamp > 2 ** 31) {
        table = createTable(Math.max(table.first.length, 2 ** Math.ceil(Math.log2(need))));
        stamp = 0;
      }
      const [own, other] = [++stamp, ++stamp];
      table.oldest = own;
      const distinct = putIn(table, held, own);
      let shared = 0;
      const others = putIn(table, shingles, other, (slot) => {
        if (table.owner[slot] !== own || table.met[slot] === other) return;
        table.met[slot] = other;
        shared++;
      });
      return distinct + others === 0 ? 1 : shared / (distinct + others);
    },
  };
}
