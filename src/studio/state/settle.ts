/** A command's answer, whatever happens: a promise that rejects (a dead worker) becomes a failure like any other. */
import type { Failure, Result } from "../../worker/protocol";

export function failed(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure };
}

export async function settle<T>(answer: Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await answer;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return failed({ kind: "bug", message: `Descent made a mistake: ${message}`, hint: "Reload the page; a run continues from its last save." });
  }
}
