/**
 * Unicode normalization as edits. In: a text and a form. Out: edits, one per cluster (a base with all that may join it: marks, Hangul letters,
 * half-width voiced marks) whose normal form differs. Clusters normalize independently of each other (UAX #15); should a text show
 * otherwise, one edit over the part that differs is given instead, so the result is always that of `String.normalize`.
 */
import type { TextEdit } from "../types/cleaning";
import { applyEdits, replaceMatches } from "./edits";

const CLUSTER = /[^][\p{M}\u1160-\u11FF\uD7B0-\uD7FF\u3131-\u318E\uFF9E-\uFFDC]*/gu;

export function normalizeEdits(text: string, form: "NFC" | "NFKC"): readonly TextEdit[] {
  const normal = text.normalize(form);
  if (normal === text) return [];
  const edits = replaceMatches(text, CLUSTER, (cluster) => cluster.normalize(form), form);
  return applyEdits(text, edits) === normal ? edits : [differingPart(text, normal, form)];
}

function differingPart(before: string, after: string, what: string): TextEdit {
  let start = 0;
  while (before[start] === after[start]) start++;
  let same = 0;
  const longest = Math.min(before.length, after.length) - start;
  while (same < longest && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { start, end: before.length - same, text: after.slice(start, after.length - same), what };
}
