/**
 * How many tokens to write at once. In: how long the last ones took. Out: a power of two: 1 first, so that a person sees something at
 * once; then twice as many each time, up to what the device writes in a few frames, so that text flows and can be called off.
 */

/** Milliseconds of writing that nobody can interrupt. */
const BATCH_MS = 40;
const LARGEST = 128;
/** A time that grows by more is taken for a disturbance; one that stays is believed after a few batches. */
const BELIEVED_GROWTH = 1.5;

export interface BatchSizes {
  readonly next: number;
  took(count: number, ms: number): void;
}

export function createBatchSizes(): BatchSizes {
  let next = 1;
  let msPerToken = Infinity;
  return {
    get next() {
      return next;
    },
    took(count, ms) {
      msPerToken = Math.max(1e-3, Math.min(ms / count, BELIEVED_GROWTH * msPerToken));
      const fits = 2 ** Math.floor(Math.log2(Math.max(1, BATCH_MS / msPerToken)));
      next = Math.min(fits, 2 * next, LARGEST);
    },
  };
}
