/**
 * Finds numbers far from the rest. In: the chosen columns of numbers. Out: rows with a number outside the range are dropped, or the number is set to the nearest end of
 * the range, or emptied. The range is given, or Q1 − k·IQR to Q3 + k·IQR of the training part (Tukey's fences: k = 1.5 outside, 3 far out).
 */
import { z } from "zod";
import { choice, decimal, text } from "../../../settings/field";
import { FailureError } from "../../../settings/failure";
import { createNumberSummary, type NumberSummary } from "../../analysis/numbers";
import type { Cell, Column } from "../../types/table";
import { numberOf } from "../../views/filter";
import { defineStep } from "../defineStep";
import type { CellChange, RowOutcome, StepContext, StepRun } from "../step";

const settings = z.object({
  action: choice({
    label: "Numbers outside", help: "What becomes of a number outside the range.", group: "Data", default: "drop",
    options: [
      { id: "drop", label: "Drop the row", summary: "Rows with such a number go." },
      { id: "clip", label: "Move to the end of the range", summary: "The number becomes the nearest one inside." },
      { id: "empty", label: "Empty the cell", summary: "It counts as missing." },
    ],
  }),
  reach: decimal({ label: "Reach", help: "How far the range goes beyond the quartiles, in distances between them; higher finds fewer.", group: "Data", min: 0, max: 100, step: 0.5, default: 3 }),
  from: text({ label: "From", help: "The smallest number allowed; empty: by the quartiles.", group: "Data", default: "", maxLength: 40 }),
  to: text({ label: "To", help: "The largest number allowed; empty: by the quartiles.", group: "Data", default: "", maxLength: 40 }),
});
type Settings = z.output<typeof settings>;

interface Ranged {
  readonly index: number;
  readonly column: Column;
  readonly numbers: NumberSummary;
  low: number;
  high: number;
}

function readEnd(written: string, label: string): number | undefined {
  if (written.trim() === "") return undefined;
  const value = numberOf(written);
  if (Number.isFinite(value)) return value;
  throw new FailureError({ kind: "bad-settings", message: `${label}: "${written}" is not a number.`, hint: "Write digits with a point, such as -1.5, or leave it empty.", where: label });
}

function judgeRow(ranged: readonly Ranged[], action: Settings["action"], cells: readonly Cell[]): RowOutcome {
  const changes: CellChange[] = [];
  for (const { index, column, low, high } of ranged) {
    const value = numberOf(cells[index]);
    if (!(value < low || value > high)) continue;
    if (action === "drop") return { action: "drop", reason: `${column.name} is ${value < low ? "below" : "above"} its range` };
    const end = value < low ? low : high;
    changes.push({ column: index, after: action === "empty" ? null : column.kind === "number" ? end : String(end) });
  }
  return changes.length > 0 ? { action: "change", changes } : undefined;
}

function startWith(chosen: Settings, { columns, targets, partOf }: StepContext): StepRun {
  const [from, to] = [readEnd(chosen.from, "From"), readEnd(chosen.to, "To")];
  const ranged = targets.flatMap((index): Ranged[] => {
    const column = columns[index]!;
    const isNumeric = column.kind === "number" || column.type === "integer" || column.type === "number";
    return isNumeric ? [{ index, column, numbers: createNumberSummary(), low: -Infinity, high: Infinity }] : [];
  });
  return {
    passes: [(cells, row) => {
      if (partOf(row) !== "train") return;
      for (const { index, numbers } of ranged) {
        const value = numberOf(cells[index]);
        if (Number.isFinite(value)) numbers.add(value);
      }
    }],
    finishPass() {
      for (const one of ranged) {
        const [first, third] = [one.numbers.quantile(0.25), one.numbers.quantile(0.75)];
        const reach = chosen.reach * (third - first);
        // The ends of a column of whole numbers are whole, since a number may be moved there.
        const isWhole = one.column.type === "integer";
        one.low = from ?? (Number.isNaN(first) ? -Infinity : isWhole ? Math.ceil(first - reach) : first - reach);
        one.high = to ?? (Number.isNaN(third) ? Infinity : isWhole ? Math.floor(third + reach) : third + reach);
      }
    },
    apply: (cells) => judgeRow(ranged, chosen.action, cells),
    notes: () => (ranged.length === 0 ? ["None of these columns holds numbers."] : ranged.map(({ column, low, high }) => `${column.name}: from ${Number(low.toPrecision(6))} to ${Number(high.toPrecision(6))}.`)),
  };
}

export const outliers = defineStep({
  id: "outliers",
  label: "Outliers",
  summary: "Finds numbers far outside the range of the rest.",
  words: "extreme values anomalies anomaly iqr z-score quantile clip winsorize",
  group: "Table",
  defaultColumns: "feature",
  version: 1,
  settings,
  start: startWith,
});
