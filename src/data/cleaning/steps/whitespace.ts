/**
 * Tidies white space. In: a text. Out: one edit per stretch of white space that changes. A stretch is read as the end of one line, the
 * blank lines after it and the indentation of the next; each part has its own rule, so code keeps its shape if it is asked to. A row that is a
 * paragraph of a longer document keeps the line ends at its edges, since nothing else parts it from the next one.
 */
import { z } from "zod";
import { choice, integer, toggle } from "../../../settings/field";
import type { TextEdit } from "../../types/cleaning";
import { defineTextStep } from "../defineStep";
import { replaceMatches } from "../edits";

const settings = z.object({
  spaces: toggle({ label: "One space between words", help: "Makes several spaces in a row one.", group: "Data", default: true }),
  tabs: choice({
    label: "Tabs", help: "What becomes of tabs within a line.", group: "Data", default: "space",
    options: [
      { id: "space", label: "To a space", summary: "A tab counts as a space." },
      { id: "keep", label: "Keep", summary: "For tables and code." },
    ],
  }),
  unusual: toggle({ label: "Unusual spaces", help: "Writes no-break, thin and ideographic spaces as plain ones.", group: "Data", default: true }),
  lineEnds: toggle({ label: "Line ends", help: "Writes the line ends of Windows and old Macs, and Unicode's own, as one line feed.", group: "Data", default: true }),
  trimLines: toggle({ label: "Spaces at line ends", help: "Removes spaces and tabs before a line end.", group: "Data", default: true }),
  indentation: choice({
    label: "Indentation", help: "What becomes of spaces at the beginning of a line.", group: "Data", default: "keep",
    options: [
      { id: "keep", label: "Keep", summary: "For code, verse and lists." },
      { id: "remove", label: "Remove", summary: "Every line starts at its first word." },
    ],
  }),
  blankLines: integer({ label: "Blank lines", help: "Blank lines kept in a row at most; 0 removes them all.", group: "Data", unit: "lines", min: 0, max: 100, step: 1, default: 1 }),
  trim: toggle({ label: "Beginning and end", help: "Removes white space before the first and after the last word.", group: "Data", default: true }),
});
type Settings = z.output<typeof settings>;

const STRETCH = /[\s\u0085]+/g;
const LINE_END = /\r\n|[\n\r\u0085\u2028\u2029\v\f]/;
const UNUSUAL = /[^\S \t]/g;
/** Anything but single plain spaces between words. */
const NEEDS_WORK = /[^\S ]|\u0085| {2}|^ | $/;

function writeSpaces(spaces: string, { unusual, tabs, spaces: collapse }: Settings): string {
  let written = unusual ? spaces.replace(UNUSUAL, " ") : spaces;
  if (tabs === "space") written = written.replaceAll("\t", " ");
  return collapse ? written.replace(/ {2,}/g, " ") : written;
}

/** At the edges of a row that stands alone, white space means nothing; within a document its line ends part paragraphs. */
type Place = "inside" | "start" | "end";

function writeStretch(stretch: string, place: Place, chosen: Settings, isDocument: boolean): string {
  const isTrimmed = chosen.trim && place !== "inside";
  if (isTrimmed && !isDocument) return "";
  const parts = stretch.split(LINE_END);
  if (parts.length === 1) return isTrimmed ? "" : writeSpaces(stretch, chosen);
  const marks = chosen.lineEnds ? [] : Array.from(stretch.matchAll(new RegExp(LINE_END, "g")), ([mark]) => mark);
  const lines = parts.map((spaces, index) => {
    if (index === parts.length - 1) return chosen.indentation === "keep" ? keepIndent(spaces, chosen, place === "end") : "";
    return chosen.trimLines ? "" : writeSpaces(spaces, chosen);
  });
  const ends = Math.min(parts.length - 1, chosen.blankLines + 1);
  let written = "";
  for (let index = 0; index < ends; index++) written += lines[index]! + (marks[index] ?? "\n");
  return written + lines.at(-1)!;
}

/** Indentation is not words apart: it keeps its width. After the last line end of a text there is no line to indent. */
function keepIndent(spaces: string, { unusual, trimLines, trim }: Settings, isLast: boolean): string {
  if (isLast && (trimLines || trim)) return "";
  return unusual ? spaces.replace(UNUSUAL, " ") : spaces;
}

function findStretches(text: string, chosen: Settings, isDocument: boolean): TextEdit[] {
  if (!NEEDS_WORK.test(text)) return [];
  return replaceMatches(text, STRETCH, (stretch, at) => {
    const end = at + stretch.length;
    if (stretch === " " && at > 0 && end < text.length) return stretch;
    return writeStretch(stretch, at === 0 ? "start" : end === text.length ? "end" : "inside", chosen, isDocument);
  });
}

export const whitespace = defineTextStep({
  id: "whitespace",
  label: "White space",
  summary: "Collapses spaces, unifies line ends, limits blank lines and trims.",
  words: "whitespace spaces tabs newlines line breaks blank lines empty lines trim strip indentation",
  group: "Text",
  defaultColumns: "text",
  version: 1,
  settings,
  start: (chosen, { joiner }) => ({ readText: (text) => findStretches(text, chosen, joiner === "") }),
});
