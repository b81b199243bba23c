/**
 * Length of texts. In: a text. Out: nothing where its length is within the limits, else the reason why its row goes, or an edit that cuts the end off. Characters are
 * Unicode code points; words as in textUnits.ts. A cut never parts a letter from its accent nor an emoji from what joins it.
 */
import { z } from "zod";
import { choice, integer } from "../../../settings/field";
import type { TextEdit } from "../../types/cleaning";
import { defineTextStep } from "../defineStep";
import { toUtf16 } from "../edits";
import { atLeast, atMost } from "../limits";
import { countCharacters, findWords } from "../textUnits";

const settings = z.object({
  unit: choice({
    label: "Measured in", help: "What the limits count.", group: "Data", default: "characters",
    options: [
      { id: "characters", label: "Characters", summary: "Unicode code points." },
      { id: "words", label: "Words", summary: "Runs of letters and digits." },
    ],
  }),
  shortest: integer({ label: "Shortest", help: "Drops rows whose text is shorter.", group: "Data", min: 0, max: 1_000_000, step: 1, default: 1 }),
  longest: integer({ label: "Longest", help: "Rows whose text is longer are dropped or cut.", group: "Data", min: 1, max: 100_000_000, step: 1, default: 100_000 }),
  tooLong: choice({
    label: "Too long", help: "What becomes of a text over the limit.", group: "Data", default: "drop",
    options: [
      { id: "drop", label: "Drop the row", summary: "The whole row goes." },
      { id: "cut", label: "Cut the end off", summary: "The beginning stays." },
    ],
  }),
});
type Settings = z.output<typeof settings>;

/** Marks, joiners, variation selectors, skin tones: what belongs to the character before. */
const BELONGS_BEFORE = /^(?:[\p{M}\p{Emoji_Modifier}\u{E0020}-\u{E007F}]|\u200D)/u;

/** The last place at or before `at` between two characters as people see them. */
function wholeCharacters(text: string, at: number): number {
  let cut = at;
  while (cut > 0 && cut < text.length && (BELONGS_BEFORE.test(text.slice(cut, cut + 2)) || text[cut - 1] === "\u200D")) {
    cut -= (text.charCodeAt(cut - 1) & 0xfc00) === 0xdc00 ? 2 : 1;
  }
  return Math.max(0, cut);
}

function endOfWords(text: string, count: number): number {
  let [at, left] = [0, count];
  for (const word of findWords(text)) {
    if (left-- === 0) break;
    at = text.indexOf(word, at) + word.length;
  }
  return at;
}

function cutEnd(text: string, { unit, longest }: Settings, joiner: string): TextEdit[] {
  const start = unit === "words" ? endOfWords(text, longest) : wholeCharacters(text, toUtf16(text, longest));
  // A paragraph of a document keeps the line ends that part it from the next.
  let end = text.length;
  while (joiner === "" && end > start && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return end > start ? [{ start, end, text: "", what: "too long" }] : [];
}

export const length = defineTextStep({
  id: "length",
  label: "Length",
  summary: "Drops texts that are too short or too long, or cuts long ones.",
  words: "short long minimum maximum truncate cut characters words tokens size",
  group: "Quality",
  defaultColumns: "text",
  version: 1,
  settings,
  presets: [
    { label: "Web pages", settings: { unit: "words", shortest: 50, longest: 100_000, tooLong: "drop" } },
    { label: "Short messages", settings: { unit: "characters", shortest: 3, longest: 2000, tooLong: "cut" } },
    { label: "Instructions", settings: { unit: "characters", shortest: 1, longest: 20_000, tooLong: "drop" } },
  ],
  start: (chosen, { joiner }) => ({
    readText: (text) => {
      const name = chosen.unit === "words" ? "Words" : "Characters";
      const measured = chosen.unit === "words" ? findWords(text).length : countCharacters(text);
      return atLeast(name, measured, chosen.shortest)
        ?? (chosen.tooLong === "drop" ? atMost(name, measured, chosen.longest) : measured > chosen.longest ? cutEnd(text, chosen, joiner) : undefined);
    },
  }),
});
