/** The fields that steps about copies share, and what they mean for the finders. */
import { choice, decimal, integer, toggle } from "../../settings/field";
import { LONG_TEXTS, SHORT_TEXTS, type NearSettings } from "./near";
import type { Simplification } from "./simplify";
import { chanceOfCandidate } from "./sketch";

export const simplifyFields = {
  withoutPunctuation: toggle({ label: "Ignore punctuation", help: "Texts that differ only in punctuation and symbols count as the same.", group: "Data", default: false }),
  digitsAsZero: toggle({ label: "Ignore digits", help: "Texts that differ only in their digits count as the same: \"order 17\" and \"order 42\".", group: "Data", default: false }),
  withoutDiacritics: toggle({ label: "Ignore diacritics", help: "\"café\" counts as \"cafe\".", group: "Data", default: false }),
} as const;

export const keepField = choice({
  label: "Keep", help: "Which row of several copies stays.", group: "Data", default: "first",
  options: [
    { id: "first", label: "The first", summary: "The row that comes first." },
    { id: "longest", label: "The longest", summary: "The row with the longest text." },
    { id: "most complete", label: "The most complete", summary: "The row with the fewest missing cells." },
  ],
});

export const nearFields = {
  compare: choice({
    label: "Compare by", help: "Pieces that are counted to say how alike two texts are.", group: "Data", default: "characters",
    options: [
      { id: "characters", label: "Five characters", summary: "For messages and sentences." },
      { id: "words", label: "Five words", summary: "For articles and web pages, as FineWeb was made." },
    ],
  }),
  threshold: decimal({ label: "Similarity", help: "Share of pieces that two texts have in common, from which on they are near-duplicates; lower finds more.", group: "Data", min: 0.5, max: 1, step: 0.05, default: 0.8 }),
  seed: integer({ label: "Seed of the sketch", help: "Another seed misses other borderline pairs.", group: "Data", min: 0, max: 2 ** 31 - 1, step: 1, default: 1, advanced: true }),
} as const;

interface NearChoice {
  readonly compare: "characters" | "words";
  readonly threshold: number;
  readonly seed: number;
}

export function nearSettings({ compare, threshold, seed }: NearChoice): NearSettings {
  return { ...(compare === "characters" ? SHORT_TEXTS : LONG_TEXTS), threshold, seed };
}

/** What a person should know about the search: it is by chance, and how rarely it misses. */
export function describeChance(settings: NearSettings): string {
  const found = chanceOfCandidate(settings.threshold, settings);
  const share = found > 0.9995 ? "more than 99.9" : (100 * found).toFixed(1);
  return `A pair of texts at a similarity of ${settings.threshold} is found with a chance of ${share}%, a closer one more surely; no pair below it is joined.`;
}

export const pickSimplification = ({ withoutPunctuation, digitsAsZero, withoutDiacritics }: Simplification): Simplification => ({ withoutPunctuation, digitsAsZero, withoutDiacritics });
