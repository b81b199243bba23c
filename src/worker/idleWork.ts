/**
 * Work for a device that nobody waits for. In: what to do once the device has rested for a moment. Out: it is done, one after the
 * other, or called off the moment somebody wants the device.
 */
export interface IdleWork {
  /** Takes the place of what was planned or is going on. A failure of the work is nobody's: whoever needs its result will meet the same. */
  plan(work: (signal: AbortSignal) => Promise<void>): void;
  /** Calls everything off; resolves when nothing of it uses the device any more. */
  stop(): Promise<void>;
}

/** Somebody who is filling in a form goes on within this time. */
const REST_MS = 400;

export function createIdleWork(restMs = REST_MS): IdleWork {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort = new AbortController();
  let going: Promise<void> = Promise.resolve();
  const callOff = (): void => {
    clearTimeout(timer);
    abort.abort();
    abort = new AbortController();
  };
  return {
    plan(work) {
      callOff();
      const { signal } = abort;
      timer = setTimeout(() => {
        going = going.then(() => (signal.aborted ? undefined : work(signal).catch(() => {})));
      }, restMs);
    },
    stop() {
      callOff();
      return going;
    },
  };
}
