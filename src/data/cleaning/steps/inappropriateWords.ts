/**
 * Inappropriate words. In: a text. Out: edits that mask them, a column that lists them, or the reason why a row with too many goes. Lists and their sureness (2 profane, 1 often, 0 seldom) are those of `cuss`;
 * spellings that dodge a list ("sh1t", "fuuuck") are those `obscenity` sees through, where they are a whole word. A word is no judgment: look at what is found before dropping, slurs and names of
 * groups stand side by side in such lists.
 */
import { z } from "zod";
import { choice, decimal, integer, text, toggle } from "../../../settings/field";
import { FailureError } from "../../../settings/failure";
import { column } from "../../table/table";
import { applyToTexts, defineStep, textsOf } from "../defineStep";
import { atMost, shareOf } from "../limits";
import type { StepContext, StepRun } from "../step";
import { freshName } from "../targets";
import { findWords } from "../textUnits";
import { createWordFinder, type ListedWord } from "../wordLists";

const settings = z.object({
  languages: text({ label: "Languages", help: "Two-letter codes with commas between, of en, es, fr, it, pt, ar (in Latin letters).", group: "Data", default: "en", maxLength: 60 }),
  sureness: choice({
    label: "Sureness", help: "How surely a word is meant badly; lower takes words with decent meanings too.", group: "Data", default: "2",
    options: [
      { id: "2", label: "Surely", summary: "Words with no other use to speak of." },
      { id: "1", label: "Often", summary: "Also words such as shit and damn." },
      { id: "0", label: "At times", summary: "Also words such as hell and sex: finds much that is harmless." },
    ],
  }),
  evasions: toggle({ label: "Spellings in disguise", help: "Also finds sh1t and fuuuck; English only.", group: "Data", default: true }),
  action: choice({
    label: "What then", help: "What is done with rows that have such words.", group: "Data", default: "mask",
    options: [
      { id: "mask", label: "Mask the word", summary: "A star for each of its characters." },
      { id: "tag", label: "List in a new column", summary: "The text stays." },
      { id: "drop", label: "Drop the row", summary: "If it has more than the limits below." },
    ],
  }),
  most: integer({ label: "Words in a kept row", help: "Drops rows with more; 0 drops rows with any.", group: "Data", unit: "words", min: 0, max: 10_000, step: 1, default: 0 }),
  share: decimal({ label: "Share in a kept row", help: "Drops rows where they are a larger share of the words; 1 leaves it to the number.", group: "Data", min: 0, max: 1, step: 0.01, default: 1, advanced: true }),
});
type Settings = z.output<typeof settings>;

const LISTS: ReadonlyMap<string, () => Promise<{ readonly cuss: Record<string, number> }>> = new Map([
  ["en", () => import("cuss")], ["es", () => import("cuss/es")], ["fr", () => import("cuss/fr")],
  ["it", () => import("cuss/it")], ["pt", () => import("cuss/pt")], ["ar", () => import("cuss/ar-latn")],
]);

async function loadLists(languages: string): Promise<Record<string, number>[]> {
  const codes = languages.toLowerCase().split(/[\s,;]+/).filter((code) => code !== "");
  const loads = codes.map((code) => LISTS.get(code));
  if (codes.length === 0 || loads.includes(undefined)) {
    throw new FailureError({
      kind: "bad-settings", message: `Languages: there is no word list for "${codes.find((code) => !LISTS.has(code)) ?? ""}".`,
      hint: `Choose among ${[...LISTS.keys()].join(", ")}.`, where: "Languages",
    });
  }
  return Promise.all(loads.map(async (load) => (await load!()).cuss));
}

/** A word with a digit or sign beside a letter, a letter three times over, or a letter from beyond ASCII. Longer words are no words. */
const DISGUISED = /\S{2,40}/g;
const IS_DISGUISED = /[A-Za-z][0-9@$!*+|\u0100-\uFFEF]|[0-9@$!*+|\u0100-\uFFEF][A-Za-z]|([A-Za-z])\1\1|[\uFF21-\uFF5A]/;
const IS_LETTER = /[\p{L}\p{N}]/u;

/** Places where the English list stands in disguise as a whole word, with the list's own rating of the word. */
async function loadDisguiseFinder(english: Readonly<Record<string, number>>): Promise<(text: string) => ListedWord[]> {
  const { RegExpMatcher, englishDataset, englishRecommendedTransformers } = await import("obscenity");
  const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
  const ratings = new Map(Object.entries(english));
  const isWhole = (token: string, start: number, end: number): boolean => !IS_LETTER.test(token[start - 1] ?? " ") && !IS_LETTER.test(token[end] ?? " ");
  return (text) => (IS_DISGUISED.test(text) ? Array.from(text.matchAll(DISGUISED)) : []).flatMap(({ 0: token, index }) => {
    if (!IS_DISGUISED.test(token)) return [];
    return matcher.getAllMatches(token, true).flatMap((match) => {
      const [start, end] = [match.startIndex, match.endIndex + 1];
      const word = englishDataset.getPayloadWithPhraseMetadata(match).phraseMetadata?.originalWord ?? "";
      return isWhole(token, start, end) ? [{ start: index + start, end: index + end, word, rating: ratings.get(word) ?? 2 }] : [];
    });
  });
}

async function loadFinder(chosen: Settings): Promise<(text: string) => ListedWord[]> {
  const lists = await loadLists(chosen.languages);
  const findListed = createWordFinder(lists);
  const findDisguised = chosen.evasions ? await loadDisguiseFinder((await import("cuss")).cuss) : undefined;
  return (text) => {
    const found = [...findListed(text), ...(findDisguised?.(text) ?? [])].filter(({ rating }) => rating >= Number(chosen.sureness));
    found.sort((a, b) => a.start - b.start || b.end - a.end);
    let end = 0;
    return found.filter((one) => one.start >= end && (end = one.end) > 0);
  };
}

function listWords(context: StepContext, find: (text: string) => ListedWord[]): Pick<StepRun, "adds" | "apply"> {
  return {
    adds: [column(freshName(context.columns, "inappropriate words"))],
    apply: (cells) => {
      const words = textsOf(context, cells).flatMap((text) => find(text).map(({ word }) => word));
      return words.length === 0 ? undefined : { action: "change", changes: [{ column: context.columns.length, after: words.join("; ") }] };
    },
  };
}

export const inappropriateWords = defineStep({
  id: "inappropriate-words",
  label: "Inappropriate words",
  summary: "Masks or lists profane words, or drops rows with too many of them.",
  words: "profanity profane swear swearing curse cuss offensive obscene toxic toxicity hate insults slurs bad words nsfw adult sexual censor",
  group: "Quality",
  defaultColumns: "text",
  version: 1,
  settings,
  start: async (chosen, context) => {
    const find = await loadFinder(chosen);
    if (chosen.action === "tag") return listWords(context, find);
    return {
      apply: applyToTexts(context, (text) => {
        const found = find(text);
        if (found.length === 0) return undefined;
        if (chosen.action === "drop") {
          return atMost("Inappropriate words", found.length, chosen.most)
            ?? (chosen.share < 1 ? atMost("Share of inappropriate words", shareOf(found.length, findWords(text).length), chosen.share) : undefined);
        }
        return found.map(({ start, end }) => ({ start, end, text: "*".repeat(end - start), what: "inappropriate word" }));
      }),
    };
  },
});
