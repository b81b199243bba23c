/**
 * The pauses of long work. In: the signal that calls it off, and what to say then. Out: a function to await now and then: it lets other
 * messages in at most once per turn, and throws once the work was called off.
 */
import { FailureError } from "../settings/failure";
import { createPacer } from "./formats/readBytes";

/** `what` begins a sentence: "The search in Moby-Dick". */
export function createBreath(signal: AbortSignal | undefined, what: string): () => Promise<void> | undefined {
  const pause = createPacer();
  const check = (): void => {
    if (signal?.aborted) throw new FailureError({ kind: "canceled", message: `${what} was canceled. Nothing was changed.`, hint: "Start it again whenever you like." });
  };
  return () => {
    check();
    return pause()?.then(check);
  };
}
