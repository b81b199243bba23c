/**
 * Texts inside a conversation. In: a cell of JSON text, as a column of messages keeps it. Out: each text said in it with the place of its string literal, and edits of such a text as edits of
 * the JSON. Only the literals that change are written anew: all else, numbers too large for a double included, stays as it was written.
 */
import type { TextEdit } from "../types/cleaning";

export interface MessageText {
  /** Place of the literal, quotation marks included. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

// "content" of messages, "text" of their parts, "value" as ShareGPT calls it. Within a string a quotation mark is escaped, so nothing there looks like a key.
const SAID = /"(?:content|text|value)"\s*:\s*("(?:[^"\\]|\\.)*")/g;

export function findMessageTexts(json: string): MessageText[] {
  return Array.from(json.matchAll(SAID), ({ 0: whole, 1: literal, index }) => {
    const end = index + whole.length;
    return { start: end - literal!.length, end, text: JSON.parse(literal!) as string };
  });
}

export function writeMessageText({ start, end }: MessageText, after: string): TextEdit {
  return { start, end, text: JSON.stringify(after) };
}
