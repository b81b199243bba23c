/**
 * How long work here leaves the processor to a training that computes on it too. In: whether one does. Out: how long to rest after a stretch of work:
 * as long as it took, so that the work takes a core half the time and ends in twice the time. What is over in a moment never rests:
 * somebody is waiting for it.
 */

/** Milliseconds of a work that are not held back. */
const BRIEF_MS = 250;
/** A longer stretch was mostly waiting itself, for the disk or for its turn. */
const LONGEST_REST_MS = 150;

let trainingIs: "on" | "off" = "off";
/** End of the newest rest, by `performance.now()`: loops within loops rest once. */
let restedUntil = -Infinity;

export function noteTraining(is: "on" | "off"): void {
  trainingIs = is;
}

/** Milliseconds to rest at `now`, of a work that began at `began` and let others in last at `last`. */
export function restAfter(began: number, last: number, now: number): number {
  if (trainingIs === "off" || now - began < BRIEF_MS) return 0;
  const rest = Math.min(LONGEST_REST_MS, Math.max(0, now - Math.max(last, restedUntil)));
  restedUntil = Math.max(restedUntil, now + rest);
  return rest;
}
