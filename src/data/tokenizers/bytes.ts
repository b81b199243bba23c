/**
 * One token per UTF-8 byte: 256 tokens, nothing to learn, nothing unknown. In: text (lone surrogates become U+FFFD, as UTF-8
 * has no bytes for them). Out: bytes as ids; decoding shows U+FFFD for bytes that form no character.
 */
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import { BYTE_CHARACTERS } from "./bpe/byteAlphabet";
import { writeByteLevel } from "./tokenizerJson/write";
import type { Tokenizer, TokenizerKind } from "./tokenizer";
import { traceBytes } from "./traceBytes";

const VOCABULARY = 256;

// A byte-order mark inside a text is a character like any other, so it must survive decoding.
const newDecoder = (): TextDecoder => new TextDecoder("utf-8", { ignoreBOM: true });

const encode = (text: string): Uint32Array => Uint32Array.from(new TextEncoder().encode(text));

const tokenizer: Tokenizer = {
  id: "bytes",
  vocabularySize: VOCABULARY,
  encode,
  trace: (text) => traceBytes(text, encode(text), () => 1),
  decode: (ids) => newDecoder().decode(Uint8Array.from(ids)),
  tokenText: (id) => (id < 0x80 ? String.fromCharCode(id) : `<0x${id.toString(16).toUpperCase()}>`),
  toJSON: () => JSON.stringify({ tokenizer: "bytes" }),
  toFiles: () => writeByteLevel({ tokens: BYTE_CHARACTERS, merges: [], added: [], pattern: "whole" }),
  startDecoding() {
    const decoder = newDecoder();
    const one = new Uint8Array(1);
    return {
      push(id) {
        one[0] = id;
        return decoder.decode(one, { stream: true });
      },
      finish: () => decoder.decode(),
    };
  },
};

function restore(json: string): Tokenizer {
  if (json !== tokenizer.toJSON()) {
    throw new FailureError({
      kind: "bad-file",
      message: "The saved tokenizer is not the byte tokenizer it claims to be.",
      hint: "Prepare the dataset again, or start a new run.",
    });
  }
  return tokenizer;
}

export const bytes: TokenizerKind = {
  id: "bytes",
  label: "Bytes",
  unit: { one: "byte", many: "bytes" },
  summary: "One token per UTF-8 byte: 256 tokens that can spell any text in any script.",
  settings: z.object({}),
  learnsFrom: "nothing",
  version: 1,
  train: () => Promise.resolve({ tokenizer, notes: [] }),
  restore,
};
