/**
 * How a dataset is divided into training, validation and test rows. In: changes of the settings. Out: what the split would
 * be, a moment after the last change (the newest wins), and the split itself once it is kept.
 */
import { z } from "zod";
import type { StoreApi } from "zustand/vanilla";
import { decimal, describeFields, type Field, type FieldValue, integer, problemWith } from "../../settings/field";
import type { Column, DatasetSummary, Failure, SplitSettings, SplitSummary } from "../../worker/protocol";
import { columnsOf, refreshDatasets } from "./datasets";
import { settle } from "./settle";
import { report, type Studio } from "./studio";

export interface Splitting {
  /** The dataset as it was when this was asked. */
  readonly of: DatasetSummary | null;
  /** As typed: numbers may be out of range or text. */
  readonly values: SplitValues;
  /** What is in force, or, where nothing was kept, what is proposed. */
  readonly kept: SplitSummary | null;
  readonly planned: SplitSummary | null;
  readonly status: "new" | "working" | "ready" | "failed";
  readonly isKeeping: boolean;
  readonly problems: ReadonlyMap<string, string>;
  readonly failure: Failure | null;
}

/** The settings as fields of a form; an empty column means none. */
export interface SplitValues {
  readonly by: SplitSettings["by"];
  readonly validation: FieldValue;
  readonly test: FieldValue;
  readonly seed: FieldValue;
  readonly folds: FieldValue;
  readonly fold: FieldValue;
  readonly stratify: string;
  readonly group: string;
  readonly column: string;
}

export const NEW_SPLIT_VALUES: SplitValues = { by: "end", validation: 0.1, test: 0, seed: 1337, folds: 1, fold: 1, stratify: "", group: "", column: "" };

export const NEW_SPLITTING: Splitting = { of: null, values: NEW_SPLIT_VALUES, kept: null, planned: null, status: "new", isKeeping: false, problems: new Map(), failure: null };

export const SPLIT_FIELDS: readonly Field[] = describeFields(
  z.object({
    validation: decimal({ label: "Validation share", help: "Rows that measure while training; more make the measure steadier.", group: "Data", min: 0, max: 0.5, step: 0.05, default: 0.1 }),
    test: decimal({ label: "Test share", help: "Rows that nothing sees until the end; 0 for none.", group: "Data", min: 0, max: 0.5, step: 0.05, default: 0 }),
    seed: integer({ label: "Split seed", help: "The same seed draws the same rows.", group: "Data", min: 0, max: 9_999_999, step: 1, default: 1337 }),
    folds: integer({ label: "Folds", help: "Parts for cross-validation, of which one validates; 1 for none.", group: "Data", min: 1, max: 20, step: 1, default: 1 }),
    fold: integer({ label: "Fold", help: "Which of the folds validates.", group: "Data", min: 1, max: 20, step: 1, default: 1 }),
  }),
);

/** Which settings a way of splitting has. */
export function splitFieldsOf({ by, folds }: SplitValues): readonly Field[] {
  if (by === "column") return [];
  const isFolded = by === "random" && typeof folds === "number" && folds > 1;
  const ids = by === "random" ? (isFolded ? ["test", "seed", "folds", "fold"] : ["validation", "test", "seed", "folds"]) : ["validation", "test"];
  return SPLIT_FIELDS.filter(({ id }) => ids.includes(id));
}

function problemsOf(values: SplitValues): Map<string, string> {
  const problems = new Map<string, string>();
  for (const field of splitFieldsOf(values)) {
    const problem = problemWith(field, values[field.id as "validation"]);
    if (problem) problems.set(field.id, problem);
  }
  const { folds, fold, by } = values;
  if (by === "random" && typeof folds === "number" && typeof fold === "number" && folds > 1 && fold > folds) problems.set("fold", `Fold: there are ${folds} folds. Try ${folds}.`);
  if ((by === "column" || by === "time") && values.column === "") problems.set("column", by === "time" ? "Choose the column that says when." : "Choose the column that says the part.");
  return problems;
}

/** What the form says; null while it has problems. The form counts folds from 1. */
export function splitSettings(values: SplitValues): SplitSettings | null {
  if (problemsOf(values).size > 0) return null;
  const { by, stratify, group, column } = values;
  const [validation, test, seed, folds, fold] = [values.validation, values.test, values.seed, values.folds, values.fold].map(Number) as [number, number, number, number, number];
  const isRandom = by === "random";
  return {
    by, validation, test, seed,
    ...(isRandom && stratify !== "" ? { stratify } : {}),
    ...(isRandom && group !== "" ? { group } : {}),
    ...(by === "column" || by === "time" ? { column } : {}),
    ...(isRandom && folds > 1 ? { folds, fold: fold - 1 } : {}),
  };
}

export const splitValues = ({ by, validation, test, seed, stratify, group, column, folds, fold }: SplitSettings): SplitValues => ({
  by, validation, test, seed, folds: folds ?? 1, fold: (fold ?? 0) + 1, stratify: stratify ?? "", group: group ?? "", column: column ?? "",
});

const isUnchanged = ({ kept, values }: Splitting): boolean => kept !== null && JSON.stringify(splitSettings(splitValues(kept.settings))) === JSON.stringify(splitSettings(values));

/** True where what the form says is what is in force; a proposed split is not in force. */
export const isSplitKept = (state: Splitting): boolean => state.kept?.isKept === true && isUnchanged(state);

export const PLAN_AFTER_MS = 250;
const timers = new WeakMap<StoreApi<Splitting>, ReturnType<typeof setTimeout>>();

/** Reads the split in force; what was typed before stays while the dataset is the same. */
export async function openSplit(studio: Studio, dataset: DatasetSummary): Promise<void> {
  const store = studio.tools.splits.of(dataset.id);
  const before = store.getState();
  if (before.of === dataset) return;
  store.setState({ of: dataset, status: "working" });
  const answer = await settle(studio.connection.data.readSplit(dataset.id));
  if (store.getState().of !== dataset) return;
  if (!answer.ok) return store.setState({ status: "failed", failure: answer.failure });
  store.setState({ kept: answer.value, failure: null });
  const isDirty = before.kept !== null && !isUnchanged(before);
  if (isDirty) return planSoon(studio, dataset);
  store.setState({ values: splitValues(answer.value.settings), planned: answer.value, status: "ready", problems: new Map() });
}

export function changeSplit(studio: Studio, dataset: DatasetSummary, part: Partial<SplitValues>): void {
  const store = studio.tools.splits.of(dataset.id);
  const before = store.getState().values;
  let values = { ...before, ...part };
  if (part.by !== undefined && part.by !== before.by) values = { ...values, column: likelyColumn(part.by, columnsOf(dataset, "original")) };
  store.setState({ values });
  planSoon(studio, dataset);
}

function likelyColumn(by: SplitSettings["by"], columns: readonly Column[]): string {
  if (by === "time") return (columns.find(({ role }) => role === "time") ?? columns.find(({ type }) => type === "date"))?.name ?? "";
  if (by === "column") return columns.find(({ name }) => /^(split|part|fold|set|subset)$/i.test(name))?.name ?? "";
  return "";
}

function planSoon(studio: Studio, dataset: DatasetSummary): void {
  const store = studio.tools.splits.of(dataset.id);
  clearTimeout(timers.get(store));
  const problems = problemsOf(store.getState().values);
  store.setState({ problems, status: problems.size > 0 ? "ready" : "working", failure: null });
  if (problems.size === 0) timers.set(store, setTimeout(() => void planNow(studio, dataset), PLAN_AFTER_MS));
}

async function planNow(studio: Studio, dataset: DatasetSummary): Promise<void> {
  const store = studio.tools.splits.of(dataset.id);
  const { values } = store.getState();
  const settings = splitSettings(values);
  if (!settings) return;
  const answer = await settle(studio.connection.data.planSplit(dataset.id, settings, "try"));
  if (store.getState().values !== values) return;
  store.setState(answer.ok ? { status: "ready", planned: answer.value, failure: null } : { status: "failed", failure: answer.failure });
}

export async function keepSplit(studio: Studio, dataset: DatasetSummary): Promise<void> {
  const store = studio.tools.splits.of(dataset.id);
  const settings = splitSettings(store.getState().values);
  if (!settings || store.getState().isKeeping) return;
  store.setState({ isKeeping: true });
  const answer = await settle(studio.connection.data.planSplit(dataset.id, settings, "keep"));
  store.setState({ isKeeping: false });
  if (!answer.ok) return report(studio, answer.failure);
  store.setState({ kept: answer.value, planned: answer.value, values: splitValues(answer.value.settings), status: "ready", failure: null });
  studio.announcer.change("The split is kept; training sees only its training rows.");
  studio.previewer.forget(dataset.id);
  await refreshDatasets(studio);
}

/** Back to no split: training holds out the end of the text. What the form says stays. */
export async function dropSplit(studio: Studio, dataset: DatasetSummary): Promise<void> {
  const answer = await settle(studio.connection.data.dropSplit(dataset.id));
  if (!answer.ok) return report(studio, answer.failure);
  const store = studio.tools.splits.of(dataset.id);
  store.setState(({ kept }) => ({ kept: kept && { ...kept, isKept: false } }));
  studio.announcer.change("The split is dropped; training holds out the end of the text.");
  studio.previewer.forget(dataset.id);
  await refreshDatasets(studio);
}
