/** What can go wrong in the engine that is not a mistake in its use: said by kind, so that upper floors can help. */
export type EngineErrorKind = "too-large" | "out-of-memory" | "device-lost" | "kernel-refused";

export class EngineError extends Error {
  readonly kind: EngineErrorKind;
  constructor(kind: EngineErrorKind, message: string) {
    super(message);
    this.name = "EngineError";
    this.kind = kind;
  }
}
