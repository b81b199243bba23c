/**
 * One token per Unicode code point. In: text. Out: ids in code-point order after id 0, the unknown token, which stands for
 * every character outside the vocabulary (and for U+FFFD itself and lone surrogates), so any prompt can be encoded.
 */
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import { writeLetters } from "./tokenizerJson/write";
import type { Tokenizer, TokenizerKind, Trace, TrainedTokenizer } from "./tokenizer";

/** A larger vocabulary makes the output layer the whole model; the rarest characters become unknown instead. */
export const MAX_CHARACTERS = 4096;
export const UNKNOWN_ID = 0;
const UNKNOWN_TEXT = "\uFFFD";
const UNKNOWN_CODE = 0xfffd;
const BMP = 0x10000;

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** A tokenizer for these code points, ascending and distinct; UNKNOWN_CODE and surrogates are not among them. */
export function makeCharacterTokenizer(codes: readonly number[]): Tokenizer {
  // A flat table for the basic plane keeps encoding at memory speed; the few astral characters go through a map.
  const basic = new Uint32Array(BMP);
  const astral = new Map<number, number>();
  const texts = [UNKNOWN_TEXT];
  for (const code of codes) {
    if (code < BMP) basic[code] = texts.length;
    else astral.set(code, texts.length);
    texts.push(String.fromCodePoint(code));
  }
  const tokenText = (id: number): string => texts[id] ?? UNKNOWN_TEXT;
  const encode = (text: string): Uint32Array => {
    const ids = new Uint32Array(text.length);
    let count = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (isSurrogate(unit)) {
        const code = text.codePointAt(i)!;
        if (code >= BMP) i++;
        ids[count++] = astral.get(code) ?? UNKNOWN_ID;
      } else {
        ids[count++] = basic[unit]!;
      }
    }
    return ids.subarray(0, count);
  };

  return {
    id: "characters",
    vocabularySize: texts.length,
    unknown: UNKNOWN_ID,
    encode,
    trace: (text) => traceCharacters(text, encode(text)),
    decode(ids) {
      let text = "";
      for (let i = 0; i < ids.length; i++) text += tokenText(ids[i]!);
      return text;
    },
    tokenText,
    toJSON: () => JSON.stringify({ tokenizer: "characters", characters: texts.slice(1).join("") }),
    toFiles: () => writeLetters(texts, UNKNOWN_ID),
    startDecoding: () => ({ push: tokenText, finish: () => "" }),
  };
}

function traceCharacters(text: string, ids: Uint32Array): Trace {
  const starts = new Uint32Array(ids.length);
  const ends = new Uint32Array(ids.length);
  for (let i = 0, at = 0; i < ids.length; i++) {
    starts[i] = at;
    at += text.codePointAt(at)! >= BMP ? 2 : 1;
    ends[i] = at;
  }
  return { ids, starts, ends };
}

/** How often each code point occurs; lone surrogates and U+FFFD are left to the unknown token. */
async function countCharacters(text: AsyncIterable<string>): Promise<Map<number, number>> {
  const basic = new Float64Array(BMP);
  const counts = new Map<number, number>();
  for await (const chunk of text) {
    for (let i = 0; i < chunk.length; i++) {
      const unit = chunk.charCodeAt(i);
      if (!isSurrogate(unit)) {
        basic[unit]!++;
        continue;
      }
      const code = chunk.codePointAt(i)!;
      if (code < BMP) continue;
      i++;
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
  }
  basic.forEach((count, code) => {
    if (count > 0 && code !== UNKNOWN_CODE) counts.set(code, count);
  });
  return counts;
}

async function train(text: AsyncIterable<string>): Promise<TrainedTokenizer> {
  const counts = await countCharacters(text);
  const byFrequency = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || a - b);
  const kept = byFrequency.slice(0, MAX_CHARACTERS).sort((a, b) => a - b);
  const dropped = byFrequency.slice(MAX_CHARACTERS);
  const notes: string[] = [];
  if (dropped.length > 0) {
    const occurrences = dropped.reduce((sum, code) => sum + counts.get(code)!, 0);
    notes.push(
      `The text has ${counts.size.toLocaleString("en")} different characters; the ${MAX_CHARACTERS.toLocaleString("en")} most frequent are tokens, ` +
        `the other ${dropped.length.toLocaleString("en")} (${occurrences.toLocaleString("en")} places) became the unknown token. The bytes tokenizer keeps them all.`,
    );
  }
  return { tokenizer: makeCharacterTokenizer(kept), notes };
}

const savedSchema = z.object({ tokenizer: z.literal("characters"), characters: z.string() });

function restore(json: string): Tokenizer {
  const codes = parseCodes(json);
  const ascending = codes?.every((code, i) => !isSurrogate(code) && code !== UNKNOWN_CODE && (i === 0 || code > codes[i - 1]!));
  if (!codes || !ascending || codes.length > MAX_CHARACTERS) {
    throw new FailureError({
      kind: "bad-file",
      message: "The saved character tokenizer is damaged: it is not a list of distinct characters in order.",
      hint: "Prepare the dataset again, or start a new run.",
    });
  }
  return makeCharacterTokenizer(codes);
}

function parseCodes(json: string): number[] | undefined {
  try {
    const saved = savedSchema.parse(JSON.parse(json));
    return Array.from(saved.characters, (character) => character.codePointAt(0)!);
  } catch {
    return undefined;
  }
}

export const characters: TokenizerKind = {
  id: "characters",
  label: "Characters",
  unit: { one: "letter", many: "letters" },
  summary: "One token per letter, digit or sign found in the text. Small and easy to read.",
  settings: z.object({}),
  learnsFrom: "everything",
  version: 1,
  train,
  restore,
};
