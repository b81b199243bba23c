/**
 * Makes columns of numbers, dates and truth values that were written for people into ones that programs read. In: the chosen text columns. Out: numbers as numbers
 * (unless a double would round one: then as plain digits), dates in ISO 8601, truth values as true and false. What a column holds, its decimal mark
 * and its order of day and month are found by looking at all of its cells first; cells that do not fit are kept, emptied, or their rows dropped.
 */
import { z } from "zod";
import { choice, decimal } from "../../../settings/field";
import { isMissing, type Cell, type Column } from "../../types/table";
import { defineStep } from "../defineStep";
import { readDate, voteForOrder, type DayOrder } from "../readDate";
import { fitsDouble, readNumber, voteForMark, type DecimalMark } from "../readNumber";
import type { CellChange, RowOutcome, StepContext, StepRun } from "../step";

const settings = z.object({
  as: choice({
    label: "Read as", help: "What the columns hold.", group: "Data", default: "automatic",
    options: [
      { id: "automatic", label: "Automatic", summary: "What most cells of a column are; columns of words stay." },
      { id: "number", label: "Numbers", summary: "With separators, currencies, percent." },
      { id: "date", label: "Dates", summary: "Written as year-month-day." },
      { id: "boolean", label: "True or false", summary: "Also yes and no, on and off, 1 and 0." },
    ],
  }),
  mark: choice({
    label: "Decimal mark", help: "What parts the fraction from the whole.", group: "Data", default: "automatic",
    options: [
      { id: "automatic", label: "Automatic", summary: "As the column's own numbers say; a point if none does." },
      { id: "point", label: "Point", summary: "1,234.5" },
      { id: "comma", label: "Comma", summary: "1.234,5" },
    ],
  }),
  order: choice({
    label: "Order of day and month", help: "Of dates like 03/04/2021.", group: "Data", default: "automatic",
    options: [
      { id: "automatic", label: "Automatic", summary: "As the column's own dates say; day first if none does." },
      { id: "day first", label: "Day first", summary: "3 April" },
      { id: "month first", label: "Month first", summary: "4 March" },
    ],
  }),
  misfits: choice({
    label: "Cells that do not fit", help: "What becomes of \"unknown\" in a column of numbers.", group: "Data", default: "keep",
    options: [
      { id: "keep", label: "Keep", summary: "The column stays one of text." },
      { id: "empty", label: "Empty", summary: "They count as missing." },
      { id: "drop", label: "Drop the row", summary: "Only rows whose cells fit stay." },
    ],
  }),
  agreement: decimal({ label: "Cells that must fit", help: "With \"Automatic\", the share of a column's cells that must be of one type.", group: "Data", min: 0.5, max: 1, step: 0.05, default: 0.9, advanced: true }),
});
type Settings = z.output<typeof settings>;
type Target = Exclude<Settings["as"], "automatic">;

const TRUTH = new Map([["true", true], ["yes", true], ["y", true], ["t", true], ["on", true], ["1", true], ["false", false], ["no", false], ["n", false], ["f", false], ["off", false], ["0", false]]);
const NOUNS: Readonly<Record<Target, string>> = { number: "numbers", date: "dates", boolean: "true or false" };
const readTruth = (text: string): boolean | undefined => TRUTH.get(text.trim().toLowerCase());

/** What was seen of a column, then what it becomes. */
interface Fixed {
  readonly index: number;
  readonly column: Column;
  cells: number;
  readonly fits: Record<DecimalMark | DayOrder | "boolean", number>;
  /** Cells that are 1 or 0: a column of nothing else holds numbers. */
  bits: number;
  /** Cells like 007: numbers of houses and parcels, which lose their zeros when they are read as numbers. */
  codes: number;
  readonly votes: { mark: number; order: number };
  isWhole: boolean;
  /** False where a double would round one of its numbers, in whichever notation. */
  fitsDoubles: boolean;
  plan?: { readonly target: Target; readonly mark: DecimalMark; readonly order: DayOrder; readonly misfits: number; readonly isRetyped: boolean };
}

function look(one: Fixed, text: string): void {
  one.cells++;
  for (const mark of ["point", "comma"] as const) {
    const plain = readNumber(text, mark);
    if (plain === undefined) continue;
    one.fits[mark]++;
    if (!fitsDouble(plain)) one.fitsDoubles = false;
  }
  for (const order of ["day first", "month first"] as const) if (readDate(text, order) !== undefined) one.fits[order]++;
  if (readTruth(text) !== undefined) one.fits.boolean++;
  if (/^\s*[01]\s*$/.test(text)) one.bits++;
  if (/^\s*0\d/.test(text) && voteForOrder(text) === 0) one.codes++;
  one.votes.mark += voteForMark(text);
  one.votes.order += voteForOrder(text);
}

function decide(one: Fixed, chosen: Settings): void {
  const mark = chosen.mark === "automatic" ? (one.votes.mark < 0 ? "comma" : "point") : chosen.mark;
  const order = chosen.order === "automatic" ? (one.votes.order < 0 ? "month first" : "day first") : chosen.order;
  const isFree = chosen.as === "automatic";
  const fits: Readonly<Record<Target, number>> = {
    boolean: isFree && one.bits === one.cells ? 0 : one.fits.boolean, number: isFree && one.codes > 0 ? 0 : one.fits[mark], date: one.fits[order],
  };
  const candidates: readonly Target[] = chosen.as === "automatic" ? ["number", "date", "boolean"] : [chosen.as];
  const best = candidates.reduce((a, b) => (fits[b] > fits[a] ? b : a));
  if (one.cells === 0 || fits[best] === 0 || (isFree && fits[best] < chosen.agreement * one.cells)) return;
  const misfits = one.cells - fits[best];
  const isRetyped = (misfits === 0 || chosen.misfits !== "keep") && (best !== "number" || one.fitsDoubles);
  one.plan = { target: best, mark, order, misfits, isRetyped };
}

function convert({ plan }: Fixed, text: string): Cell {
  const { target, mark, order, isRetyped } = plan!;
  if (target === "date") return readDate(text, order);
  if (target === "boolean") {
    const truth = readTruth(text);
    return truth === undefined || isRetyped ? truth : String(truth);
  }
  const plain = readNumber(text, mark);
  return plain === undefined || !isRetyped ? plain : Number(plain);
}

function retype({ column, plan, isWhole }: Fixed): Column {
  const { target, isRetyped } = plan!;
  if (target === "date") return { ...column, type: "date" };
  const type = target === "boolean" ? "boolean" : isWhole ? "integer" : "number";
  return { ...column, type, kind: isRetyped ? target : "text" };
}

function describe({ column, plan, votes }: Fixed, chosen: Settings): string {
  const { target, mark, order, misfits, isRetyped } = plan!;
  const how = target === "number" ? ` with a decimal ${mark}` : target === "date" ? `, ${order}${votes.order === 0 && chosen.order === "automatic" ? " where both are possible (no cell says which)" : ""}` : "";
  const rest = misfits === 0 ? "" : ` ${misfits.toLocaleString("en")} ${misfits === 1 ? "cell does" : "cells do"} not fit.`;
  const kept = target === "number" && !isRetyped && misfits === 0 ? " Some have more digits than a double holds, so all stay text, in plain digits." : "";
  return `${column.name}: ${NOUNS[target]}${how}.${rest}${kept}`;
}

function changeRow(fixed: readonly Fixed[], { misfits }: Settings, cells: readonly Cell[]): RowOutcome {
  const changes: CellChange[] = [];
  for (const one of fixed) {
    const cell = cells[one.index];
    if (typeof cell !== "string") continue;
    // An empty text is no cell of a column of numbers.
    const after = isMissing(cell) ? (one.plan!.isRetyped ? null : cell) : convert(one, cell);
    if (after === undefined) {
      if (misfits === "drop") return { action: "drop", reason: `${one.column.name} is no ${one.plan!.target === "boolean" ? "truth value" : one.plan!.target}` };
      if (misfits === "empty") changes.push({ column: one.index, after: null });
    } else if (after !== cell) changes.push({ column: one.index, after });
  }
  return changes.length > 0 ? { action: "change", changes } : undefined;
}

function startWith(chosen: Settings, { columns, targets }: StepContext): StepRun {
  const candidates = targets.filter((index) => columns[index]?.kind === "text").map((index): Fixed => ({
    index, column: columns[index]!, cells: 0, bits: 0, codes: 0, votes: { mark: 0, order: 0 }, isWhole: true, fitsDoubles: true,
    fits: { point: 0, comma: 0, "day first": 0, "month first": 0, boolean: 0 },
  }));
  const eachText = (cells: readonly Cell[], among: readonly Fixed[], visit: (one: Fixed, text: string) => void): void => {
    for (const one of among) {
      const cell = cells[one.index];
      if (typeof cell === "string" && !isMissing(cell)) visit(one, cell);
    }
  };
  let fixed: readonly Fixed[] = [];
  const retypes = new Map<number, Column>();
  return {
    passes: [
      (cells) => eachText(cells, candidates, look),
      (cells) => eachText(cells, fixed, (one, text) => {
        if (one.plan!.target === "number" && !/^-?\d+$/.test(readNumber(text, one.plan!.mark) ?? "0")) one.isWhole = false;
      }),
    ],
    finishPass(pass) {
      if (pass === 0) {
        for (const one of candidates) decide(one, chosen);
        fixed = candidates.filter(({ plan }) => plan !== undefined);
      } else for (const one of fixed) retypes.set(one.index, retype(one));
    },
    retypes,
    apply: (cells) => changeRow(fixed, chosen, cells),
    notes: () => fixed.map((one) => describe(one, chosen)),
  };
}

export const typeFix = defineStep({
  id: "type-fix",
  label: "Types of columns",
  summary: "Reads numbers, dates and yes or no as what they are.",
  words: "numbers dates booleans convert cast parse data types decimal comma currency percent format",
  group: "Table",
  defaultColumns: "feature",
  version: 1,
  settings,
  start: startWith,
});
