/**
 * Cuts a text into paragraphs, each with the blank lines that follow it, so that joining them gives the text back. In: pieces of text
 * that never split a character. Out: paragraphs, in order, none longer than 64 KB of UTF-16 (cut at a line end where there is one), so
 * that a book without blank lines is no single huge row.
 */

export interface ParagraphCutter {
  /** The paragraphs that are whole by now. */
  push(text: string): string[];
  /** What is left. */
  finish(): string[];
}

/** UTF-16 units. */
export const LONGEST_PARAGRAPH = 2 ** 16;

/** A line end and the blank lines behind it, up to where the next line with something on it begins. */
const BREAK = /\n[^\S\n]*\n(?:[^\S\n]*\n)*/g;

export function createParagraphCutter(longest = LONGEST_PARAGRAPH): ParagraphCutter {
  let held = "";

  const cut = (text: string, isLast: boolean): string[] => {
    const paragraphs: string[] = [];
    let from = 0;
    for (const { index, 0: gap } of text.matchAll(BREAK)) {
      const to = index + gap.length;
      // More blank lines, or spaces that belong to them, may follow.
      if (!isLast && !/\S/.test(text.slice(to, to + longest))) break;
      from = cutLong(text, from, to, longest, paragraphs);
      paragraphs.push(text.slice(from, to));
      from = to;
    }
    from = cutLong(text, from, text.length, longest, paragraphs);
    held = text.slice(from);
    return paragraphs;
  };

  return {
    push: (text) => cut(held + text, false),
    finish() {
      const paragraphs = cut(held, true);
      if (held) paragraphs.push(held);
      held = "";
      return paragraphs;
    },
  };
}

/** Takes pieces off text[from, to) until no more than `longest` units are left; says where the rest begins. */
function cutLong(text: string, from: number, to: number, longest: number, paragraphs: string[]): number {
  let at = from;
  while (to - at > longest) {
    const lineEnd = text.lastIndexOf("\n", at + longest - 1) + 1;
    const end = lineEnd > at ? lineEnd : at + longest - (isHighSurrogate(text, at + longest - 1) ? 1 : 0);
    paragraphs.push(text.slice(at, end));
    at = end;
  }
  return at;
}

const isHighSurrogate = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xd800;
