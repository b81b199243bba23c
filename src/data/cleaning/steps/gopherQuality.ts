/**
 * The quality rules of Gopher (Rae et al. 2021, appendix A1.1), with datatrove's limits. In: a text. Out: the first rule it breaks. Words are those of textUnits.ts without lone symbols. Unlike datatrove, the frequent words
 * are found whatever their case, and "-" and "*" count as bullets as "•" does. These rules were made for web pages; presets loosen them for short texts.
 */
import { z } from "zod";
import { decimal, integer } from "../../../settings/field";
import { defineTextStep, type Drop } from "../defineStep";
import { atLeast, atMost, shareOf } from "../limits";
import { countMatches, findLines, findTokens, isSymbol } from "../textUnits";

const settings = z.object({
  fewestWords: integer({ label: "Fewest words", help: "Drops shorter texts.", group: "Data", unit: "words", min: 0, max: 1_000_000, step: 1, default: 50 }),
  mostWords: integer({ label: "Most words", help: "Drops longer texts.", group: "Data", unit: "words", min: 1, max: 10_000_000, step: 1, default: 100_000 }),
  shortestMean: decimal({ label: "Shortest mean word", help: "Drops texts of very short words, such as spelled-out letters.", group: "Data", unit: "characters", min: 0, max: 100, step: 0.5, default: 3 }),
  longestMean: decimal({ label: "Longest mean word", help: "Drops texts of very long words, such as codes.", group: "Data", unit: "characters", min: 0, max: 1000, step: 0.5, default: 10 }),
  hashes: decimal({ label: "# per word", help: "Drops texts with more hash signs per word.", group: "Data", min: 0, max: 10, step: 0.05, default: 0.1 }),
  ellipses: decimal({ label: "… per word", help: "Drops texts with more ellipses per word.", group: "Data", min: 0, max: 10, step: 0.05, default: 0.1 }),
  bulletLines: decimal({ label: "Lines that are list items", help: "Drops texts with a larger share; 1 drops none.", group: "Data", min: 0, max: 1, step: 0.05, default: 0.9 }),
  ellipsisLines: decimal({ label: "Lines that end in …", help: "Drops texts with a larger share; 1 drops none.", group: "Data", min: 0, max: 1, step: 0.05, default: 0.3 }),
  letterWords: decimal({ label: "Words with a letter", help: "Drops texts with a smaller share; 0 drops none.", group: "Data", min: 0, max: 1, step: 0.05, default: 0.8 }),
  frequentWords: integer({ label: "Different frequent words", help: "Of the, be, to, of, and, that, have, with; drops texts with fewer. 0 for other languages than English.", group: "Data", min: 0, max: 8, step: 1, default: 2 }),
});

const FREQUENT = new Set(["the", "be", "to", "of", "and", "that", "have", "with"]);
const BULLET = /^\s*[•‣◦⁃▪*-]/;
const ENDS_IN_ELLIPSIS = /(?:\.\.\.|…)\s*$/;
const HAS_LETTER = /\p{L}/u;

export function judgeGopherQuality(text: string, limits: z.output<typeof settings>): Drop | undefined {
  const tokens = findTokens(text);
  const words = tokens.filter((token) => !isSymbol(token));
  const lines = findLines(text);
  const meanLength = shareOf(words.reduce((sum, word) => sum + word.length, 0), words.length);
  const ellipses = countMatches(text, "...") + countMatches(text, "…");
  const shareOfLines = (pattern: RegExp): number => shareOf(lines.filter((line) => pattern.test(line)).length, lines.length);
  return atLeast("Words", words.length, limits.fewestWords)
    ?? atMost("Words", words.length, limits.mostWords)
    ?? (words.length > 0 ? atLeast("Mean word length", meanLength, limits.shortestMean) : undefined)
    ?? atMost("Mean word length", meanLength, limits.longestMean)
    ?? atMost("Hash signs per word", shareOf(countMatches(text, "#"), words.length), limits.hashes)
    ?? atMost("Ellipses per word", shareOf(ellipses, words.length), limits.ellipses)
    ?? atMost("Share of list items", shareOfLines(BULLET), limits.bulletLines)
    ?? atMost("Share of lines that end in …", shareOfLines(ENDS_IN_ELLIPSIS), limits.ellipsisLines)
    ?? (tokens.length > 0 ? atLeast("Share of words with a letter", shareOf(words.filter((word) => HAS_LETTER.test(word)).length, words.length), limits.letterWords) : undefined)
    ?? atLeast("Different frequent words", new Set(words.map((word) => word.toLowerCase()).filter((word) => FREQUENT.has(word))).size, limits.frequentWords);
}

export const gopherQuality = defineTextStep({
  id: "gopher-quality",
  label: "Gopher quality",
  summary: "Drops texts with too few or too odd words, or that are mostly lists, hashes or ellipses.",
  words: "massivetext stop words word length symbols bullets ellipsis hashtags low quality filter",
  group: "Quality",
  defaultColumns: "text",
  version: 1,
  settings,
  presets: [
    { label: "Web pages", settings: {} },
    { label: "Short messages", settings: { fewestWords: 1, mostWords: 2000, shortestMean: 1, longestMean: 20, hashes: 1, ellipses: 1, bulletLines: 1, ellipsisLines: 1, letterWords: 0.5, frequentWords: 0 } },
    { label: "Instructions", settings: { fewestWords: 3, mostWords: 20_000, shortestMean: 2, longestMean: 15, hashes: 0.5, ellipses: 0.3, bulletLines: 1, ellipsisLines: 0.5, letterWords: 0.6, frequentWords: 0 } },
  ],
  start: (limits) => ({ readText: (text) => judgeGopherQuality(text, limits) }),
});
