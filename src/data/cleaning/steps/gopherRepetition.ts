/**
 * The repetition rules of Gopher (Rae et al. 2021, table A1), measured as datatrove does (repetition.ts says where not). In: a text. Out: the first rule it breaks.
 * Shares of characters are of the whole text, white space included.
 */
import { z } from "zod";
import { decimal } from "../../../settings/field";
import { defineTextStep, type Drop } from "../defineStep";
import { atMost, shareOf } from "../limits";
import { charactersOfRepeats, charactersOfTop, countRepeats, oneWordLonger, singleWords } from "../repetition";
import { findLines, findParagraphs, findTokens } from "../textUnits";

const share = (label: string, limit: number, advanced = false): ReturnType<typeof decimal> =>
  decimal({ label, help: "Drops texts with a larger share; 1 drops none.", group: "Data", min: 0, max: 1, step: 0.01, default: limit, advanced });

const settings = z.object({
  lines: share("Repeated lines", 0.3),
  paragraphs: share("Repeated paragraphs", 0.3),
  lineCharacters: share("Characters in repeated lines", 0.2),
  paragraphCharacters: share("Characters in repeated paragraphs", 0.2),
  top2: share("Characters in the top 2 words", 0.2),
  top3: share("Characters in the top 3 words", 0.18),
  top4: share("Characters in the top 4 words", 0.16),
  repeated5: share("Characters in repeated 5 words", 0.15, true),
  repeated6: share("Characters in repeated 6 words", 0.14, true),
  repeated7: share("Characters in repeated 7 words", 0.13, true),
  repeated8: share("Characters in repeated 8 words", 0.12, true),
  repeated9: share("Characters in repeated 9 words", 0.11, true),
  repeated10: share("Characters in repeated 10 words", 0.1, true),
});
type Limits = z.output<typeof settings>;

function judgeParts(text: string, limits: Limits): Drop | undefined {
  const paragraphs = findParagraphs(text);
  const inParagraphs = countRepeats(paragraphs);
  const lines = findLines(text);
  const inLines = countRepeats(lines);
  return atMost("Share of repeated paragraphs", shareOf(inParagraphs.parts, paragraphs.length), limits.paragraphs)
    ?? atMost("Share of characters in repeated paragraphs", shareOf(inParagraphs.characters, text.length), limits.paragraphCharacters)
    ?? atMost("Share of repeated lines", shareOf(inLines.parts, lines.length), limits.lines)
    ?? atMost("Share of characters in repeated lines", shareOf(inLines.characters, text.length), limits.lineCharacters);
}

function judgeGrams(text: string, limits: Limits): Drop | undefined {
  const tops = [limits.top2, limits.top3, limits.top4];
  const repeats = [limits.repeated5, limits.repeated6, limits.repeated7, limits.repeated8, limits.repeated9, limits.repeated10];
  let grams = singleWords(findTokens(text));
  for (const limit of [...tops, ...repeats]) {
    grams = oneWordLonger(grams);
    if (grams.ids.length === 0) return undefined;
    const isTop = grams.n <= 4;
    const characters = isTop ? charactersOfTop(grams) : charactersOfRepeats(grams);
    // Places of one n-gram may overlap ("no no no"), and their characters add up to more than there are.
    const broken = atMost(`Share of characters in ${isTop ? "the top" : "repeated"} ${grams.n} words`, Math.min(1, shareOf(characters, text.length)), limit);
    if (broken) return broken;
  }
  return undefined;
}

export const judgeGopherRepetition = (text: string, limits: Limits): Drop | undefined => judgeParts(text, limits) ?? judgeGrams(text, limits);

export const gopherRepetition = defineTextStep({
  id: "gopher-repetition",
  label: "Gopher repetition",
  summary: "Drops texts that repeat their lines, paragraphs or phrases.",
  words: "massivetext repeated lines paragraphs n-grams ngrams duplicates within a text spam",
  group: "Quality",
  defaultColumns: "text",
  version: 1,
  settings,
  presets: [
    { label: "Web pages", settings: {} },
    { label: "Short messages", settings: { top2: 0.6, top3: 0.6, top4: 0.6, repeated5: 0.5, repeated6: 0.5, repeated7: 0.5, repeated8: 0.5, repeated9: 0.5, repeated10: 0.5 } },
    { label: "Instructions", settings: { top2: 0.4, top3: 0.36, top4: 0.32, repeated5: 0.3, repeated6: 0.3, repeated7: 0.3, repeated8: 0.3, repeated9: 0.3, repeated10: 0.3 } },
  ],
  start: (limits) => ({ readText: (text) => judgeGopherRepetition(text, limits) }),
});
