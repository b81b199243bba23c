/**
 * Finds rows that say the same but are labeled differently: at least one of the labels is wrong. In: the simplified text of the chosen columns, the column of labels.
 * Out: such rows are dropped, or those that disagree with most, or all are marked. Rows without a label neither agree nor disagree.
 */
import { z } from "zod";
import { choice } from "../../../settings/field";
import { createExactFinder, NO_ROW } from "../../duplicates/exact";
import { pickSimplification, simplifyFields } from "../../duplicates/fields";
import { rowText } from "../../duplicates/rowText";
import { column } from "../../table/table";
import { isMissing } from "../../types/table";
import { defineStep } from "../defineStep";
import type { RowOutcome, StepContext, StepRun } from "../step";
import { comparedColumns, findLabelColumn, freshName } from "../targets";

const settings = z.object({
  action: choice({
    label: "Rows that disagree", help: "What becomes of rows with the same text and different labels.", group: "Data", default: "drop",
    options: [
      { id: "drop", label: "Drop all", summary: "None of them is trusted." },
      { id: "majority", label: "Keep the majority", summary: "Rows with the most frequent label of their text stay; in a tie all go." },
      { id: "tag", label: "Mark", summary: "All stay, and a new column says which they are." },
    ],
  }),
  ...simplifyFields,
});

/** Per row the number of its label, 0 without one; per group of equal texts, named by its first row, what its labels say. */
interface Verdicts {
  readonly labelOf: Uint32Array;
  /** Groups whose rows disagree -> the label of most of them, 0 in a tie. */
  readonly majority: ReadonlyMap<number, number>;
}

function judgeGroups(labelOf: Uint32Array, firstOf: (row: number) => number): Verdicts["majority"] {
  const seen = new Uint32Array(labelOf.length);
  const mixed = new Map<number, Map<number, number>>();
  const eachLabeled = (visit: (first: number, label: number) => void): void => {
    for (const [row, label] of labelOf.entries()) if (label !== 0 && firstOf(row) !== NO_ROW) visit(firstOf(row), label);
  };
  eachLabeled((first, label) => {
    if (seen[first] === 0) seen[first] = label;
    else if (seen[first] !== label) mixed.set(first, new Map());
  });
  eachLabeled((first, label) => {
    const counts = mixed.get(first);
    counts?.set(label, (counts.get(label) ?? 0) + 1);
  });
  return new Map(Array.from(mixed, ([first, counts]) => {
    const [[label, most], [, second]] = [...counts].sort((a, b) => b[1] - a[1]) as [[number, number], [number, number]];
    return [first, most > second ? label : 0];
  }));
}

function startWith(chosen: z.output<typeof settings>, context: StepContext, label: number): StepRun {
  const columns = comparedColumns(context).filter((index) => index !== label);
  const simplification = pickSimplification(chosen);
  const finder = createExactFinder(context.rows);
  const numbers = new Map<string, number>();
  const labelOf = new Uint32Array(context.rows);
  let majority: Verdicts["majority"] = new Map();
  let rows = 0;
  const isTag = chosen.action === "tag";

  const apply = (row: number): RowOutcome => {
    const wanted = majority.get(finder.firstOf(row));
    if (wanted === undefined || labelOf[row] === 0) return undefined;
    rows++;
    if (isTag) return { action: "change", changes: [{ column: context.columns.length, after: true }] };
    if (chosen.action === "majority" && labelOf[row] === wanted) return undefined;
    return { action: "drop", reason: chosen.action === "majority" && wanted !== 0 ? "Most rows with this text have another label" : "Same text with another label" };
  };
  return {
    passes: [(cells, row) => {
      finder.add(row, rowText(cells, columns, simplification));
      if (isMissing(cells[label])) return;
      const name = String(cells[label]);
      const number = numbers.get(name) ?? numbers.size + 1;
      numbers.set(name, number);
      labelOf[row] = number;
    }],
    finishPass: () => void (majority = judgeGroups(labelOf, finder.firstOf)),
    restart: () => void (rows = 0),
    ...(isTag && { adds: [column(freshName(context.columns, "conflicting_label"), { kind: "boolean", type: "boolean" })], fills: [false] }),
    apply: (_, row) => apply(row),
    notes: () => [majority.size === 0 ? "No text has two labels." : `${majority.size.toLocaleString("en")} ${majority.size === 1 ? "text has" : "texts have"} different labels, in ${rows.toLocaleString("en")} rows.`],
  };
}

export const conflictingLabels = defineStep({
  id: "conflicting-labels",
  label: "Conflicting labels",
  summary: "Finds rows with the same text and different labels, the surest sign of a wrong one.",
  words: "contradictory inconsistent mislabeled wrong annotation errors disagreement noise",
  group: "Duplicates",
  defaultColumns: "text",
  version: 1,
  settings,
  start(chosen, context) {
    const label = findLabelColumn(context.columns);
    if (label >= 0) return startWith(chosen, context, label);
    return { apply: () => undefined, notes: () => ["No column has the role of a label; give it to one first."] };
  },
});
