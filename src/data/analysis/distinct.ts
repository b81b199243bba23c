/**
 * How many different values there are. In: texts, one by one. Out: their number, exactly up to 2²⁰. From then on only hashes whose lowest bits
 * are zero are kept, one bit more each time there are too many, and each kept one stands for 2^bits: off by about 0.1%.
 * Flajolet: On Adaptive Sampling (1990).
 */
import { createDistinctTexts, hashKey, type DistinctTexts } from "../duplicates/distinctTexts";
import { hashText } from "../duplicates/hashing";

const MOST_KEPT = 2 ** 20;

export interface DistinctCounter {
  add(text: string): void;
  readonly count: number;
  readonly isExact: boolean;
}

export function createDistinctCounter(mostKept = MOST_KEPT): DistinctCounter {
  let exact: DistinctTexts | undefined = createDistinctTexts();
  let sample = new Set<number>();
  let bits = 0;
  const hash = new Uint32Array(4);
  const isSampled = (key: number): boolean => key % 2 ** bits === 0;
  const thin = (): void => {
    while (sample.size > mostKept) {
      bits++;
      sample = new Set([...sample].filter(isSampled));
    }
  };
  return {
    add(text) {
      if (exact) {
        exact.numberOf(text);
        if (exact.size <= mostKept) return;
        for (let number = 0; number < exact.size; number++) sample.add(exact.keyOf(number));
        exact = undefined;
      } else {
        hashText(text, hash);
        const key = hashKey(hash);
        if (isSampled(key)) sample.add(key);
      }
      thin();
    },
    get count() {
      return exact?.size ?? sample.size * 2 ** bits;
    },
    get isExact() {
      return exact !== undefined;
    },
  };
}
