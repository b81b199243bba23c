/**
 * Jobs that are done in order, in slices, so that the worker keeps answering. In: jobs. Out: a moment when all are done. What is asked for
 * while nothing is waiting is begun at once.
 */
import { createBreath } from "../breath";

export interface Job {
  /** Works until it is done (then true) or the time has come. */
  readonly advance: (until: number) => boolean;
}

export interface Queue {
  push(job: Job): void;
  /** Whether a job that is pushed now is begun at once. */
  readonly isIdle: boolean;
  /** Undefined where nothing is waiting and the worker has answered lately. */
  pace(): Promise<void> | undefined;
  /** When everything that was pushed is done. Rejects where a job threw. */
  settled(): Promise<void>;
  destroy(): void;
}

const SLICE_MS = 12;

export function createQueue(): Queue {
  const breath = createBreath();
  const jobs: Job[] = [];
  let lastBreath = performance.now();
  let draining: Promise<void> | undefined;
  let isDestroyed = false;
  /** Says whether all is done. What fails takes with it what was to follow. */
  const work = (): boolean => {
    const until = performance.now() + SLICE_MS;
    try {
      while (jobs.length > 0) {
        if (!jobs[0]!.advance(until)) return false;
        jobs.shift();
        if (jobs.length > 0 && performance.now() >= until) return false;
      }
      return true;
    } catch (error) {
      jobs.length = 0;
      throw error;
    }
  };
  const drain = async (): Promise<void> => {
    try {
      do {
        await breath.take();
        lastBreath = performance.now();
      } while (!work());
    } finally {
      draining = undefined;
    }
  };
  const breathe = async (): Promise<void> => {
    await breath.take();
    lastBreath = performance.now();
  };
  return {
    push(job) {
      if (isDestroyed) return;
      jobs.push(job);
      if (draining || work()) return;
      draining = drain();
      // Whoever waits for the work hears of a failure; whoever does not, need not.
      draining.catch(() => {});
    },
    get isIdle() {
      return draining === undefined;
    },
    pace: () => draining ?? (performance.now() - lastBreath < SLICE_MS ? undefined : breathe()),
    settled: () => draining ?? Promise.resolve(),
    destroy: () => {
      // The threads and the memory are going: what has not been done yet never will be.
      isDestroyed = true;
      jobs.length = 0;
      breath.close();
    },
  };
}
