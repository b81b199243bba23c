/** The registry of tokenizers: one file and one line here per kind. */
import { FailureError } from "../../settings/failure";
import { bpe } from "./bpe/bpe";
import { bytes } from "./bytes";
import { characters } from "./characters";
import { wordpiece } from "./wordpiece/wordpiece";
import type { StreamDecoder, Tokenizer, TokenizerKind } from "./tokenizer";

export type { StreamDecoder, Tokenizer, TokenizerKind, TokenizerSettings, Trace, TrainOptions, TrainedTokenizer } from "./tokenizer";

export const tokenizers: readonly TokenizerKind[] = [characters, bytes, bpe, wordpiece];

/** The kind with this id; throws a FailureError that lists the ids there are. */
export function findTokenizer(id: string): TokenizerKind {
  const kind = tokenizers.find((entry) => entry.id === id);
  if (kind) return kind;
  throw new FailureError({
    kind: "bad-settings",
    message: `There is no tokenizer "${id}".`,
    hint: `Choose one of ${tokenizers.map((entry) => entry.label).join(", ")}.`,
    where: "tokenizer",
  });
}

/** A tokenizer from `PreparedData.tokenizerId` and `PreparedData.tokenizer`. */
export function restoreTokenizer(id: string, json: string): Tokenizer {
  return findTokenizer(id).restore(json);
}

/** For generation: feed it one token at a time, it answers with whole characters only. */
export function createStreamDecoder(tokenizer: Tokenizer): StreamDecoder {
  return tokenizer.startDecoding();
}
