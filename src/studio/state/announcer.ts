/**
 * What a screen reader hears while a run goes on. In: milestones, as often as they happen. Out: at most one sentence every
 * fifteen seconds, always the newest; a change of the run's state replaces a waiting milestone and is never replaced by one.
 */
export const QUIET_MS = 15_000;

export interface Announcer {
  /** A figure that may be dropped when something newer comes. */
  milestone(text: string): void;
  /** A change of state: paused, finished, failed. */
  change(text: string): void;
}

export interface Clock {
  now(): number;
  after(milliseconds: number, run: () => void): void;
}

const realClock: Clock = { now: () => performance.now(), after: (milliseconds, run) => void setTimeout(run, milliseconds) };

export function createAnnouncer(speak: (text: string) => void, clock: Clock = realClock): Announcer {
  let lastAt = Number.NEGATIVE_INFINITY;
  let waiting: { text: string; rank: 0 | 1 } | undefined;
  let armed = false;

  const flush = () => {
    armed = false;
    if (!waiting) return;
    lastAt = clock.now();
    speak(waiting.text);
    waiting = undefined;
  };
  const offer = (text: string, rank: 0 | 1) => {
    if (waiting && waiting.rank > rank) return;
    waiting = { text, rank };
    if (armed) return;
    armed = true;
    clock.after(Math.max(0, lastAt + QUIET_MS - clock.now()), flush);
  };
  return { milestone: (text) => offer(text, 0), change: (text) => offer(text, 1) };
}
