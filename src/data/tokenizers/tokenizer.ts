/**
 * The faces of a tokenizer. In: text in chunks that never split a character. Out: token numbers, and text again. A kind is
 * what a user chooses (`characters`); a tokenizer is one that has seen a text and can restore itself from its JSON.
 */
import type { z } from "zod";
import type { FieldValue } from "../../settings/field";
import type { TokenizerProgress } from "../types/tokenizing";

export interface Tokenizer {
  readonly id: string;
  /** Token numbers are 0 … vocabularySize − 1. */
  readonly vocabularySize: number;
  /** The token between documents, which ends a text. Text never encodes to it: it is put there by whoever joins documents. */
  readonly separator?: number;
  /** Stands for what the vocabulary lacks. */
  readonly unknown?: number;
  /** Any string can be encoded; what the vocabulary lacks becomes the unknown token. Names of special tokens are text like any other. */
  encode(text: string): Uint32Array;
  /** Encodes and says what each token stands for. */
  trace(text: string): Trace;
  /**
   * The last place where `text` may be cut so that its two parts encode as the whole does, whatever follows; 0 where there is
   * none. Absent: everywhere between two characters.
   */
  safeCut?(text: string): number;
  decode(ids: ArrayLike<number>): string;
  /** One token, readable: "e", "<0xC3>". */
  tokenText(id: number): string;
  /** Everything `restore` needs, as JSON text. */
  toJSON(): string;
  /** The same tokenizer for other programs. */
  toFiles(): TokenizerFiles;
  /** Decodes one token at a time, as generation delivers them. */
  startDecoding(): StreamDecoder;
}

/** What Hugging Face's libraries read, as JSON text; encoding and decoding with them is the same. */
export interface TokenizerFiles {
  readonly "tokenizer.json": string;
  readonly "tokenizer_config.json": string;
}

/** Token i stands for the UTF-16 units [starts[i], ends[i]) of the text; for none where it goes on with a character begun before. */
export interface Trace {
  readonly ids: Uint32Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Emits only whole characters: a token that ends in the middle of one is held back until the rest comes. */
export interface StreamDecoder {
  push(id: number): string;
  /** What is still held back; incomplete bytes come out as U+FFFD. */
  finish(): string;
}

export interface TrainedTokenizer {
  readonly tokenizer: Tokenizer;
  /** What the text had that the vocabulary lacks, one sentence each. */
  readonly notes: readonly string[];
}

/** What a tokenizer is trained with, by the ids of its fields; others are left aside, absent ones take their default. */
export type TokenizerSettings = Readonly<Record<string, FieldValue>>;

export interface TrainOptions {
  readonly settings?: TokenizerSettings;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TokenizerProgress) => void;
  /** UTF-16 units the text will have, where that is known: for the progress. */
  readonly length?: number;
}

export interface TokenizerKind {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  /** What a token is called where one is meant: "letter", "letters". */
  readonly unit: { readonly one: string; readonly many: string };
  readonly settings: z.ZodObject;
  /**
   * What `train` reads: the training rows only, where it measures how often things occur; everything, where it only collects which
   * characters there are; nothing.
   */
  readonly learnsFrom: "training" | "everything" | "nothing";
  /** Bumped when the same text would give other tokens, so that cached shards are made anew. */
  readonly version: number;
  train(text: AsyncIterable<string>, options?: TrainOptions): Promise<TrainedTokenizer>;
  /** Throws a FailureError for JSON that is not of this kind. */
  restore(json: string): Tokenizer;
}
