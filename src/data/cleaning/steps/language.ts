/**
 * Keeps or drops rows by the language of their text. In: a text. Out: the reason why its row goes. tinyld tells 24 languages from the beginning of a text; of
 * a short text it cannot, so short and uncertain rows stay and are counted. Its accuracy is a score, not a probability: 0.1 is a plain English sentence.
 */
import { z } from "zod";
import { choice, decimal, integer, text } from "../../../settings/field";
import { FailureError } from "../../../settings/failure";
import type { TextOutcome } from "../defineStep";
import { defineTextStep } from "../defineStep";
import { countCharacters } from "../textUnits";

const settings = z.object({
  languages: text({ label: "Languages", help: "Two-letter codes with commas between: en, de, fr.", group: "Data", default: "en", maxLength: 200 }),
  action: choice({
    label: "Rows in these languages", help: "Whether the languages named stay or go.", group: "Data", default: "keep",
    options: [
      { id: "keep", label: "Stay", summary: "Rows in any other language are dropped." },
      { id: "drop", label: "Go", summary: "Only rows in these languages are dropped." },
    ],
  }),
  shortest: integer({ label: "Shortest text judged", help: "Shorter texts stay, since their language cannot be told.", group: "Data", unit: "characters", min: 0, max: 10_000, step: 1, default: 30 }),
  score: decimal({ label: "Lowest score", help: "Texts whose language scores lower stay; higher drops less.", group: "Data", min: 0, max: 1, step: 0.01, default: 0.05, advanced: true }),
});

/** Characters looked at; more tell nothing new and cost time. */
const LOOKED_AT = 500;

function readLanguages(given: string, supported: readonly string[]): Set<string> {
  const codes = given.toLowerCase().split(/[\s,;]+/).filter((code) => code !== "");
  const unknown = codes.filter((code) => !supported.includes(code));
  if (unknown.length === 0 && codes.length > 0) return new Set(codes);
  throw new FailureError({
    kind: "bad-settings",
    message: codes.length === 0 ? "Languages: none is named." : `Languages: ${unknown.join(", ")} cannot be told apart here.`,
    hint: `Choose among ${[...supported].sort().join(", ")}.`,
    where: "Languages",
  });
}

export const language = defineTextStep({
  id: "language",
  label: "Language",
  summary: "Keeps or drops rows by the language of their text; too short ones stay.",
  words: "english german french detect identify translation foreign multilingual",
  group: "Quality",
  defaultColumns: "text",
  version: 1,
  settings,
  start: async (chosen) => {
    const { detectAll, langName, supportedLanguages, toISO2, toISO3 } = await import("tinyld/light");
    const languages = readLanguages(chosen.languages, supportedLanguages.map(toISO2));
    let [short, unsure] = [0, 0];
    const judge = (text: string): TextOutcome => {
      if (text.length < 2 * chosen.shortest && countCharacters(text) < chosen.shortest) {
        short++;
        return undefined;
      }
      const [best] = detectAll(text.slice(0, LOOKED_AT));
      if (!best || best.accuracy < chosen.score) {
        unsure++;
        return undefined;
      }
      if (languages.has(best.lang) === (chosen.action === "keep")) return undefined;
      return { drop: `In ${langName(toISO3(best.lang))}`, detail: `score ${best.accuracy.toFixed(2)}` };
    };
    return {
      readText: judge,
      restart: () => void ([short, unsure] = [0, 0]),
      notes: () => [
        ...(short > 0 ? [`${short.toLocaleString("en")} texts were too short to judge and stay.`] : []),
        ...(unsure > 0 ? [`${unsure.toLocaleString("en")} texts are of no certain language and stay.`] : []),
      ],
    };
  },
});
