/**
 * Words, lines, paragraphs and sentences, one definition for every rule that counts them. In: a text. Out: its parts. A **word** is a run of
 * letters, marks and digits, with apostrophes, hyphens and dots inside it ("don't", "3.14"); each Han, Hiragana or Katakana character is a word of its own,
 * since these scripts put no spaces between words. A **symbol** is any other run of one and the same character. **Lines** end as in Python's `splitlines`, **paragraphs**
 * at two or more line feeds, both as in datatrove; a **sentence** ends at a terminal mark before white space and what is no small letter.
 */

const WORD = "[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}]|(?:(?![\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}])[\\p{L}\\p{M}\\p{N}])+(?:['’.\\-_](?:(?![\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}])[\\p{L}\\p{M}\\p{N}])+)*";
const WORDS = new RegExp(WORD, "gu");
const TOKENS = new RegExp(`${WORD}|([^\\s\\p{L}\\p{M}\\p{N}])\\1*`, "gu");
const IS_SYMBOL = /^[^\p{L}\p{M}\p{N}]/u;
const LINE_END = /\r\n|[\n\r\v\f\x1C-\x1E\u0085\u2028\u2029]/;
// Begins at what follows the mark, so that a million marks in a row are looked at once each.
const SENTENCE_END = /(?<=[.!?…]["'”’)\]]{0,3})\s+(?=[^\s\p{Ll}])|(?<=[。！？][」』）”]{0,3})(?=[^。！？」』）”])/u;

export const findWords = (text: string): string[] => text.match(WORDS) ?? [];

/** Words and symbols in order; what a tokenizer for English would give. */
export const findTokens = (text: string): string[] => text.match(TOKENS) ?? [];

export const isSymbol = (token: string): boolean => IS_SYMBOL.test(token);

/** Without their line ends; a line end at the very end begins no further line. */
export function findLines(text: string): string[] {
  const lines = text.split(LINE_END);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

export interface PlacedLine {
  readonly start: number;
  /** Before the line end. */
  readonly end: number;
  /** After the line end. */
  readonly next: number;
}

export function placeLines(text: string): PlacedLine[] {
  const lines: PlacedLine[] = [];
  let start = 0;
  for (const { 0: mark, index } of text.matchAll(new RegExp(LINE_END, "g"))) {
    lines.push({ start, end: index, next: index + mark.length });
    start = index + mark.length;
  }
  if (start < text.length) lines.push({ start, end: text.length, next: text.length });
  return lines;
}

export const findParagraphs = (text: string): string[] => text.trim().split(/\n{2,}/);

export const findSentences = (text: string): string[] => text.split(SENTENCE_END).filter((sentence) => sentence.trim() !== "");

/** Unicode code points. */
export function countCharacters(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at++) {
    const isPair = (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    if (isPair) {
      count--;
      at++;
    }
  }
  return count;
}

export function countMatches(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
