/**
 * What a loss curve is compared with, in nats per token of the training split. In: its tokens, in chunks, text by text where several
 * are mixed. Out: ln V (knows nothing), H(x) = −Σ p ln p (knows the frequencies), H(next | previous) (knows the pairs). Tokens of a
 * mix count by their text's share: p = Σ share · p(text).
 */
import type { Baselines } from "./types";

/** Up to here V × V counters (32 MB) beat maps. */
const TABLE_VOCABULARY = 2048;

export interface BaselineCounter {
  /** Another text begins, whose tokens count `weight` each; before the first call they count 1. */
  begin(weight: number): void;
  add(tokens: ArrayLike<number>): void;
  result(): Baselines;
}

interface PairCounter {
  add(previous: number, next: number, weight: number): void;
  /** Σ c ln c over the counted pairs. */
  sum(): number;
}

const xLogX = (count: number): number => (count > 0 ? count * Math.log(count) : 0);

function countInTable(vocabularySize: number): PairCounter {
  const table = new Float64Array(vocabularySize * vocabularySize);
  return {
    add: (previous, next, weight) => void (table[previous * vocabularySize + next]! += weight),
    sum: () => table.reduce((sum, count) => sum + xLogX(count), 0),
  };
}

/** One map per previous token: a single map of pairs could pass the 2^24 entries a Map can hold. */
function countInMaps(): PairCounter {
  const maps: (Map<number, number> | undefined)[] = [];
  return {
    add(previous, next, weight) {
      const row = (maps[previous] ??= new Map());
      row.set(next, (row.get(next) ?? 0) + weight);
    },
    sum() {
      let sum = 0;
      for (const row of maps) for (const count of row?.values() ?? []) sum += xLogX(count);
      return sum;
    },
  };
}

export function createBaselineCounter(vocabularySize: number): BaselineCounter {
  const single = new Float64Array(vocabularySize);
  const asPrevious = new Float64Array(vocabularySize);
  const pairs = vocabularySize <= TABLE_VOCABULARY ? countInTable(vocabularySize) : countInMaps();
  let total = 0;
  let pairTotal = 0;
  let previous = -1;
  let weight = 1;
  return {
    begin(next) {
      weight = next;
      previous = -1;
    },
    add(tokens) {
      for (let i = 0; i < tokens.length; i++) {
        const token = tokens[i]!;
        single[token]! += weight;
        if (previous >= 0) {
          asPrevious[previous]! += weight;
          pairs.add(previous, token, weight);
          pairTotal += weight;
        }
        previous = token;
      }
      total += weight * tokens.length;
    },
    result() {
      const sumXLogX = (counts: Float64Array): number => counts.reduce((sum, count) => sum + xLogX(count), 0);
      // −Σ (c/N) ln (c/N) = ln N − (Σ c ln c)/N; the conditional form subtracts row by row.
      const unigram = total > 0 ? Math.log(total) - sumXLogX(single) / total : 0;
      const bigram = pairTotal > 0 ? (sumXLogX(asPrevious) - pairs.sum()) / pairTotal : 0;
      return { uniform: Math.log(vocabularySize), unigram: Math.max(0, unigram), bigram: Math.max(0, bigram) };
    },
  };
}
