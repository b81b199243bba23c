/**
 * The faces of a tokenizer. In: text in chunks that never split a character. Out: token numbers, and text again. A kind is
 * what a user chooses (`characters`); a tokenizer is one that has seen a text and can restore itself from its JSON.
 */
import type { z } from "zod";

export interface Tokenizer {
  readonly id: string;
  /** Token numbers are 0 … vocabularySize − 1. */
  readonly vocabularySize: number;
  /** Any string can be encoded; what the vocabulary lacks becomes the unknown token. */
  encode(text: string): Uint32Array;
  decode(ids: ArrayLike<number>): string;
  /** One token, readable: "e", "<0xC3>". */
  tokenText(id: number): string;
  /** Everything `restore` needs, as JSON text. */
  toJSON(): string;
  /** Decodes one token at a time, as generation delivers them. */
  startDecoding(): StreamDecoder;
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

export interface TokenizerKind {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  /** What a token is called where one is meant: "letter", "letters". */
  readonly unit: { readonly one: string; readonly many: string };
  readonly settings: z.ZodObject;
  /** Bumped when the same text would give other tokens, so that cached shards are made anew. */
  readonly version: number;
  train(text: AsyncIterable<string>): Promise<TrainedTokenizer>;
  /** Throws a FailureError for JSON that is not of this kind. */
  restore(json: string): Tokenizer;
}
