/**
 * The most frequent values of a stream, in bounded memory. In: texts one by one. Out: the largest counts. Exact while all different values fit;
 * then, again and again, the rarest are forgotten, and a count may be too low by `missed` at most.
 * Manku, Motwani: Approximate Frequency Counts over Data Streams (2002), "lossy counting".
 */
const MOST_VALUES = 100_000;
/** UTF-16 units of all values together. */
const MOST_UNITS = 2 ** 24;

/** A copy that does not keep the batch alive which the value was cut out of (V8 cuts without copying). */
const detach = (value: string): string => ` ${value}`.slice(1);

interface Entry {
  count: number;
  /** How often it can have come before it was last taken in. */
  readonly missed: number;
}

export interface FrequencyCounter {
  add(value: string): void;
  /** The `most` largest, the largest first, equals in the order of their spelling. */
  top(most: number): { readonly value: string; readonly rows: number }[];
  readonly isExact: boolean;
}

export function createFrequencyCounter(mostValues = MOST_VALUES): FrequencyCounter {
  const entries = new Map<string, Entry>();
  let units = 0;
  /** Values that came this often at most since the beginning have been forgotten. */
  let forgotten = 0;
  const forget = (): void => {
    while (entries.size > mostValues / 2 || units > MOST_UNITS / 2) {
      forgotten++;
      for (const [value, { count, missed }] of entries) {
        if (count + missed > forgotten) continue;
        entries.delete(value);
        units -= value.length;
      }
    }
  };
  return {
    add(value) {
      const entry = entries.get(value);
      if (entry) {
        entry.count++;
        return;
      }
      entries.set(detach(value), { count: 1, missed: forgotten });
      units += value.length;
      if (entries.size > mostValues || units > MOST_UNITS) forget();
    },
    top: (most) => [...entries].map(([value, { count }]) => ({ value, rows: count })).sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1)).slice(0, most),
    get isExact() {
      return forgotten === 0;
    },
  };
}
