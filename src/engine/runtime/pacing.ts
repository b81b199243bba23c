/**
 * When another run may be queued, and where a run is cut into submits. In: the moments when runs are queued and finished, what
 * each dispatch costs. Out: waits, and ends of pieces. Plain arithmetic over time, without a device and without objects per run.
 */

/** Milliseconds of queued work to keep ahead of the device, so that it never waits for us nor we far ahead of it. */
const AHEAD_MS = 24;
const FEWEST_AHEAD = 2;
const MOST_AHEAD = 32;

export interface Pace {
  /** Milliseconds of a run, smoothed; 0 until two have finished, because the first one also warms the device up. */
  readonly runMs: number;
  queued(): void;
  finished(): void;
  /** A promise where the caller has to wait, undefined where it may go on at once. */
  wait(): Promise<void> | undefined;
}

export function createPace(now: () => number = () => performance.now()): Pace {
  const queuedAt = new Float64Array(2 * MOST_AHEAD);
  let queued = 0;
  let finished = 0;
  let finishedAt = 0;
  let runMs = 0;
  let waiting: Promise<void> | undefined;
  let resume = (): void => {};
  const mayQueue = (): boolean => {
    const limit = runMs > 0 ? Math.ceil(AHEAD_MS / runMs) : FEWEST_AHEAD;
    return queued - finished < Math.min(MOST_AHEAD, Math.max(FEWEST_AHEAD, limit));
  };
  return {
    get runMs() {
      return runMs;
    },
    queued: () => {
      queuedAt[queued % queuedAt.length] = now();
      queued += 1;
    },
    finished: () => {
      const time = now();
      // The device began with it when it was queued or when the one before was done, whichever came later.
      const took = Math.max(1e-3, time - Math.max(finishedAt, queuedAt[finished % queuedAt.length]!));
      finishedAt = time;
      finished += 1;
      if (finished > 1) runMs = runMs === 0 ? took : 0.8 * runMs + 0.2 * took;
      if (!waiting || !mayQueue()) return;
      waiting = undefined;
      resume();
    },
    wait: () => {
      if (mayQueue()) return undefined;
      waiting ??= new Promise((resolve) => (resume = resolve));
      return waiting;
    },
  };
}

/** Ends of consecutive pieces that cost at most `limit` each; a dispatch that costs more is a piece of its own. */
export function cutPieces(costs: readonly number[], limit: number): number[] {
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  // Even pieces: three of 11 ms rather than two of 16 and one of 1.
  const wanted = total / Math.max(1, Math.ceil(total / limit));
  const ends: number[] = [];
  let sum = 0;
  costs.forEach((cost, index) => {
    if (sum > 0 && (sum + cost > limit || sum + cost / 2 > wanted)) {
      ends.push(index);
      sum = 0;
    }
    sum += cost;
  });
  if (costs.length > 0) ends.push(costs.length);
  return ends;
}

/** Whether something that was planned for `planned` milliseconds should be planned anew. */
export const hasDrifted = (ms: number, planned: number): boolean => ms > 1.6 * planned || ms < 0.6 * planned;
