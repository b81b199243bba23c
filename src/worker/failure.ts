/**
 * Anything thrown, as a Failure: what the floors below named keeps its words, known browser errors get a sentence, and the
 * rest is admitted to be a bug. In: an error and where it happened. Out: plain data that crosses to the page.
 */
import { EngineError } from "../engine/runtime/runtime";
import { type Failure, FailureError } from "../settings/failure";
import type { Result } from "./protocol";

export function toFailure(error: unknown, where?: string): Failure {
  if (error instanceof FailureError) return error.failure;
  const place = where === undefined ? {} : { where };
  if (error instanceof EngineError) return { ...describeEngineError(error), ...place };
  const name = error instanceof Error ? error.name : "";
  const text = error instanceof Error ? error.message : String(error);
  if (name === "QuotaExceededError") {
    return { kind: "storage", message: "The browser has no room left for this site.", hint: "Remove a dataset or an old run, or free disk space, and try again.", ...place };
  }
  if (name === "AbortError") return { kind: "canceled", message: "It was canceled.", hint: "Start it again whenever you like.", ...place };
  if (error instanceof RangeError && /allocat|array (buffer )?length|memory/i.test(text)) {
    return { kind: "out-of-memory", message: `The browser gave no more memory (${text}).`, hint: "Use a smaller model or text, or close other tabs.", ...place };
  }
  return { kind: "bug", message: `Something went wrong inside Descent: ${text || name || "unknown error"}.`, hint: "Reload the page and try again. If it happens again, please report it with this message.", ...place };
}

function describeEngineError({ kind, message }: EngineError): Failure {
  switch (kind) {
    case "too-large":
    case "out-of-memory":
      return { kind: "out-of-memory", message, hint: "Make the model, the batch or the context smaller, or use gradient accumulation with smaller batches." };
    case "device-lost":
      return { kind: "device-lost", message, hint: "Wait a moment; Descent opens the GPU again and continues from the last checkpoint." };
    case "kernel-refused":
      return { kind: "bug", message, hint: "Reload the page. If it happens again, please report it with this message and the name of your GPU." };
    default:
      return kind satisfies never;
  }
}

/** Runs a task for the page: its value, or what went wrong, as data. */
export async function asResult<T>(task: () => T | Promise<T>, where?: string): Promise<Result<T>> {
  try {
    return { ok: true, value: await task() };
  } catch (error) {
    return { ok: false, failure: toFailure(error, where) };
  }
}
