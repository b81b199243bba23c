/**
 * Byte-pair encoding, the applying half. In: the tokens of one word, and which pair becomes what in which order. Out: the tokens
 * that are left when no pair applies: always the earliest learned pair first, of several the leftmost. Short words are searched
 * again after each merge; long ones (a megabyte without a space) keep their pairs in a heap, O(n log n).
 */
import { type PairTable, createPairTable } from "./pairTable";

export interface MergeRules {
  /** The index of a pair is its rank: lower is learned earlier. */
  readonly pairs: PairTable;
  /** By rank. */
  readonly results: Int32Array;
}

/** Of two rules for one pair the later counts. */
export function makeRules(merges: readonly { readonly left: number; readonly right: number; readonly result: number }[]): MergeRules {
  const last = new Map<string, number>();
  merges.forEach(({ left, right }, rank) => last.set(`${left} ${right}`, rank));
  const kept = merges.filter(({ left, right }, rank) => last.get(`${left} ${right}`) === rank);
  const pairs = createPairTable(kept.length);
  for (const { left, right } of kept) pairs.add(left, right);
  return { pairs, results: Int32Array.from(kept, ({ result }) => result) };
}

const SHORT = 48;

/** Merges in place; the number of tokens left at the beginning of `word`. */
export function mergeWord(word: Int32Array, length: number, rules: MergeRules): number {
  return length <= SHORT ? mergeShort(word, length, rules) : mergeLong(word, length, rules);
}

function mergeShort(word: Int32Array, length: number, { pairs, results }: MergeRules): number {
  while (length > 1) {
    let best = -1;
    let place = 0;
    for (let i = 0; i + 1 < length; i++) {
      const rank = pairs.find(word[i]!, word[i + 1]!);
      if (rank !== -1 && (best === -1 || rank < best)) {
        best = rank;
        place = i;
      }
    }
    if (best === -1) break;
    word[place] = results[best]!;
    word.copyWithin(place + 1, place + 2, length);
    length--;
  }
  return length;
}

/** A heap key is rank · PLACES + place, so that the smallest is the earliest learned, then the leftmost; exact below 2^53. */
const PLACES = 2 ** 31;

function mergeLong(word: Int32Array, length: number, { pairs, results }: MergeRules): number {
  const next = Int32Array.from({ length }, (_, i) => (i + 1 < length ? i + 1 : -1));
  const previous = Int32Array.from({ length }, (_, i) => i - 1);
  const heap = createHeap(length);
  const offer = (place: number): void => {
    if (place === -1 || next[place] === -1) return;
    const rank = pairs.find(word[place]!, word[next[place]!]!);
    if (rank !== -1) heap.push(rank * PLACES + place);
  };
  for (let i = 0; i < length; i++) offer(i);
  for (let key = heap.pop(); key !== -1; key = heap.pop()) {
    const place = key % PLACES;
    const rank = (key - place) / PLACES;
    const second = next[place]!;
    // The pair may have gone since: merged away (−1), or one of its tokens became another.
    if (word[place] === -1 || second === -1 || pairs.find(word[place]!, word[second]!) !== rank) continue;
    word[place] = results[rank]!;
    word[second] = -1;
    const after = next[second]!;
    next[place] = after;
    next[second] = -1;
    if (after !== -1) previous[after] = place;
    offer(previous[place]!);
    offer(place);
  }
  let left = 0;
  for (let i = 0; i !== -1; i = next[i]!) word[left++] = word[i]!;
  return left;
}

interface NumberHeap {
  push(key: number): void;
  /** The smallest, or −1. */
  pop(): number;
}

function createHeap(expected: number): NumberHeap {
  let keys = new Float64Array(expected + 1);
  let size = 0;
  return {
    push(key) {
      if (size === keys.length) {
        const larger = new Float64Array(2 * size);
        larger.set(keys);
        keys = larger;
      }
      let at = size++;
      for (let parent = (at - 1) >> 1; at > 0 && key < keys[parent]!; parent = (at - 1) >> 1) {
        keys[at] = keys[parent]!;
        at = parent;
      }
      keys[at] = key;
    },
    pop() {
      if (size === 0) return -1;
      const best = keys[0]!;
      const last = keys[--size]!;
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && keys[child + 1]! < keys[child]!) child++;
        if (keys[child]! >= last) break;
        keys[at] = keys[child]!;
        at = child;
      }
      keys[at] = last;
      return best;
    },
  };
}
