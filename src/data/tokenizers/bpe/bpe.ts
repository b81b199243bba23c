/**
 * Byte-level BPE trained in the page (Sennrich et al. 2016; GPT-2's bytes and patterns). In: text. Out: a vocabulary that
 * begins with the end of text, the padding and the 256 bytes, and goes on with the pairs that stood most often.
 */
import { z } from "zod";
import { choice } from "../../../settings/field";
import type { TokenizerKind, TrainOptions, TrainedTokenizer } from "../tokenizer";
import { countWords, layOutWords, readSettings, startPace, watchMerges } from "../training";
import { minimumFrequency, noteShortage, vocabularySize } from "../trainingFields";
import { ALPHABET, BYTE_CHARACTERS } from "./byteAlphabet";
import { createByteLevelTokenizer } from "./byteLevel";
import { learnMerges } from "./learnMerges";
import { loadModel } from "./model";
import { PATTERNS, findPattern } from "./patterns";

export const SEPARATOR_TEXT = "<|endoftext|>";
/** Never the separator: a loss that leaves padding out would leave the end of text out, and the model would never stop. */
export const PAD_TEXT = "<|pad|>";
const BEFORE_MERGES = [SEPARATOR_TEXT, PAD_TEXT, ...ALPHABET];
const UTF8_BYTES_PER_UNIT = 3;

const settings = z.object({
  vocabularySize,
  minimumFrequency,
  wordPattern: choice({
    label: "Words", help: "How text is cut into words; no token reaches over two words.", group: "Data", default: "gpt2", advanced: true,
    options: PATTERNS.filter(({ regex }) => regex !== "").map(({ id, label, summary }) => ({ id, label, summary })),
  }),
});

async function train(text: AsyncIterable<string>, options: TrainOptions = {}): Promise<TrainedTokenizer> {
  const chosen = readSettings(settings, options.settings);
  const pace = startPace(options);
  const { end } = findPattern(chosen.wordPattern)!;
  const scan = (part: string, visit: (start: number, end: number) => void): void => {
    for (let at = 0; at < part.length; ) {
      const next = end(part, at);
      visit(at, next);
      at = next;
    }
  };
  const { words, notes } = await countWords(text, scan, options, pace);
  const learned = await learnMerges(layOutBytes(words), {
    tokens: BEFORE_MERGES,
    spell: (left, right) => left + right,
    vocabularySize: chosen.vocabularySize,
    minimumFrequency: chosen.minimumFrequency,
    breathe: () => pace.breathe(),
    onMerge: watchMerges(pace, BEFORE_MERGES.length, chosen.vocabularySize, (token) => token),
  });
  const tokenizer = createByteLevelTokenizer({
    tokens: learned.tokens,
    merges: learned.merges.map(({ left, right, result }) => ({ left, right, result })),
    added: [{ id: 0, text: SEPARATOR_TEXT, special: true }, { id: 1, text: PAD_TEXT, special: true }],
    pattern: chosen.wordPattern,
    separator: 0,
    pad: 1,
  });
  return { tokenizer, notes: [...notes, ...noteShortage(learned.tokens.length, chosen)] };
}

function layOutBytes(words: ReadonlyMap<string, number>): ReturnType<typeof layOutWords> {
  const ids = new Map(BEFORE_MERGES.map((token, id) => [token, id]));
  const idOfByte = BYTE_CHARACTERS.map((character) => ids.get(character)!);
  const utf8 = new TextEncoder();
  return layOutWords(words, UTF8_BYTES_PER_UNIT, (word, symbols, at) => {
    for (const byte of utf8.encode(word)) symbols[at++] = idOfByte[byte]!;
    return at;
  });
}

export const bpe: TokenizerKind = {
  id: "bpe",
  label: "Byte pairs (BPE)",
  unit: { one: "token", many: "tokens" },
  summary: "Frequent words and parts of words, learned from the text; can spell any text. What large models use.",
  settings,
  learnsFrom: "training",
  version: 1,
  train,
  restore: (json) => createByteLevelTokenizer(loadModel(json)),
};
