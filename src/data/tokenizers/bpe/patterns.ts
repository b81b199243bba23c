/**
 * How text is cut into words before pairs are merged. In: a text and where a word begins. Out: where it ends. Each pattern is
 * a regular expression known by its exact text (GPT-2, Llama 3, Qwen 2) and here a scanner that says the same in one pass
 * without going back, whatever the text; `patterns.test.ts` holds the two against each other.
 */
import { LETTER, NUMBER, OTHER, SPACE, basicClasses, classOf } from "./characterClass";

export interface Pattern {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  /** The regular expression as tokenizer.json spells it. */
  readonly regex: string;
  /** Where the word that begins at `at` ends; `at` is less than the length of the text and no second half of a character. */
  readonly end: (text: string, at: number) => number;
}

const APOSTROPHE = 0x27;
const BLANK = 0x20;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

const basic = basicClasses();
const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800;

function classAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return isHigh(unit) ? classOf(text.codePointAt(at)!) : basic[unit]!;
}

const widthAt = (text: string, at: number): number => (isHigh(text.charCodeAt(at)) && text.codePointAt(at)! > 0xffff ? 2 : 1);

/** Where the run of characters of one class that begins at `at` ends. */
function runEnd(text: string, at: number, of: number): number {
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (isHigh(unit)) {
      if (classOf(text.codePointAt(at)!) !== of) break;
      at += widthAt(text, at);
    } else {
      if (basic[unit] !== of) break;
      at++;
    }
  }
  return at;
}

/** `\s+(?!\S)|\s+`: white space leaves its last character to the word behind it, unless it is the only one. */
function spaceEnd(text: string, at: number): number {
  const end = runEnd(text, at, SPACE);
  return end === text.length || end === at + 1 ? end : end - 1;
}

/** Length of `'s`, `'t`, `'re` … at `at`, or 0; `fold` maps a unit to the lower-case unit it counts as. */
function contractionAt(text: string, at: number, fold: (unit: number) => number): number {
  if (text.charCodeAt(at) !== APOSTROPHE || at + 1 >= text.length) return 0;
  const first = String.fromCharCode(fold(text.charCodeAt(at + 1)));
  if (first === "s" || first === "t" || first === "m" || first === "d") return 2;
  if (at + 2 >= text.length) return 0;
  const both = first + String.fromCharCode(fold(text.charCodeAt(at + 2)));
  return both === "re" || both === "ve" || both === "ll" ? 3 : 0;
}

const asItIs = (unit: number): number => unit;
/** What `(?i:…)` takes for the letters of the contractions: ASCII capitals, and the long s. */
const ignoringCase = (unit: number): number => (unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit === 0x17f ? 0x73 : unit);

function gpt2End(text: string, at: number): number {
  const contraction = contractionAt(text, at, asItIs);
  if (contraction > 0) return at + contraction;
  const first = text.charCodeAt(at) === BLANK && at + 1 < text.length ? at + 1 : at;
  const kind = classAt(text, first);
  return kind === SPACE ? spaceEnd(text, at) : runEnd(text, first, kind);
}

function numberEnd(text: string, at: number, most: number): number {
  for (let digits = 0; digits < most && at < text.length && classAt(text, at) === NUMBER; digits++) at += widthAt(text, at);
  return at;
}

const isLineBreak = (unit: number): boolean => unit === NEWLINE || unit === RETURN;

/** `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line break of the white space, if it has one. */
function brokenSpaceEnd(text: string, at: number): number {
  const end = runEnd(text, at, SPACE);
  for (let i = end; i > at; i--) if (isLineBreak(text.charCodeAt(i - 1))) return i;
  return spaceEnd(text, at);
}

function gpt4End(text: string, at: number, digits: number): number {
  const contraction = contractionAt(text, at, ignoringCase);
  if (contraction > 0) return at + contraction;
  const unit = text.charCodeAt(at);
  const kind = classAt(text, at);
  if (kind === LETTER) return runEnd(text, at, LETTER);
  if (kind === NUMBER) return numberEnd(text, at, digits);
  const next = at + widthAt(text, at);
  const nextKind = next < text.length ? classAt(text, next) : SPACE;
  if (nextKind === LETTER && !isLineBreak(unit)) return runEnd(text, next, LETTER);
  if (kind === OTHER || (unit === BLANK && nextKind === OTHER)) {
    let end = runEnd(text, kind === OTHER ? at : next, OTHER);
    while (end < text.length && isLineBreak(text.charCodeAt(end))) end++;
    return end;
  }
  return brokenSpaceEnd(text, at);
}

const gpt4Regex = (digits: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

export const PATTERNS: readonly Pattern[] = [
  {
    id: "gpt2",
    label: "GPT-2",
    summary: "Words with the space before them, numbers, signs.",
    regex: "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
    end: gpt2End,
  },
  {
    id: "gpt4",
    label: "GPT-4",
    summary: "As Llama 3 does: numbers in groups of three digits, line breaks kept together, contractions in capitals too.",
    regex: gpt4Regex("\\p{N}{1,3}"),
    end: (text, at) => gpt4End(text, at, 3),
  },
  {
    id: "qwen2",
    label: "Qwen 2",
    summary: "As GPT-4, with every digit on its own.",
    regex: gpt4Regex("\\p{N}"),
    end: (text, at) => gpt4End(text, at, 1),
  },
  { id: "whole", label: "None", summary: "The text is one word.", regex: "", end: (text) => text.length },
];

export const findPattern = (id: string): Pattern | undefined => PATTERNS.find((pattern) => pattern.id === id);
