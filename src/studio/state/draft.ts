/**
 * The settings form before Train. In: what was typed, chosen, linked or remembered. Out: the fields that apply, a problem per
 * field that is out of range, and the settings when there is none. Values stay as typed until they are right.
 */
import { type Experiment, fieldsFor, parseExperiment, type Catalog } from "../../settings/experiment";
import { type Field, type FieldValue, problemWith } from "../../settings/field";
import type { DatasetSummary, DeviceSummary } from "../../worker/protocol";

export interface Draft {
  /** By field id; a value may be out of range or not even a number while it is being typed. */
  readonly values: Readonly<Record<string, FieldValue>>;
  /** What a link or a remembered draft asked for that could not be done. */
  readonly linkProblems: readonly string[];
}

export interface Choices {
  readonly catalog: Catalog;
  readonly datasets: readonly DatasetSummary[];
  readonly device: DeviceSummary;
}

/** The fields of the form; the datasets fill in the options of the one core choice that is no registry. */
export function formFields({ catalog, datasets }: Pick<Choices, "catalog" | "datasets">, values: Draft["values"]): Field[] {
  return fieldsFor(catalog, values).map((field) =>
    field.id === "dataset" && field.kind === "choice"
      ? { ...field, options: datasets.map(({ id, name, summary }) => ({ id, label: name, summary })) }
      : field,
  );
}

/** Settings that suit this machine: the schema's defaults, the device's laid over them, the text's own prompt. */
export function suggestedValues(choices: Choices): Draft["values"] {
  const { settings } = parseExperiment(choices.catalog, { ...choices.device.defaults });
  return withPrompt(withDataset(settings, choices.datasets), choices.datasets);
}

/** Whether the form is as this machine was suggested to be used. */
export function isSuggested(choices: Choices, values: Draft["values"]): boolean {
  const suggested = suggestedValues(choices);
  return formFields(choices, values).every(({ id }) => values[id] === suggested[id]);
}

/** Settings from outside, over the suggested ones, with one sentence per value that was not taken. */
export function draftFrom(choices: Choices, given: unknown): Draft {
  const suggested = suggestedValues(choices);
  const isRecord = typeof given === "object" && given !== null && !Array.isArray(given);
  const wanted: Record<string, unknown> = isRecord ? { ...given } : {};
  const parsed = parseExperiment(choices.catalog, isRecord ? { ...applicable(choices.catalog, suggested, wanted), ...wanted } : given);
  const values = withDataset(parsed.settings, choices.datasets);
  const problems = [...parsed.problems];
  if (values["dataset"] !== parsed.settings.dataset) {
    problems.push(`Dataset: "${parsed.settings.dataset.slice(0, 60)}" is not on this device. Add it under Data, or train on the one shown.`);
  }
  return { values: "samplePrompt" in wanted ? values : withPrompt(values, choices.datasets), linkProblems: problems };
}

/** The suggested values that still apply once the wanted model, optimizer … are chosen. */
function applicable(catalog: Catalog, suggested: Draft["values"], wanted: Readonly<Record<string, unknown>>): Record<string, FieldValue> {
  const ids = new Set(fieldsFor(catalog, { ...suggested, ...wanted }).map((field) => field.id));
  return Object.fromEntries(Object.entries(suggested).filter(([id]) => ids.has(id)));
}

/** One field changed. Choosing another model brings in its fields with their defaults, and keeps those of the old one aside. */
export function changeValue(choices: Choices, draft: Draft, id: string, value: FieldValue): Draft {
  const before = draft.values;
  let values: Record<string, FieldValue> = { ...before, [id]: value };
  for (const field of formFields(choices, values)) values[field.id] ??= field.default;
  if (id === "dataset" && before["samplePrompt"] === promptOf(choices.datasets, before["dataset"])) {
    values = { ...withPrompt(values, choices.datasets) };
  }
  return { values, linkProblems: [] };
}

/** A sentence per field that keeps the run from starting, by field id. */
export function problemsOf(fields: readonly Field[], values: Draft["values"]): Map<string, string> {
  const problems = new Map<string, string>();
  for (const field of fields) {
    const problem = problemWith(field, values[field.id]);
    if (problem) problems.set(field.id, problem);
  }
  return problems;
}

/** The settings of the form, without the values of models and optimizers that are not chosen. */
export function settingsOf(fields: readonly Field[], values: Draft["values"]): Experiment {
  return Object.fromEntries(fields.map((field) => [field.id, values[field.id] ?? field.default])) as Experiment;
}

/** "learning rate 1e-3 → 3e-4" for each field that differs, in the order of the form. */
export function changesBetween(fields: readonly Field[], from: Draft["values"], to: Draft["values"], show: (value: number) => string): string[] {
  const say = (field: Field, value: FieldValue | undefined) => {
    if (typeof value === "number") return show(value);
    if (field.kind === "choice") return field.options.find((option) => option.id === value)?.label ?? String(value);
    return typeof value === "boolean" ? (value ? "on" : "off") : `“${String(value)}”`;
  };
  return fields
    .filter(({ id }) => from[id] !== undefined && to[id] !== undefined && from[id] !== to[id])
    .map((field) => `${field.label.toLowerCase()} ${say(field, from[field.id])} → ${say(field, to[field.id])}`);
}

function promptOf(datasets: readonly DatasetSummary[], id: FieldValue | undefined): string | undefined {
  return datasets.find((dataset) => dataset.id === id)?.prompt;
}

function withPrompt(values: Draft["values"], datasets: readonly DatasetSummary[]): Draft["values"] {
  const prompt = promptOf(datasets, values["dataset"]);
  return prompt === undefined ? values : { ...values, samplePrompt: prompt };
}

function withDataset(values: Draft["values"], datasets: readonly DatasetSummary[]): Draft["values"] {
  const known = datasets.some((dataset) => dataset.id === values["dataset"]);
  const first = datasets[0];
  return known || !first ? values : { ...values, dataset: first.id };
}
