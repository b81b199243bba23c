/**
 * How a cleaning step is written. In: a step whose `start` takes the settings its zod schema describes. Out: the `CleaningStep`
 * of the registry, which takes whatever a saved recipe holds, fills in defaults and refuses what does not fit. `defineTextStep`
 * is for steps that look at one text at a time and answer with edits; what is not a text passes by.
 */
import type { z } from "zod";
import { describeFields, problemWith, type FieldValue } from "../../settings/field";
import { FailureError } from "../../settings/failure";
import type { TextEdit } from "../types/cleaning";
import type { Cell } from "../types/table";
import { applyEdits } from "./edits";
import { findMessageTexts, writeMessageText } from "./messages";
import type { CellChange, CleaningStep, Row, RowOutcome, StepContext, StepRun } from "./step";

type Settings = Readonly<Record<string, FieldValue>>;
type StepText = Pick<CleaningStep, "id" | "label" | "summary" | "words" | "group" | "defaultColumns" | "version" | "presets">;

export function defineStep<S extends z.ZodObject>(
  step: StepText & { readonly settings: S; start(settings: z.output<S>, context: StepContext): StepRun | Promise<StepRun> },
): CleaningStep {
  return { ...step, start: (settings, context) => step.start(readSettings(step, settings), context) };
}

function readSettings<S extends z.ZodObject>(step: { readonly label: string; readonly settings: S }, given: Settings): z.output<S> {
  const parsed = step.settings.safeParse(given);
  if (parsed.success) return parsed.data;
  const known = new Map(Object.entries(given));
  const problems = describeFields(step.settings).flatMap((field) => (known.has(field.id) ? problemWith(field, known.get(field.id)) ?? [] : []));
  throw new FailureError({
    kind: "bad-settings",
    message: problems.join(" ") || "Its settings are not ones it knows.",
    hint: `Correct the settings of ${step.label}, or remove the step and add it anew.`,
    where: step.label,
  }, parsed.error);
}

/** What a step makes of one text: the edits, or the reason why its row goes; undefined leaves it as it is. */
export type TextOutcome = readonly TextEdit[] | Drop | undefined;

export interface Drop {
  readonly drop: string;
  /** What is true of this row alone: a value beside the limit in the reason. */
  readonly detail?: string;
}

type ReadText = (text: string, row: number) => TextOutcome;

export interface TextRun extends Omit<StepRun, "apply" | "passes" | "finishPass"> {
  readonly readText: ReadText;
}

/** The texts of the target cells: those that are text, and what is said in conversations. */
export const textsOf = ({ columns, targets }: StepContext, cells: Row): string[] => targets.flatMap((index) => {
  const cell = cells[index];
  if (typeof cell !== "string") return [];
  return columns[index]?.kind === "json" ? findMessageTexts(cell).map(({ text }) => text) : [cell];
});

/** Asks about each text of a conversation; its edits are of the JSON, a literal each. */
function readMessages(json: string, row: number, readText: ReadText): TextOutcome {
  const edits: TextEdit[] = [];
  for (const message of findMessageTexts(json)) {
    const outcome = readText(message.text, row);
    if (outcome === undefined) continue;
    if ("drop" in outcome) return outcome;
    if (outcome.length > 0) edits.push(writeMessageText(message, applyEdits(message.text, outcome)));
  }
  return edits;
}

/** The row that results when `readText` is asked about each text of the target cells; the first reason to drop decides. */
export function applyToTexts(context: StepContext, readText: ReadText): StepRun["apply"] {
  return (cells: Row, row: number): RowOutcome => {
    let changes: CellChange[] | undefined;
    for (const column of context.targets) {
      const before: Cell = cells[column];
      if (typeof before !== "string") continue;
      const outcome = context.columns[column]?.kind === "json" ? readMessages(before, row, readText) : readText(before, row);
      if (outcome === undefined) continue;
      if ("drop" in outcome) return { action: "drop", reason: outcome.drop, ...(outcome.detail !== undefined && { detail: outcome.detail }) };
      if (outcome.length > 0) (changes ??= []).push({ column, after: applyEdits(before, outcome), edits: outcome });
    }
    return changes && { action: "change", changes };
  };
}

export function defineTextStep<S extends z.ZodObject>(
  step: StepText & { readonly settings: S; start(settings: z.output<S>, context: StepContext): TextRun | Promise<TextRun> },
): CleaningStep {
  return defineStep({
    ...step,
    start: async (settings, context) => {
      const { readText, ...rest } = await step.start(settings, context);
      return { ...rest, apply: applyToTexts(context, readText) };
    },
  });
}
