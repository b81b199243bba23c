/**
 * A text cut into pieces, for people to look at. In: a text and a tokenizer. Out: every piece with its number, its spelling and the
 * part of the text it stands for; and figures that compare tokenizers on one text.
 */
import type { Piece, Tokenization } from "../types/tokenizing";
import type { Tokenizer } from "./tokenizer";

const bytesIn = (text: string): number => new TextEncoder().encode(text).length;

export function cutIntoPieces(tokenizer: Tokenizer, text: string): Tokenization {
  const { ids, starts, ends } = tokenizer.trace(text);
  const pieces = Array.from(ids, (id, i): Piece => ({ id, token: tokenizer.tokenText(id), start: starts[i]!, end: ends[i]!, isUnknown: id === tokenizer.unknown }));
  return { pieces, bytes: bytesIn(text), unknown: pieces.filter(({ isUnknown }) => isUnknown).length };
}

export interface TokenizerFigures {
  readonly vocabularySize: number;
  readonly tokens: number;
  /** UTF-8 bytes of text that a token stands for on average: higher is a shorter text for the model. */
  readonly bytesPerToken: number;
  /** Of tokens, 0 to 1. */
  readonly unknownShare: number;
  /** Different tokens that occur, of the vocabulary, 0 to 1. */
  readonly vocabularyUsed: number;
}

/** One line per tokenizer, in their order; where there is no token, ratios are 0. */
export function compareTokenizers(tokenizers: readonly Tokenizer[], text: string): TokenizerFigures[] {
  const bytes = bytesIn(text);
  return tokenizers.map((tokenizer) => {
    const ids = tokenizer.encode(text);
    const unknown = tokenizer.unknown === undefined ? 0 : ids.reduce((count, id) => count + (id === tokenizer.unknown ? 1 : 0), 0);
    const share = (count: number): number => (ids.length === 0 ? 0 : count / ids.length);
    return { vocabularySize: tokenizer.vocabularySize, tokens: ids.length, bytesPerToken: share(bytes), unknownShare: share(unknown), vocabularyUsed: new Set(ids).size / tokenizer.vocabularySize };
  });
}
