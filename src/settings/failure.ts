/**
 * What can go wrong, as plain data: every floor throws a `FailureError` that carries a `Failure`, the worker floor turns
 * it (or any stray error) into a `Result`, the page shows it. A failure names the thing and the cause (`message`), the
 * next step (`hint`) and the file, setting or step it is about (`where`).
 */

export type FailureKind =
  | "no-webgpu"
  | "device-lost"
  | "out-of-memory"
  | "diverged"
  | "bad-file"
  | "bad-settings"
  | "storage"
  | "busy"
  | "canceled"
  | "bug";

/** `message` names the thing and the cause, `hint` the next step, `where` the file, setting or step. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly hint: string;
  readonly where?: string;
}

/** Carries a `Failure` up to the worker floor, whose `toFailure` unpacks it. */
export class FailureError extends Error {
  override readonly name = "FailureError";
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}
