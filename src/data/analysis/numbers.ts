/**
 * Numbers as they stream by. In: values one by one. Out: count, smallest, largest, mean and deviation exactly (Welford 1962), quantiles and a histogram from
 * all values up to 2²⁰ of them, beyond that from a seeded sample of as many (Vitter's reservoir, 1985): a quantile is then off by about 0.05% of the ranks.
 */
import { mix } from "../duplicates/hashing";
import type { Histogram } from "../types/analysis";

const SAMPLE = 2 ** 20;
const BUCKETS = 24;

export interface NumberSummary {
  add(value: number): void;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of the values themselves: the sum of squares is divided by their number. */
  readonly deviation: number;
  /** Linear interpolation between ranks, as NumPy does by default. */
  quantile(share: number): number;
  histogram(): Histogram;
}

export function createNumberSummary(sampleSize = SAMPLE): NumberSummary {
  let sample = new Float64Array(1024);
  let [count, min, max, mean, squares] = [0, Infinity, -Infinity, 0, 0];
  let sorted: Float64Array | undefined;
  const keep = (value: number): void => {
    sorted = undefined;
    if (count <= sampleSize) {
      if (count > sample.length) {
        const wider = new Float64Array(Math.min(sampleSize, 2 * sample.length));
        wider.set(sample);
        sample = wider;
      }
      sample[count - 1] = value;
      return;
    }
    const place = Math.floor((mix(count) / 2 ** 32) * count);
    if (place < sampleSize) sample[place] = value;
  };
  const inOrder = (): Float64Array => (sorted ??= sample.slice(0, Math.min(count, sampleSize)).sort());
  return {
    add(value) {
      count++;
      min = Math.min(min, value);
      max = Math.max(max, value);
      const difference = value - mean;
      mean += difference / count;
      squares += difference * (value - mean);
      keep(value);
    },
    get count() { return count; },
    get min() { return min; },
    get max() { return max; },
    get mean() { return mean; },
    get deviation() { return count > 0 ? Math.sqrt(squares / count) : NaN; },
    quantile(share) {
      const values = inOrder();
      const at = share * (values.length - 1);
      const low = values[Math.floor(at)] ?? NaN;
      return low + (at - Math.floor(at)) * ((values[Math.ceil(at)] ?? NaN) - low);
    },
    histogram: () => (count === 0 ? { edges: [], counts: [] } : countBuckets(inOrder(), chooseEdges(inOrder(), min, max), count)),
  };
}

/** One bucket per whole number where there are few; steps of 1, 2, 5, 10 … where a few values are far above the rest; else equal ones. */
function chooseEdges(sorted: Float64Array, min: number, max: number): number[] {
  const isWhole = sorted.every(Number.isInteger);
  if (isWhole && max - min < BUCKETS) return Array.from({ length: max - min + 2 }, (_, index) => min + index);
  const median = sorted[sorted.length >> 1]!;
  if (min >= 0 && max > 50 * Math.max(1, median)) {
    const steps = [0];
    for (let power = 1; steps.at(-1)! <= max; power *= 10) steps.push(power, 2 * power, 5 * power);
    return steps.slice(0, steps.findIndex((step) => step > max) + 1);
  }
  return Array.from({ length: BUCKETS + 1 }, (_, index) => (index === BUCKETS ? max : min + ((max - min) * index) / BUCKETS));
}

function countBuckets(sorted: Float64Array, edges: readonly number[], total: number): Histogram {
  const counts = new Array<number>(edges.length - 1).fill(0);
  let bucket = 0;
  for (const value of sorted) {
    while (bucket < counts.length - 1 && value >= edges[bucket + 1]!) bucket++;
    counts[bucket]!++;
  }
  const scale = total / sorted.length;
  return { edges, counts: scale === 1 ? counts : counts.map((one) => Math.round(one * scale)) };
}
