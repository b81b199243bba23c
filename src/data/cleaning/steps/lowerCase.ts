/**
 * Writes text in small letters. In: a text. Out: one edit per stretch of letters that change. Case is folded letter by letter by
 * Unicode's rules without a locale, so "I" becomes "i" everywhere; "İ" becomes two code units, which is why these are edits.
 */
import { z } from "zod";
import type { TextEdit } from "../../types/cleaning";
import { defineTextStep } from "../defineStep";

const CAPITALS = /[\p{Lu}\p{Lt}\u{24B6}-\u{24CF}\u2160-\u216F]+/gu;

function findCapitals(text: string): TextEdit[] {
  const lower = text.toLowerCase();
  if (lower === text) return [];
  return Array.from(text.matchAll(CAPITALS), ({ 0: found, index }) => ({ start: index, end: index + found.length, text: lowerAt(lower, text, index, found) }))
    .filter((edit) => edit.text !== text.slice(edit.start, edit.end));
}

/** A sigma's small letter depends on what follows, so the letters are taken from the whole text in small letters where lengths agree. */
const lowerAt = (lower: string, text: string, index: number, found: string): string =>
  lower.length === text.length ? lower.slice(index, index + found.length) : found.toLowerCase();

export const lowerCase = defineTextStep({
  id: "lower-case",
  label: "Lower case",
  summary: "Writes everything in small letters, which halves a small vocabulary and loses names and sentence starts.",
  words: "lowercase uppercase capitals capital letters casing fold",
  group: "Text",
  defaultColumns: "text",
  version: 1,
  settings: z.object({}),
  start: () => ({ readText: findCapitals }),
});
