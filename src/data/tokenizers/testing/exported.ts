/**
 * What the checks of exported tokenizers share: tokenizers of every kind, learned from one text, and strings to try them on.
 * In: nothing but seeds. Out: the same in every run, so that what the Python library made of them can be kept as hashes.
 */
import { type Tokenizer, findTokenizer } from "..";

/** A small generator of pseudo-random numbers (mulberry32), so that the strings hang on no library. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS = "It was the best of times , it was the worst age wisdom foolishness epoch belief season Light Darkness hope despair don't we'll I'M THEY'RE 1859 x² naïve Größe œuvre 東京 日本語 한국어 Привет мир שלום नमस्ते".split(" ");

export const TRAINING_TEXT = ((): string => {
  const random = createRandom(7);
  return Array.from({ length: 4000 }, () => WORDS[Math.floor(random() ** 2 * WORDS.length)]!).join(" ");
})();

const NASTY = [
  ...WORDS, " ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", "\u000b", "\u0085", "\u00a0", "\u3000", "\u2028", "\ufeff", "\u200b", "\u200d", "\u0000", "\u001c", "\u007f", "\u00ad", "\u202e", "'", "'s", "'LL", "''", "’s", "\"",
  "...", "…", "!?", "--", "_", "##", "##a", "[", "]", "<|", "|>", "0", "42", "1234567", "½", "Ⅷ", "٣", "é", "e\u0301", "\u0301", "ß", "İ", "ı", "ﬁ", "Å", "Ω", "中", "文", "\ufffd", "\ue000", "\u{1F600}",
  "👩‍👩‍👧", "🇩🇪", "👍🏽", "𝐀", "𝟘", "\u{10FFFF}", "Ġ", "Ċ", "▁", "the", " the", "THE", "a", "b", "aaaa", "ab".repeat(30), "~`^$+<=>",
];

/** Well-formed strings; names of special tokens do not occur, because other readers take them for the tokens. */
export function makeStrings(count: number, seed: number): string[] {
  const random = createRandom(seed);
  const pick = (): string => {
    if (random() < 0.85) return NASTY[Math.floor(random() * NASTY.length)]!;
    // Letters, numbers and signs of the oldest part of Unicode, which all libraries classify alike.
    return String.fromCodePoint(0x20 + Math.floor(random() * 0x230));
  };
  return Array.from({ length: count }, () => Array.from({ length: 1 + Math.floor(random() * 14) }, pick).join(""));
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

const CHOICES: readonly (readonly [name: string, kind: string, settings: Record<string, number | string | boolean>])[] = [
  ["bytes", "bytes", {}],
  ["characters", "characters", {}],
  ["bpe-gpt2", "bpe", { vocabularySize: 600 }],
  ["bpe-gpt4", "bpe", { vocabularySize: 600, wordPattern: "gpt4" }],
  ["bpe-qwen2", "bpe", { vocabularySize: 600, wordPattern: "qwen2" }],
  ["wordpiece", "wordpiece", { vocabularySize: 400 }],
  ["wordpiece-cased", "wordpiece", { vocabularySize: 400, lowercase: false, stripAccents: false }],
];

export async function makeTokenizers(): Promise<Map<string, Tokenizer>> {
  const made = new Map<string, Tokenizer>();
  for (const [name, kind, settings] of CHOICES) {
    made.set(name, (await findTokenizer(kind).train(once(TRAINING_TEXT), { settings })).tokenizer);
  }
  return made;
}
