/**
 * The nouns of the data floor that leave it: datasets, imports, tables, cleaning, tokenizers, splits, and a dataset cut into
 * tokens. Plain data, so that it crosses to the page and into saved runs as it is.
 */

export type * from "./types/analysis";
export type * from "./types/cleaning";
export type * from "./types/dataset";
export type * from "./types/importing";
export type * from "./types/splitting";
export type * from "./types/storage";
export type { Cell, Column, ColumnKind, ColumnRole, ColumnType, RowWindow } from "./types/table";
export type * from "./types/tokenizing";

/** Entropies in nats per token of the training split; what a model that knows nothing, frequencies, or pairs would score. */
export interface Baselines {
  readonly uniform: number;
  readonly unigram: number;
  readonly bigram: number;
}

/** One of several datasets in a shard: where its tokens lie. */
export interface PreparedSource {
  readonly datasetId: string;
  readonly datasetName: string;
  /** Share of the windows drawn from it; all shares of a shard add up to 1. */
  readonly share: number;
  /** Tokens [from, to). */
  readonly train: readonly [from: number, to: number];
  readonly validation: readonly [from: number, to: number];
}

/** A dataset cut into tokens, ready for the train worker, which opens `shard` itself. */
export interface PreparedData {
  readonly datasetId: string;
  readonly datasetName: string;
  readonly tokenizerId: string;
  /** The trained tokenizer as JSON text (tokenizers restore themselves from it). */
  readonly tokenizer: string;
  readonly vocabularySize: number;
  /** Path in the origin's private file system; bytesPerToken 1, 2 or 4, little-endian. */
  readonly shard: string;
  readonly bytesPerToken: 1 | 2 | 4;
  /** Tokens [0, trainTokens) train, [trainTokens, tokens) validate. */
  readonly tokens: number;
  readonly trainTokens: number;
  /** SHA-256 of the shard, so that a resume notices a changed dataset. */
  readonly hash: string;
  readonly baselines: Baselines;
  /** Where several datasets are mixed: what lies where. Absent: the whole shard is one text. */
  readonly sources?: readonly PreparedSource[];
  /** What the tokens were made from, so that a run can say what it saw: rows, cleaning, split. One sentence each. */
  readonly provenance?: readonly string[];
  /** What one token is called: "letter", "letters". */
  readonly unit?: { readonly one: string; readonly many: string };
  /** What the tokenizer had to leave out, one sentence each. */
  readonly notes?: readonly string[];
}
