/**
 * Drops rows with missing cells, or fills them. In: the chosen columns. Out: no missing cell in them, and on wish a column that says where one was, since that may
 * mean something. Mean, median and mode are those of the training part alone: what is held out must not shape what is learned.
 */
import { z } from "zod";
import { choice, text, toggle } from "../../../settings/field";
import { createFrequencyCounter, type FrequencyCounter } from "../../analysis/frequent";
import { createNumberSummary, type NumberSummary } from "../../analysis/numbers";
import { column } from "../../table/table";
import { isMissing, type Cell, type Column } from "../../types/table";
import { numberOf } from "../../views/filter";
import { defineStep } from "../defineStep";
import type { CellChange, StepContext, StepRun } from "../step";
import { freshName } from "../targets";

const settings = z.object({
  action: choice({
    label: "Missing cells", help: "What becomes of a row with a missing cell.", group: "Data", default: "drop",
    options: [
      { id: "drop", label: "Drop the row", summary: "Rows with a missing cell in these columns go." },
      { id: "constant", label: "A fixed value", summary: "The value below." },
      { id: "mean", label: "The mean", summary: "Of the training part; columns that are no numbers take their most frequent value." },
      { id: "median", label: "The median", summary: "Of the training part, not moved by outliers; columns that are no numbers take their most frequent value." },
      { id: "mode", label: "The most frequent value", summary: "Of the training part." },
    ],
  }),
  constant: text({ label: "Fixed value", help: "What is written with \"A fixed value\"; a number in columns of numbers.", group: "Data", default: "", maxLength: 1000 }),
  flag: toggle({ label: "Say where one was missing", help: "Adds a column name_was_missing for each column that is filled.", group: "Data", default: true }),
});
type Settings = z.output<typeof settings>;

const isNumeric = ({ kind, type }: Column): boolean => kind === "number" || type === "integer" || type === "number";

/** One column that is filled: what was seen of it, then what fills it. */
interface Filled {
  readonly index: number;
  readonly column: Column;
  readonly numbers?: NumberSummary;
  readonly values?: FrequencyCounter;
  missing: number;
  value: Cell;
}

function openColumn(index: number, column: Column, { action }: Settings): Filled {
  const usesNumbers = (action === "mean" || action === "median") && isNumeric(column);
  const usesValues = action === "mode" || ((action === "mean" || action === "median") && !usesNumbers);
  return { index, column, missing: 0, value: undefined, ...(usesNumbers && { numbers: createNumberSummary() }), ...(usesValues && { values: createFrequencyCounter() }) };
}

/** As the column keeps its cells: a number of a text column is written out. */
function asCell(value: string | number | undefined, { kind }: Column): Cell {
  if (value === undefined || value === "") return undefined;
  if (kind === "number") return Number.isNaN(numberOf(value)) ? undefined : Number(value);
  if (kind === "boolean") return value === "true" ? true : value === "false" ? false : undefined;
  return String(value);
}

function chooseValue({ numbers, values, column }: Filled, chosen: Settings): Cell {
  if (chosen.action === "constant") return asCell(chosen.constant, column);
  if (numbers) return numbers.count === 0 ? undefined : asCell(chosen.action === "mean" ? numbers.mean : numbers.quantile(0.5), column);
  return asCell(values?.top(1)[0]?.value, column);
}

function fill(chosen: Settings, { columns, targets, partOf }: StepContext): StepRun {
  const filled = targets.map((index) => openColumn(index, columns[index]!, chosen));
  const adds: Column[] = [];
  const flagOf = new Map<Filled, number>();
  const fills: Cell[] = [];
  const retypes = new Map<number, Column>();

  const settle = (one: Filled): void => {
    one.value = chooseValue(one, chosen);
    if (one.missing === 0 || one.value === undefined) return;
    // A mean of whole numbers is seldom one.
    if (one.column.type === "integer" && !Number.isInteger(Number(one.value))) retypes.set(one.index, { ...one.column, type: "number" });
    if (!chosen.flag) return;
    flagOf.set(one, columns.length + adds.length);
    adds.push(column(freshName([...columns, ...adds], `${one.column.name}_was_missing`), { kind: "boolean", type: "boolean", role: "feature" }));
    fills.push(false);
  };
  return {
    passes: [(cells, row) => {
      for (const one of filled) {
        const cell = cells[one.index];
        if (isMissing(cell)) one.missing++;
        else if (partOf(row) === "train") {
          one.values?.add(String(cell));
          const value = one.numbers ? numberOf(cell) : NaN;
          if (Number.isFinite(value)) one.numbers?.add(value);
        }
      }
    }],
    finishPass: () => filled.forEach(settle),
    adds, fills, retypes,
    apply(cells) {
      const changes: CellChange[] = [];
      for (const one of filled) {
        if (one.value === undefined || !isMissing(cells[one.index])) continue;
        changes.push({ column: one.index, after: one.value });
        const flag = flagOf.get(one);
        if (flag !== undefined) changes.push({ column: flag, after: true });
      }
      return changes.length > 0 ? { action: "change", changes } : undefined;
    },
    notes: () => filled.filter(({ missing }) => missing > 0).map((one) => describe(one, chosen)),
  };
}

function describe({ column, missing, value }: Filled, { action }: Settings): string {
  const cells = `${missing.toLocaleString("en")} missing ${missing === 1 ? "cell" : "cells"} of ${column.name}`;
  if (value !== undefined) return `${cells}: filled with ${String(value).slice(0, 60)}.`;
  return action === "constant" ? `${cells}: left, since the fixed value is ${column.kind === "text" ? "empty" : `no ${column.kind}`}.` : `${cells}: left, since the training part has no value there.`;
}

function drop({ columns, targets }: StepContext): StepRun {
  return {
    apply(cells) {
      const index = targets.find((target) => isMissing(cells[target]));
      return index === undefined ? undefined : { action: "drop", reason: `${columns[index]!.name} is missing` };
    },
  };
}

export const missingValues = defineStep({
  id: "missing-values",
  label: "Missing values",
  summary: "Drops rows with missing cells, or fills the cells.",
  words: "nan null none n/a na empty blank impute imputation fill mean median mode drop",
  group: "Table",
  defaultColumns: "feature",
  version: 1,
  settings,
  start: (chosen, context) => (chosen.action === "drop" ? drop(context) : fill(chosen, context)),
});
