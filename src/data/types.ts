/**
 * The nouns of the data floor that leave it: what a dataset is, how far an import is, and a dataset cut into tokens. Plain
 * data, so that it crosses to the page and into saved runs as it is.
 */

export interface DatasetSummary {
  readonly id: string;
  readonly name: string;
  /** Where it came from: shipped with the app, made by a generator, or brought by the user. */
  readonly origin: "sample" | "task" | "user";
  readonly summary: string;
  /** UTF-8 bytes; 0 while a sample has not been opened yet. */
  readonly bytes: number;
  /** Unicode code points. */
  readonly characters: number;
  /** The source, licence or author, where there is one. */
  readonly source?: string;
  /** A prompt that suits this text. */
  readonly prompt: string;
  /** What the import decided or changed (encoding, line ends, damaged characters), one sentence each. */
  readonly notes?: readonly string[];
}

export interface ImportProgress {
  readonly name: string;
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** Entropies in nats per token of the training split; what a model that knows nothing, frequencies, or pairs would score. */
export interface Baselines {
  readonly uniform: number;
  readonly unigram: number;
  readonly bigram: number;
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
  /** What one token is called: "letter", "letters". */
  readonly unit?: { readonly one: string; readonly many: string };
  /** What the tokenizer had to leave out, one sentence each. */
  readonly notes?: readonly string[];
}
