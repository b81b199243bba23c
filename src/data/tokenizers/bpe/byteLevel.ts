/**
 * A byte-level BPE model at work. In: a BpeModel. Out: a Tokenizer: text is cut into words by the model's pattern, a word is its
 * UTF-8 bytes, pairs of tokens are merged in the order they were learned. Every string can be encoded and comes back exactly
 * (a lone surrogate as U+FFFD, which is how UTF-8 writes it). Words repeat, so their tokens are remembered.
 *
 * The names of special tokens in a text are text: "<|endoftext|>" that somebody wrote is not the end of the text. Readers of the
 * exported file do otherwise unless told not to.
 */
import { alignToOriginal } from "../alignToOriginal";
import { cutBetweenWords } from "../alignChunks";
import { detach } from "../detach";
import { createTokenList } from "../tokenList";
import type { StreamDecoder, Tokenizer, Trace } from "../tokenizer";
import { writeByteLevel } from "../tokenizerJson/write";
import { traceBytes } from "../traceBytes";
import { BYTE_CHARACTERS, bytesOf } from "./byteAlphabet";
import { makeRules, mergeWord } from "./mergeWord";
import { type BpeModel, saveModel } from "./model";
import { findPattern } from "./patterns";

const REMEMBERED_WORDS = 2 ** 16;
const REMEMBERED_LENGTH = 64;
const NOTHING = Uint8Array.of();

const newDecoder = (): TextDecoder => new TextDecoder("utf-8", { ignoreBOM: true });
const utf8 = new TextEncoder();

/** The bytes each token stands for. */
function spellTokens({ tokens, added }: BpeModel): Uint8Array[] {
  const bytes = tokens.map((token) => bytesOf(token) ?? utf8.encode(token));
  for (const { id, text } of added) bytes[id] = utf8.encode(text);
  return bytes;
}

export function createByteLevelTokenizer(model: BpeModel): Tokenizer {
  const bytes = spellTokens(model);
  const encodeNormalized = createEncoder(model);
  const normalize = (text: string): string => (model.normalization ? text.normalize(model.normalization) : text);
  const bytesFor = (id: number): Uint8Array => bytes[id] ?? utf8.encode("\uFFFD");

  return {
    id: "bpe",
    vocabularySize: model.tokens.length,
    ...(model.separator === undefined ? {} : { separator: model.separator }),
    ...(model.unknown === undefined ? {} : { unknown: model.unknown }),
    encode: (text) => encodeNormalized(normalize(text)),
    trace(text) {
      const normalized = normalize(text);
      const ids = encodeNormalized(normalized);
      const trace: Trace = traceBytes(normalized, ids, (id) => (id === model.unknown ? 1 : bytesFor(id).length));
      return normalized === text ? trace : alignToOriginal(trace, text, normalize);
    },
    ...(model.pattern === "whole" ? {} : { safeCut: cutBetweenWords }),
    decode(ids) {
      let length = 0;
      for (let i = 0; i < ids.length; i++) length += bytesFor(ids[i]!).length;
      const all = new Uint8Array(length);
      for (let i = 0, at = 0; i < ids.length; i++) {
        const part = bytesFor(ids[i]!);
        all.set(part, at);
        at += part.length;
      }
      return newDecoder().decode(all);
    },
    tokenText: (id) => spellReadably(bytesFor(id)),
    toJSON: () => saveModel(model),
    toFiles: () => writeByteLevel(model),
    startDecoding: () => startDecoding(bytesFor),
  };
}

function createEncoder(model: BpeModel): (text: string) => Uint32Array {
  const ids = new Map(model.tokens.map((token, id) => [token, id]));
  // A single character may be a byte as well, and bytes are always needed.
  for (const { text, special } of model.added) if (special && text.length > 1) ids.delete(text);
  const unknown = model.unknown ?? -1;
  const byteIds = Int32Array.from(BYTE_CHARACTERS, (character) => ids.get(character) ?? unknown);
  const rules = makeRules(model.merges);
  const end = findPattern(model.pattern)!.end;
  const remembered = new Map<string, Int32Array>();
  let buffer = new Uint8Array(1024);
  let symbols = new Int32Array(1024);

  const encodeWord = (word: string): Int32Array => {
    if (buffer.length < 3 * word.length) {
      buffer = new Uint8Array(4 * word.length);
      symbols = new Int32Array(4 * word.length);
    }
    const { written } = utf8.encodeInto(word, buffer);
    if (model.wholeWordsFirst) {
      const whole = ids.get(Array.from(buffer.subarray(0, written), (byte) => BYTE_CHARACTERS[byte]!).join(""));
      if (whole !== undefined) return Int32Array.of(whole);
    }
    let length = 0;
    for (let i = 0; i < written; i++) {
      const id = byteIds[buffer[i]!]!;
      // Bytes without a token are left out, as the Rust library does.
      if (id !== -1) symbols[length++] = id;
    }
    return symbols.slice(0, mergeWord(symbols, length, rules));
  };

  const recall = (word: string): Int32Array => {
    const known = remembered.get(word);
    if (known) return known;
    const made = encodeWord(word);
    if (word.length > REMEMBERED_LENGTH) return made;
    if (remembered.size >= REMEMBERED_WORDS) remembered.clear();
    remembered.set(detach(word), made);
    return made;
  };

  return (text) => {
    const list = createTokenList(text.length);
    for (let at = 0; at < text.length; ) {
      const next = end(text, at);
      list.add(recall(text.slice(at, next)));
      at = next;
    }
    return list.finish();
  };
}

function startDecoding(bytesFor: (id: number) => Uint8Array): StreamDecoder {
  const decoder = newDecoder();
  return { push: (id) => decoder.decode(bytesFor(id), { stream: true }), finish: () => decoder.decode(NOTHING) };
}

/** The text of whole characters, or each byte by its number. */
function spellReadably(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : `<0x${byte.toString(16).toUpperCase()}>`)).join("");
  }
}
