/**
 * What an objective is: what a window of tokens is asked for, all in one place: how long a window is, how windows become a
 * batch, the head, the loss, what is reported. In: windows of a token stream, a model. Out: a batch in arrays that are
 * reused, and the loss as a graph of leaves with the batch's names.
 */
import type { z } from "zod";
import type { TensorType, Value } from "../../engine/graph/value";
import type { Values } from "../layers/layer";
import type { Decoder } from "../models/decoder";

export interface BatchExtent {
  /** B, windows in a batch. */
  readonly batch: number;
  /** T, tokens of a window that the model reads. */
  readonly time: number;
  /** V. */
  readonly vocabularySize: number;
}

/** Filled again and again; the graph's leaves have the same names. */
export type Batch = Readonly<Record<string, Uint32Array>>;

export type TokenArray = Uint8Array | Uint16Array | Uint32Array;

/** A number made of the mean loss, for the charts. */
export interface LossMetric {
  readonly id: string;
  readonly label: string;
  readonly ofLoss: (loss: number) => number;
}

export interface LossCall {
  readonly model: Decoder;
  readonly parameters: Values;
  readonly constants: Values;
  /** Leaves of the types that `inputTypes` gives, by name. */
  readonly inputs: Values;
  readonly extent: BatchExtent;
  /** Given in training only. */
  readonly dropoutKey?: Value;
  /** Most bytes that logits may take at once; LARGEST_LOGITS where nothing is said. */
  readonly largestLogits?: number;
}

export interface Objective {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly settings: z.ZodObject;
  /** What the data has to hold. */
  readonly accepts: readonly "text"[];
  /** Tokens that one window takes from the stream. */
  readonly windowLength: (time: number) => number;
  readonly inputTypes: (extent: BatchExtent) => Readonly<Record<string, TensorType>>;
  /** Fills `batch` with the windows that start at `starts`, B of them. Allocates nothing. */
  readonly collate: (tokens: TokenArray, starts: ArrayLike<number>, extent: BatchExtent, batch: Batch) => void;
  /** The rows [N, C] that the head reads. */
  readonly hidden: (call: LossCall) => Value;
  /** The mean loss, a scalar, of what `hidden` gave. Head and loss are one, because logits of a large vocabulary are never whole. */
  readonly loss: (hidden: Value, call: LossCall) => Value;
  readonly metrics: readonly LossMetric[];
}

/** The arrays of a batch, made once. */
export function allocateBatch(objective: Objective, extent: BatchExtent): Batch {
  const types = Object.entries(objective.inputTypes(extent));
  return Object.fromEntries(types.map(([name, { shape }]) => [name, new Uint32Array(shape.reduce((size, length) => size * length, 1))]));
}
