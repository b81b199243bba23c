/** What a split came to, for the page: rows, labels and groups per part. In: the parts and what the rows say. Out: a SplitSummary. */
import type { SplitSettings, SplitSummary } from "../types/splitting";
import { type Assignment, PARTS } from "./assign";
import { type SplitRows, gatherRows } from "./rows";

const MOST_LABELS = 50;

export function summarizeSplit(settings: SplitSettings, { parts, notes }: Assignment, { rows, labels, groups }: SplitRows): SplitSummary {
  const byLabel = labels ? [...gatherRows(labels, rows)].filter(([label]) => label !== "").sort((a, b) => b[1].length - a[1].length).slice(0, MOST_LABELS) : [];
  const byGroup = groups ? [...gatherRows(groups, rows)] : undefined;
  const summary = PARTS.map((part, index) => ({
    part,
    rows: parts.reduce((count, own) => count + (own === index ? 1 : 0), 0),
    labels: byLabel.map(([label, list]) => ({ label, rows: list.filter((row) => parts[row] === index).length })),
    ...(byGroup ? { groups: byGroup.filter(([, list]) => list.some((row) => parts[row] === index)).length } : {}),
  }));
  return { settings, parts: summary, notes: [...notes, ...noteSmallParts(settings, summary)] };
}

function noteSmallParts(settings: SplitSettings, parts: SplitSummary["parts"]): string[] {
  const notes: string[] = [];
  if (parts[0]!.rows === 0) notes.push("No row is left to train on.");
  if (parts[1]!.rows === 0) notes.push(settings.validation > 0 || settings.by === "column" ? "No row validates: overfitting cannot be seen." : "Nothing is held out for validation: overfitting cannot be seen.");
  return notes;
}
