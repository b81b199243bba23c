/**
 * The rules of C4 (Raffel et al. 2020, section 2.2, and its code), as datatrove reads them. In: a text. Out: edits that take out lines and citation marks, or the reason why
 * the row goes. Lines go whole, with their line end; a row whose lines all go is dropped, not left empty. The list of bad words is a step of its own here.
 */
import { z } from "zod";
import { integer, toggle } from "../../../settings/field";
import type { TextEdit } from "../../types/cleaning";
import { defineTextStep, type TextOutcome } from "../defineStep";
import { replaceMatches } from "../edits";
import { atLeast } from "../limits";
import { findSentences, placeLines } from "../textUnits";

const settings = z.object({
  terminal: toggle({ label: "Lines need an end mark", help: "Takes out lines that do not end in . ? ! or a quotation mark, and those that end in three dots.", group: "Data", default: true }),
  wordsPerLine: integer({ label: "Fewest words per line", help: "Takes out shorter lines.", group: "Data", unit: "words", min: 0, max: 1000, step: 1, default: 3 }),
  longestWord: integer({ label: "Longest word", help: "Takes out lines with a longer one, such as encoded data.", group: "Data", unit: "characters", min: 10, max: 1_000_000, step: 10, default: 1000 }),
  javascript: toggle({ label: "Lines about JavaScript", help: "Takes out lines that name it: most ask to switch it on.", group: "Data", default: true }),
  policy: toggle({ label: "Lines about policies", help: "Takes out lines with terms of use, privacy policy, cookie policy, use of cookies.", group: "Data", default: true }),
  citations: toggle({ label: "Citation marks", help: "Takes out [1], [edit], [citation needed].", group: "Data", default: true }),
  loremIpsum: toggle({ label: "Rows with lorem ipsum", help: "Drops rows of filler text.", group: "Data", default: true }),
  curly: toggle({ label: "Rows with {", help: "Drops rows with a curly bracket: most are code. Off for text about code.", group: "Data", default: true }),
  sentences: integer({ label: "Fewest sentences", help: "Drops rows that have fewer left.", group: "Data", unit: "sentences", min: 0, max: 1000, step: 1, default: 5 }),
});
type Settings = z.output<typeof settings>;

const CITATION = /\[\d{0,9}\]|\[edit\]|\[citation needed\]/g;
const END_MARKS = [".", "?", "!", '"', "'"];
const POLICIES = ["terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"];

/** Why a line goes; undefined if it stays. */
function judgeLine(line: string, chosen: Settings): string | undefined {
  const words = line.split(/\s+/).filter((word) => word !== "");
  const lower = line.toLowerCase();
  if (words.some((word) => word.length > chosen.longestWord)) return "too long a word";
  const bare = chosen.citations ? line.replace(CITATION, "") : line;
  if (chosen.terminal && (!END_MARKS.some((mark) => bare.endsWith(mark)) || bare.endsWith("..."))) return "no end mark";
  if (words.length < chosen.wordsPerLine) return "too few words";
  if (chosen.javascript && lower.includes("javascript")) return "JavaScript";
  if (chosen.policy && POLICIES.some((phrase) => lower.includes(phrase))) return "policy";
  return undefined;
}

export function judgeC4(text: string, chosen: Settings): TextOutcome {
  if (chosen.loremIpsum && text.toLowerCase().includes("lorem ipsum")) return { drop: "Lorem ipsum" };
  if (chosen.curly && text.includes("{")) return { drop: "Curly bracket" };
  const edits: TextEdit[] = [];
  let [sentences, kept] = [0, 0];
  for (const { start, end, next } of placeLines(text)) {
    const line = text.slice(start, end).trim();
    const why = judgeLine(line, chosen);
    if (why === undefined) {
      kept++;
      sentences += findSentences(line).length;
      if (chosen.citations) edits.push(...replaceMatches(text.slice(start, end), CITATION, () => "", "citation").map((edit) => ({ ...edit, start: edit.start + start, end: edit.end + start })));
    } else edits.push({ start, end: next, text: "", what: `line: ${why}` });
  }
  return atLeast("Sentences", sentences, chosen.sentences) ?? (kept === 0 && text !== "" ? { drop: "No line left" } : edits);
}

export const c4 = defineTextStep({
  id: "c4",
  label: "C4",
  summary: "Takes out lines that are no sentences, and drops rows with code, filler or too few sentences.",
  words: "common crawl web pages sentences punctuation javascript lorem ipsum curly braces code",
  group: "Quality",
  defaultColumns: "text",
  version: 1,
  settings,
  presets: [
    { label: "Web pages", settings: {} },
    { label: "Short messages", settings: { terminal: false, wordsPerLine: 1, curly: false, javascript: false, policy: false, sentences: 1 } },
    { label: "Instructions", settings: { terminal: false, wordsPerLine: 0, curly: false, javascript: false, policy: false, citations: false, sentences: 1 } },
  ],
  start: (chosen) => ({ readText: (text) => judgeC4(text, chosen) }),
});
