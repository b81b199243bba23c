/** The nouns of tokenizers as the page knows them: the saved ones, one being learned, a text cut into pieces. Plain data. */
import type { FieldValue } from "../../settings/field";

export interface SavedTokenizer {
  readonly id: string;
  readonly name: string;
  /** "bpe", "wordpiece" … */
  readonly kind: string;
  readonly vocabularySize: number;
  readonly trainedOn?: string;
  readonly notes: readonly string[];
  readonly savedAt: number;
}

export interface TrainTokenizerRequest {
  readonly name: string;
  readonly kind: string;
  readonly settings: Readonly<Record<string, FieldValue>>;
  /** Datasets and mixes it learns from: only their training parts. */
  readonly datasets: readonly string[];
}

/** While a tokenizer learns. */
export interface TokenizerProgress {
  readonly stage: "reading" | "merging";
  readonly fraction: number;
  readonly vocabularySize: number;
  /** The newest merges, last learned last: left + right, how often the pair stood. */
  readonly merges: readonly { readonly left: string; readonly right: string; readonly count: number }[];
}

export interface Piece {
  readonly id: number;
  /** The token's own spelling, readable: "Ġthe" is shown as " the". */
  readonly token: string;
  /** The part of the text it stands for, in UTF-16 units; empty for a token that is part of a character begun before. */
  readonly start: number;
  readonly end: number;
  readonly isUnknown: boolean;
}

export interface Tokenization {
  readonly pieces: readonly Piece[];
  readonly bytes: number;
  readonly unknown: number;
}
