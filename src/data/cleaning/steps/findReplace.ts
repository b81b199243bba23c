/**
 * Find and replace. In: a text. Out: edits, or the reason why its row goes. Plain text, or a regular expression that runs in time linear in the text (RE2): no look-around and no
 * backreferences, in return no pattern can hang. In a replacement for a pattern, $1 and ${name} stand for groups, $$ for a dollar sign.
 */
import { RE2JS, type Matcher } from "re2js";
import { z } from "zod";
import { choice, text, toggle } from "../../../settings/field";
import { FailureError } from "../../../settings/failure";
import type { TextEdit } from "../../types/cleaning";
import { compileExpression } from "../../views/pattern";
import { defineTextStep } from "../defineStep";

const settings = z.object({
  find: text({ label: "Find", help: "The text or pattern to look for.", group: "Data", default: "", maxLength: 2000 }),
  mode: choice({
    label: "Read it as", help: "Whether signs such as . and * mean themselves.", group: "Data", default: "plain",
    options: [
      { id: "plain", label: "Plain text", summary: "Every sign means itself." },
      { id: "regex", label: "Regular expression", summary: "RE2: no look-around, no backreferences, never slow." },
    ],
  }),
  matchCase: toggle({ label: "Match case", help: "On tells capital from small letters.", group: "Data", default: true }),
  action: choice({
    label: "What then", help: "What is done where it is found.", group: "Data", default: "replace",
    options: [
      { id: "replace", label: "Replace it", summary: "Every place, from left to right." },
      { id: "drop", label: "Drop the row", summary: "Rows that contain it go." },
      { id: "keep", label: "Keep only such rows", summary: "Rows that do not contain it go." },
    ],
  }),
  replacement: text({ label: "Replace with", help: "Empty removes what is found. With a pattern, $1 is its first group.", group: "Data", default: "", maxLength: 2000 }),
});
type Settings = z.output<typeof settings>;

function compile({ find, mode, matchCase }: Settings): (text: string) => Matcher {
  if (find === "") throw new FailureError({ kind: "bad-settings", message: "Find: there is nothing to look for.", hint: "Type the text to find.", where: "Find" });
  const expression = compileExpression(mode === "plain" ? RE2JS.quote(find) : find, matchCase);
  return (text) => expression.matcher(text);
}

type Piece = string | { readonly group: number | string };

/** "a$1b" -> "a", group 1, "b". */
function readReplacement(replacement: string): Piece[] {
  return replacement.split(/(\$(?:\$|\d{1,2}|\{\w+\}))/).map((part) => {
    if (part === "$$") return "$";
    const found = /^\$(?:(\d+)|\{(\w+)\})$/.exec(part);
    if (!found) return part;
    return { group: found[1] === undefined ? found[2]! : Number(found[1]) };
  });
}

function checkGroups(pieces: readonly Piece[], matcher: Matcher): void {
  for (const piece of pieces) {
    if (typeof piece === "string") continue;
    const isThere = typeof piece.group === "number" ? piece.group <= matcher.groupCount() : matcher.pattern().namedGroups()[piece.group] !== undefined;
    if (isThere) continue;
    throw new FailureError({
      kind: "bad-settings", message: `Replace with: the pattern has no group ${piece.group}.`,
      hint: "Put round brackets around what it should stand for, or write $$ for a dollar sign.", where: "Replace with",
    });
  }
}

function replaceAll(matcher: Matcher, pieces: readonly Piece[], text: string): TextEdit[] {
  const edits: TextEdit[] = [];
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    const written = pieces.map((piece) => (typeof piece === "string" ? piece : matcher.group(piece.group) ?? "")).join("");
    if (written !== text.slice(start, end)) edits.push({ start, end, text: written });
  }
  return edits;
}

export const findReplace = defineTextStep({
  id: "find-replace",
  label: "Find and replace",
  summary: "Replaces a text or pattern, or drops rows that have it or lack it.",
  words: "search substitute regex regexp regular expression pattern remove text",
  group: "Text",
  defaultColumns: "text",
  version: 1,
  settings,
  start: (chosen) => {
    const match = compile(chosen);
    const pieces = chosen.mode === "plain" ? [chosen.replacement] : readReplacement(chosen.replacement);
    if (chosen.action === "replace") {
      checkGroups(pieces, match(""));
      return { readText: (text) => replaceAll(match(text), pieces, text) };
    }
    const isDropped = chosen.action === "drop";
    const reason = isDropped ? "Contains what was sought" : "Does not contain what was sought";
    return { readText: (text) => (match(text).find() === isDropped ? { drop: reason } : undefined) };
  },
});
