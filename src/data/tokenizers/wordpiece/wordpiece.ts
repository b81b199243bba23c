/**
 * WordPiece trained in the page, for models like BERT. In: text. Out: a vocabulary of the special tokens, the letters, the
 * letters that go on with a word, and the pairs that stood most often, as WordPieceTrainer in Hugging Face's `tokenizers` learns
 * it: byte-pair encoding over letters, of which those after the first are marked "##".
 */
import { z } from "zod";
import { toggle } from "../../../settings/field";
import { type Learned, type LearnOptions, learnMerges } from "../bpe/learnMerges";
import type { TokenizerKind, TrainOptions, TrainedTokenizer } from "../tokenizer";
import { countWords, layOutWords, readSettings, startPace, watchMerges } from "../training";
import { minimumFrequency, noteShortage, vocabularySize } from "../trainingFields";
import { type BertTextRules, normalizeBertText, scanBertWords } from "./bertText";
import { CONTINUES, loadWordPieceModel } from "./model";
import { createWordPieceTokenizer } from "./wordPieces";

export const SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;
export const LONGEST_WORD = 100;
/** BERT's own limit: rarer letters become unknown instead of filling the vocabulary. */
const MOST_LETTERS = 1000;

const settings = z.object({
  vocabularySize,
  minimumFrequency,
  lowercase: toggle({ label: "Lower case", help: "Capitals become small letters, so that a word is one token wherever it stands.", group: "Data", default: true }),
  stripAccents: toggle({ label: "Strip accents", help: "Letters lose their accents: é becomes e.", group: "Data", default: true, advanced: true }),
});

/** The letters by frequency, as many as fit; how many places the others have. */
export function chooseLetters(words: ReadonlyMap<string, number>, most: number): { letters: string[]; leftOut: number; places: number } {
  const counts = new Map<string, number>();
  for (const [word, count] of words) for (const letter of word) counts.set(letter, (counts.get(letter) ?? 0) + count);
  const byCode = (a: string, b: string): number => a.codePointAt(0)! - b.codePointAt(0)!;
  const byFrequency = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || byCode(a, b));
  const others = byFrequency.slice(most);
  return { letters: byFrequency.slice(0, most).sort(byCode), leftOut: others.length, places: others.reduce((sum, letter) => sum + counts.get(letter)!, 0) };
}

/** Letters that stand after the first of a word, marked, in the order of their code points. */
function continuations(words: ReadonlyMap<string, number>, letters: readonly string[]): string[] {
  const inside = new Set<string>();
  for (const word of words.keys()) {
    const [, ...rest] = word;
    for (const letter of rest) inside.add(letter);
  }
  return letters.filter((letter) => inside.has(letter)).map((letter) => CONTINUES + letter);
}

/** Merges pieces of words, beginning with `tokens`; letters that are not among them are passed over. */
export function learnPieces(words: ReadonlyMap<string, number>, options: Omit<LearnOptions, "spell">): Promise<Learned> {
  const ids = new Map(options.tokens.map((token, id) => [token, id]));
  const list = layOutWords(words, 1, (word, symbols, at) => {
    let isFirst = true;
    for (const letter of word) {
      const id = ids.has(letter) ? ids.get(isFirst ? letter : CONTINUES + letter) : undefined;
      if (id !== undefined) symbols[at++] = id;
      isFirst = false;
    }
    return at;
  });
  const spell = (left: string, right: string): string => left + (right.startsWith(CONTINUES) ? right.slice(CONTINUES.length) : right);
  return learnMerges(list, { ...options, spell });
}

async function* normalizeChunks(text: AsyncIterable<string>, rules: BertTextRules): AsyncGenerator<string> {
  for await (const chunk of text) yield normalizeBertText(chunk, rules);
}

async function train(text: AsyncIterable<string>, options: TrainOptions = {}): Promise<TrainedTokenizer> {
  const chosen = readSettings(settings, options.settings);
  const { lowercase, stripAccents } = chosen;
  const rules: BertTextRules = { cleaned: true, lowercase, stripAccents, spacedChinese: true };
  const pace = startPace(options);
  const { words, notes } = await countWords(normalizeChunks(text, rules), scanBertWords, options, pace);
  const room = Math.min(MOST_LETTERS, Math.floor((chosen.vocabularySize - SPECIALS.length) / 2));
  const { letters, leftOut, places } = chooseLetters(words, room);
  const tokens = [...SPECIALS, ...letters, ...continuations(words, letters)];
  const learned = await learnPieces(words, {
    tokens,
    vocabularySize: chosen.vocabularySize,
    minimumFrequency: chosen.minimumFrequency,
    breathe: () => pace.breathe(),
    onMerge: watchMerges(pace, tokens.length, chosen.vocabularySize, (token) => token),
  });
  const own: string[] = [];
  if (leftOut > 0) own.push(`The ${letters.length.toLocaleString("en")} most frequent characters are in the vocabulary; ${leftOut.toLocaleString("en")} others (${places.toLocaleString("en")} places) make their words unknown.`);
  own.push(...noteShortage(learned.tokens.length, chosen));
  const tokenizer = createWordPieceTokenizer({
    tokens: learned.tokens, rules, longestWord: LONGEST_WORD,
    added: SPECIALS.map((name, id) => ({ id, text: name, special: true })),
    pad: SPECIALS.indexOf("[PAD]"), unknown: SPECIALS.indexOf("[UNK]"), separator: SPECIALS.indexOf("[SEP]"),
  });
  return { tokenizer, notes: [...notes, ...own] };
}

export const wordpiece: TokenizerKind = {
  id: "wordpiece",
  label: "WordPiece",
  unit: { one: "token", many: "tokens" },
  summary: "Words and parts of words as BERT cuts them; capitals, accents and white space are simplified and do not come back.",
  settings,
  learnsFrom: "training",
  version: 1,
  train,
  restore: (json) => createWordPieceTokenizer(loadWordPieceModel(json)),
};
