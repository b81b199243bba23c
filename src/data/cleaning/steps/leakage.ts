/**
 * Finds rows held out for validation or testing whose text, exactly or nearly, is in the training part too: what is measured on them is memory. In: the text of the
 * chosen columns, the split. Out: one side of each such group is dropped, or both are marked. Groups are those of the step about near-duplicates.
 */
import { z } from "zod";
import { choice, toggle } from "../../../settings/field";
import { NO_ROW } from "../../duplicates/exact";
import { describeChance, nearFields, nearSettings, pickSimplification, simplifyFields } from "../../duplicates/fields";
import { createNearFinder } from "../../duplicates/near";
import { rowText } from "../../duplicates/rowText";
import { column } from "../../table/table";
import { defineStep } from "../defineStep";
import type { RowOutcome, StepContext, StepRun } from "../step";
import { comparedColumns, freshName } from "../targets";

const settings = z.object({
  action: choice({
    label: "Rows on both sides", help: "Which of the rows that leak goes.", group: "Data", default: "training",
    options: [
      { id: "training", label: "Drop from training", summary: "Validation and test stay as they are, so results can be compared." },
      { id: "held-out", label: "Drop from validation and test", summary: "The training part stays as it is." },
      { id: "tag", label: "Mark", summary: "All stay, and a new column says which they are." },
    ],
  }),
  near: toggle({ label: "Near-duplicates too", help: "Off: only rows with the same text, apart from case and spacing.", group: "Data", default: true }),
  ...nearFields,
  ...simplifyFields,
});

const TRAINING = 1;
const HELD_OUT = 2;
const REASONS = { training: "Its text is in validation or test", "held-out": "Its text is in the training part" } as const;

function startWith(chosen: z.output<typeof settings>, context: StepContext): StepRun {
  const columns = comparedColumns(context);
  const simplification = pickSimplification(chosen);
  const near = nearSettings(chosen);
  const finder = createNearFinder(near, context.rows, () => context.breathe());
  const groupOf = chosen.near ? finder.firstOf : finder.exactFirstOf;
  /** By first row: which sides the group stands on. */
  const sides = new Uint8Array(context.rows);
  const sideOf = (row: number): number => (context.partOf(row) === "train" ? TRAINING : HELD_OUT);
  let [inTraining, heldOut] = [0, 0];
  const textOf = (cells: Parameters<StepRun["apply"]>[0]): string => rowText(cells, columns, simplification);
  const apply = (row: number): RowOutcome => {
    const group = groupOf(row);
    if (group === NO_ROW || sides[group] !== (TRAINING | HELD_OUT)) return undefined;
    const side = sideOf(row) === TRAINING ? "training" : "held-out";
    if (side === "training") inTraining++;
    else heldOut++;
    if (chosen.action === "tag") return { action: "change", changes: [{ column: context.columns.length, after: true }] };
    return side === chosen.action ? { action: "drop", reason: REASONS[side] } : undefined;
  };
  return {
    passes: [(cells, row) => finder.add(row, textOf(cells)), (cells, row) => finder.verify(row, textOf(cells))],
    finishPass(pass) {
      if (pass === 0) return finder.finishAdding();
      finder.finishVerifying();
      for (let row = 0; row < context.rows; row++) if (groupOf(row) !== NO_ROW) sides[groupOf(row)]! |= sideOf(row);
      return undefined;
    },
    restart: () => void ([inTraining, heldOut] = [0, 0]),
    ...(chosen.action === "tag" && { adds: [column(freshName(context.columns, "leaks"), { kind: "boolean", type: "boolean" })], fills: [false] }),
    apply: (_, row) => apply(row),
    notes: () => [
      heldOut === 0 ? "No text is on both sides." : `${heldOut.toLocaleString("en")} held-out ${heldOut === 1 ? "row says" : "rows say"} the same as ${inTraining.toLocaleString("en")} ${inTraining === 1 ? "row" : "rows"} of the training part${chosen.near ? ", or nearly" : ""}.`,
      ...(chosen.near ? [describeChance(near)] : []),
    ],
  };
}

export const leakage = defineStep({
  id: "leakage",
  label: "Leakage between parts",
  summary: "Finds validation and test rows that training has seen.",
  words: "train/test overlap contamination contaminated held-out evaluation benchmark duplicates across splits seen",
  group: "Leakage",
  defaultColumns: "text",
  version: 1,
  settings,
  start(chosen, context) {
    if (context.hasSplit) return startWith(chosen, context);
    return { apply: () => undefined, notes: () => ["No rows are held out for validation or testing: choose a split first."] };
  },
});
