/**
 * Random numbers of the training floor, made by a position and never by a state: a run's seed, a stream (who asks) and a
 * counter give four words, so resuming needs no generator to be saved. In: the counter in `words`. Out: words, and numbers
 * without bias. Source: Philox (src/engine/wgsl/philox.ts), whose key word 1 is 0 in the engine's own ops.
 */
import { type Words, philox } from "../engine/wgsl/philox";

/** Second key word: streams with equal seeds and counters stay independent. */
export const STREAMS = { batches: 1, sampling: 2, names: 3, sources: 4 } as const;

/** `seed` is any integer from 0; its high half goes into the second word. */
export const streamKey = (seed: number, stream: number): [number, number] => [seed >>> 0, (stream ^ (Math.floor(seed / 2 ** 32) << 8)) >>> 0];

/** Replaces the counter in `words` by four random words. */
export function drawWords(words: Words, seed: number, stream: number): void {
  philox(words, ...streamKey(seed, stream));
}

/** 53 of 64 random bits: an integer in [0, 2^53). */
export const bits53 = (high: number, low: number): number => (high >>> 5) * 2 ** 26 + (low >>> 6);

/** The largest multiple of `count` up to 2^53; integers below it, modulo `count`, are uniform. */
const fairLimit = (count: number): number => 2 ** 53 - (2 ** 53 % count);

/**
 * A uniform integer in [0, count), 1 ≤ count ≤ 2^53, from the counter (a, b, c); word 3 counts the attempts, of which more
 * than one is needed with probability below count / 2^53. `words` is scratch.
 */
export function drawBelow(count: number, words: Words, seed: number, stream: number, a: number, b: number, c: number): number {
  const limit = fairLimit(count);
  for (let attempt = 0; ; attempt += 1) {
    words[0] = a;
    words[1] = b;
    words[2] = c;
    words[3] = attempt;
    drawWords(words, seed, stream);
    const first = bits53(words[0], words[1]);
    if (first < limit) return first % count;
    const second = bits53(words[2], words[3]);
    if (second < limit) return second % count;
  }
}
