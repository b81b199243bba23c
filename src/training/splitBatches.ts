/**
 * What to do when a batch does not fit the device: the same windows in smaller batches, their gradients summed before the update.
 * In: settings and a way to make something of them that may be refused for want of memory. Out: what was made, and in how many
 * pieces each batch is trained. The mean over equal pieces is the mean over the batch, so the run is the same up to rounding
 * (with dropout: up to which signals are dropped, because masks are drawn by place in a batch).
 */
import { EngineError, type Runtime } from "../engine/runtime/runtime";
import type { Experiment } from "../settings/experiment";
import { FailureError } from "../settings/failure";

/** The settings that are executed when each batch is trained in `pieces`. */
export function splitSettings(settings: Experiment, pieces: number): Experiment {
  return { ...settings, batchSize: settings.batchSize / pieces, gradientAccumulation: settings.gradientAccumulation * pieces };
}

/** At least twice as many pieces, all of one size; undefined where batches are single windows already. */
export function nextSplit(batchSize: number, pieces: number): number | undefined {
  for (let next = pieces * 2; next <= batchSize; next += 1) if (batchSize % next === 0) return next;
  return pieces < batchSize ? batchSize : undefined;
}

export const isTooMuch = (error: unknown): boolean => error instanceof EngineError && (error.kind === "out-of-memory" || error.kind === "too-large");

export interface Fitted<T> {
  readonly made: T;
  readonly pieces: number;
}

/** Tries with more and more pieces, from `pieces` on. Throws a FailureError where single windows are too much too. */
export async function fitBatches<T>(settings: Experiment, pieces: number, make: (pieces: number) => Promise<T>): Promise<Fitted<T>> {
  for (let tried = pieces; ; ) {
    try {
      return { made: await make(tried), pieces: tried };
    } catch (error) {
      if (!isTooMuch(error)) throw error;
      const next = nextSplit(settings.batchSize, tried);
      if (next === undefined) throw tooMuch(settings, error as EngineError);
      tried = next;
    }
  }
}

function tooMuch(settings: Experiment, { message }: EngineError): FailureError {
  return new FailureError({
    kind: "out-of-memory",
    message: `Even one window of text at a time is too much for this device: ${message}`,
    hint: adviseLess(settings),
    where: "batchSize",
  });
}

/** What is left when single windows do not fit. */
export function adviseLess(settings: Experiment): string {
  const ways = [
    ...(settings.activations === "bf16" ? [] : ["set Activations to bf16"]),
    ...(settings["gradientCheckpointing"] === true ? [] : ["turn on Gradient checkpointing"]),
    "make the context or the model smaller",
  ];
  const sentence = [ways.slice(0, -1).join(", "), ways.at(-1)].filter(Boolean).join(", or ");
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

/** One sentence for people: what is trained instead of what was asked for. */
export function describeSplit({ batchSize }: Experiment, pieces: number, { kind }: Pick<Runtime, "kind">): string {
  const size = batchSize / pieces;
  return `${kind === "webgpu" ? "The GPU" : "The browser"} could not hold batches of ${batchSize}; Descent trains with ${pieces} × ${size}: same result, a little slower.`;
}
