/**
 * Long work that the page can call off. In: the number that the page gave it, and the task. Out: its result as data; `cancel` with the
 * same number makes the task's signal abort. Also calls off work whose cancel came first, as messages may overtake each other.
 */
import { asResult } from "../failure";
import type { Result } from "../protocol";

export interface Works {
  run<T>(work: number, where: string, task: (signal: AbortSignal) => Promise<T>): Promise<Result<T>>;
  cancel(work: number): void;
}

/** Works called off before they began, or after they ended. */
const REMEMBERED = 100;

export function createWorks(): Works {
  const running = new Map<number, AbortController>();
  const calledOff = new Set<number>();
  return {
    run: (work, where, task) =>
      asResult(async () => {
        const abort = new AbortController();
        if (calledOff.delete(work)) abort.abort();
        running.set(work, abort);
        try {
          return await task(abort.signal);
        } finally {
          running.delete(work);
        }
      }, where),
    cancel(work) {
      const abort = running.get(work);
      if (abort) return abort.abort();
      calledOff.add(work);
      // A cancel that came too late stays here until newer ones push it out.
      for (const oldest of calledOff) if (calledOff.size > REMEMBERED) calledOff.delete(oldest);
    },
  };
}

/** A listener on the page that may be gone or throw must not stop the work; through Comlink its answer is a promise. */
export function tell<T>(listener: ((value: T) => unknown) | undefined, value: T): void {
  Promise.resolve()
    .then(() => listener?.(value))
    .catch(() => undefined);
}

/** At most one message each `everyMs`; the last one of a work has to be told by its answer. */
export function telling<T>(listener: ((value: T) => unknown) | undefined, everyMs = 80): (value: T) => void {
  let last = -Infinity;
  return (value) => {
    const now = performance.now();
    if (now - last < everyMs) return;
    last = now;
    tell(listener, value);
  };
}
