/** Turns what the private file system throws into failures a person can act on. In: an error and what was being done. */
import { type Failure, FailureError } from "../../settings/failure";

type Words = Pick<Failure, "kind" | "hint"> & { readonly cause: string };

const WORDS: Readonly<Record<string, Words>> = {
  QuotaExceededError: { kind: "storage", cause: "the browser has no room left for this site", hint: "Remove a dataset or an old run, or free disk space, and try again." },
  NoModificationAllowedError: { kind: "busy", cause: "another tab or the running training has the file open", hint: "Stop the run or close the other tab, and try again." },
  InvalidStateError: { kind: "busy", cause: "another tab or the running training has the file open", hint: "Stop the run or close the other tab, and try again." },
  NotFoundError: { kind: "storage", cause: "a stored file is gone, perhaps because the browser cleared this site's data", hint: "Import the text again." },
  NotReadableError: { kind: "storage", cause: "a stored file could not be read", hint: "Reload the page; if it happens again, import the text again." },
  SecurityError: { kind: "storage", cause: "the browser forbids this page to store files", hint: "Allow site data for this page, or leave private browsing." },
  NotAllowedError: { kind: "storage", cause: "the browser forbids this page to store files", hint: "Allow site data for this page, or leave private browsing." },
};

/** `doing` completes "… failed", e.g. "Storing notes.txt". */
export async function namingStorageFailures<T>(doing: string, where: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    const words = error instanceof DOMException ? WORDS[error.name] : undefined;
    if (!words) throw error;
    throw new FailureError({ kind: words.kind, message: `${doing} failed: ${words.cause}.`, hint: words.hint, where }, error);
  }
}
