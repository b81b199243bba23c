/**
 * Which windows of the text a step learns from. In: a token source, where training ends, the shape of a batch, a seed. Out:
 * `fill` writes the windows of a step, `fillValidation` those of a fixed measurement on the held-out end. Every start is made
 * from (seed, step, micro-batch, row) alone: the data cursor is the step, and a resumed run needs nothing else.
 */
import type { TokenSource } from "../data/tokenSource";
import type { Words } from "../engine/wgsl/philox";
import { FailureError } from "../settings/failure";
import { STREAMS, drawBelow } from "./random";

export interface BatchSettings {
  readonly source: TokenSource;
  /** Tokens [0, trainTokens) train, the rest validates. */
  readonly trainTokens: number;
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

export function createBatches(settings: BatchSettings): Batches {
  const { source, trainTokens, contextLength, batchSize, seed, pieces = 1 } = settings;
  const rows = batchSize / pieces;
  const window = contextLength + 1;
  const heldOut = source.length - trainTokens;
  if (trainTokens < window) throw tooShort("training", trainTokens, contextLength, "a smaller held-out share");
  if (heldOut < window) throw tooShort("held-out", heldOut, contextLength, "a larger held-out share");

  const starts = trainTokens - contextLength;
  const fitting = Math.floor((heldOut - 1) / contextLength / batchSize);
  const wholeBatches = settings.validationBatches ?? Math.min(MOST_VALIDATION_BATCHES, Math.max(1, fitting));
  // From the first held-out token to the last start, evenly; targets overlap only where the text is too short for a batch.
  const gaps = Math.max(1, wholeBatches * batchSize - 1);
  const span = heldOut - window;
  const words: Words = [0, 0, 0, 0];

  const assertSize = (tokens: Uint32Array): void => {
    if (tokens.length !== rows * window) throw new RangeError(`A batch has ${rows} × ${window} tokens, not ${tokens.length}.`);
  };

  const validationBatches = wholeBatches * pieces;
  return {
    validationBatches,
    fill(step, microBatch, tokens) {
      assertSize(tokens);
      // The piece's rows keep the numbers they have in the whole batch.
      const first = (microBatch % pieces) * rows;
      for (let row = 0; row < rows; row += 1) {
        source.read(drawBelow(starts, words, seed, STREAMS.batches, first + row, Math.floor(microBatch / pieces), step), tokens, row * window, window);
      }
    },
    fillValidation(index, tokens) {
      assertSize(tokens);
      if (!(index >= 0 && index < validationBatches)) throw new RangeError(`There is no validation batch ${index} of ${validationBatches}.`);
      for (let row = 0; row < rows; row += 1) {
        const start = trainTokens + Math.floor(((index * rows + row) * span) / gaps);
        source.read(start, tokens, row * window, window);
      }
    },
  };
}

function tooShort(part: "training" | "held-out", tokens: number, contextLength: number, share: string): FailureError {
  return new FailureError({
    kind: "bad-settings",
    message: `The ${part} part of the text has ${tokens.toLocaleString("en")} tokens; a context length of ${contextLength} needs at least ${contextLength + 1}.`,
    hint: `Use a shorter context, a longer text or ${share}.`,
    where: "contextLength",
  });
}
