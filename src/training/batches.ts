/**
 * Which windows of the text a step learns from. In: a token source, where training ends (or what lies where, for several texts), the
 * shape of a batch, a seed. Out: `fill` writes the windows of a step, `fillValidation` those of a fixed measurement on the held-out
 * part. Every start is made from (seed, step, micro-batch, row) alone: the data cursor is the step, and a resumed run needs nothing else.
 */
import { apportion } from "../data/splitting/shares";
import type { TokenSource } from "../data/tokenSource";
import type { PreparedSource } from "../data/types";
import type { Words } from "../engine/wgsl/philox";
import { FailureError } from "../settings/failure";
import { createMixture } from "./mixture";
import { STREAMS, drawBelow } from "./random";

export interface BatchSettings {
  readonly source: TokenSource;
  /** Tokens [0, trainTokens) train, the rest validates. */
  readonly trainTokens: number;
  /** Where several texts lie in the source, with their shares of the windows; default: it is one text. */
  readonly sources?: readonly PreparedSource[];
  readonly contextLength: number;
  readonly batchSize: number;
  /** Pieces of equal size that each batch is handed out in, one after another; default 1. They divide batchSize. */
  readonly pieces?: number;
  readonly seed: number;
  /** Default: as many as fit without overlap, from 1 to 8. */
  readonly validationBatches?: number;
}

export interface Batches {
  readonly validationBatches: number;
  /** tokens [batchSize / pieces, contextLength + 1]: each row a window; inputs are its first, targets its last contextLength tokens. */
  fill(step: number, microBatch: number, tokens: Uint32Array): void;
  /** The same for measurement `index` of [0, validationBatches): always the same windows. */
  fillValidation(index: number, tokens: Uint32Array): void;
}

const MOST_VALIDATION_BATCHES = 8;

/** The whole source as one text. */
export function wholeSource({ source, trainTokens }: Pick<BatchSettings, "source" | "trainTokens">): PreparedSource {
  return { datasetId: "", datasetName: "the text", share: 1, train: [0, trainTokens], validation: [trainTokens, source.length] };
}

export function createBatches(settings: BatchSettings): Batches {
  const { source, contextLength, batchSize, seed, pieces = 1 } = settings;
  const parts = settings.sources ?? [wholeSource(settings)];
  for (const part of parts) requireWindow(part, contextLength);
  const rows = batchSize / pieces;
  const window = contextLength + 1;
  const mixture = createMixture(parts, seed);
  const starts = parts.map(({ train }) => train[1] - train[0] - contextLength);
  const words: Words = [0, 0, 0, 0];
  const heldOut = placeValidation(parts, settings);

  const assertSize = (tokens: Uint32Array): void => {
    if (tokens.length !== rows * window) throw new RangeError(`A batch has ${rows} × ${window} tokens, not ${tokens.length}.`);
  };

  const validationBatches = (heldOut.length / batchSize) * pieces;
  return {
    validationBatches,
    fill(step, microBatch, tokens) {
      assertSize(tokens);
      // The piece's rows keep the numbers they have in the whole batch.
      const first = (microBatch % pieces) * rows;
      const batch = Math.floor(microBatch / pieces);
      for (let row = 0; row < rows; row += 1) {
        const from = mixture.sourceOf(step, batch, first + row);
        const start = drawBelow(starts[from]!, words, seed, STREAMS.batches, first + row, batch, step);
        source.read(parts[from]!.train[0] + start, tokens, row * window, window);
      }
    },
    fillValidation(index, tokens) {
      assertSize(tokens);
      if (!(index >= 0 && index < validationBatches)) throw new RangeError(`There is no validation batch ${index} of ${validationBatches}.`);
      for (let row = 0; row < rows; row += 1) source.read(heldOut[index * rows + row]!, tokens, row * window, window);
    },
  };
}

/**
 * Where the windows of the measurement start: as many per text as its share asks for, evenly from its first held-out token to its last
 * start; targets overlap only where the text is too short for a batch.
 */
function placeValidation(parts: readonly PreparedSource[], { contextLength, batchSize, validationBatches }: BatchSettings): Float64Array {
  const lengths = parts.map(({ validation }) => validation[1] - validation[0]);
  const fitting = lengths.reduce((sum, length) => sum + Math.floor((length - 1) / contextLength), 0) / batchSize;
  const batches = validationBatches ?? Math.min(MOST_VALIDATION_BATCHES, Math.max(1, Math.floor(fitting)));
  const counts = apportion(batches * batchSize, parts.map(({ share }) => share));
  const places = new Float64Array(batches * batchSize);
  let at = 0;
  parts.forEach(({ validation }, index) => {
    const count = counts[index]!;
    const span = lengths[index]! - contextLength - 1;
    const gaps = Math.max(1, count - 1);
    for (let place = 0; place < count; place += 1) places[at++] = validation[0] + Math.floor((place * span) / gaps);
  });
  return places;
}

function requireWindow({ datasetName, train, validation }: PreparedSource, contextLength: number): void {
  const check = (part: string, [from, to]: PreparedSource["train"], share: string): void => {
    if (to - from <= contextLength) throw tooShort(datasetName, part, to - from, contextLength, share);
  };
  check("training", train, "a smaller held-out share");
  check("held-out", validation, "a larger held-out share");
}

function tooShort(name: string, part: string, tokens: number, contextLength: number, share: string): FailureError {
  return new FailureError({
    kind: "bad-settings",
    message: `The ${part} part of ${name} has ${tokens.toLocaleString("en")} tokens; a context length of ${contextLength} needs at least ${contextLength + 1}.`,
    hint: `Use a shorter context, a longer text or ${share}.`,
    where: "contextLength",
  });
}
