/**
 * An experiment is everything that determines a run: the fields every run has (below) and those that the chosen model,
 * objective, optimizer and schedule add (their registries say which). It is flat, `{field id: value}`, so a share link, a
 * saved run and the form speak of a setting by the same name. In: untrusted objects. Out: settings in range, or problems.
 */
import { z } from "zod";
import { type Field, type FieldValue, choice, describeFields, integer, decimal, problemWith, registryChoice, text } from "./field";

export const SETTINGS_VERSION = 1;

/** What `tokenizer` begins with where it names one that is kept on this device, and not a kind that the run trains for itself. */
export const SAVED_TOKENIZER = "saved:";

export const coreSchema = z.object({
  dataset: registryChoice({ label: "Dataset", help: "The text the model learns from.", group: "Data", default: "moby-dick" }),
  tokenizer: registryChoice({
    label: "Tokenizer",
    help: "How text is cut into the pieces the model predicts.",
    group: "Data",
    default: "characters",
  }),
  objective: registryChoice({ label: "Objective", help: "What the model is asked to predict.", group: "Model", default: "causal-lm" }),
  model: registryChoice({ label: "Model", help: "The architecture.", group: "Model", default: "gpt" }),
  activations: choice({
    label: "Activations", help: "How numbers inside the model are kept for the backward pass. Weights, sums and all arithmetic stay 32 bits.", group: "Model",
    default: "f32", advanced: true,
    options: [
      { id: "f32", label: "f32", summary: "As they were computed." },
      { id: "bf16", label: "bf16", summary: "Rounded to 8 bits of precision: a little more than half the memory. Losses measured so far stayed within 2%." },
    ],
  }),
  precision: choice({
    label: "Precision", help: "What matrix products may be computed in. Fast needs a GPU with 16-bit arithmetic (shader-f16); without it nothing changes.", group: "Model",
    default: "f32", advanced: true,
    options: [
      { id: "f32", label: "f32", summary: "32 bits everywhere: the reference." },
      { id: "fast", label: "Fast", summary: "16-bit factors and 32-bit sums in the forward pass, where this device is measured to gain by it and the results agree." },
    ],
  }),
  batchSize: integer({
    label: "Batch size", help: "Windows of text per step. Larger is steadier and slower.", group: "Training",
    unit: "windows", min: 1, max: 512, step: 1, default: 8,
  }),
  gradientAccumulation: integer({
    label: "Gradient accumulation", help: "Batches summed before each update: a larger batch in the same memory.", group: "Training",
    unit: "batches", min: 1, max: 64, step: 1, default: 1, advanced: true,
  }),
  steps: integer({
    label: "Steps", help: "Updates until the run is finished.", group: "Training", min: 1, max: 1_000_000, step: 100, default: 2000,
  }),
  optimizer: registryChoice({ label: "Optimizer", help: "How gradients become updates.", group: "Training", default: "adamw" }),
  learningRate: decimal({
    label: "Learning rate", help: "Size of an update at its peak. Too high diverges, too low crawls.", group: "Training",
    min: 1e-7, max: 10, step: 1e-4, scale: "logarithmic", default: 1e-3,
  }),
  schedule: registryChoice({ label: "Schedule", help: "How the learning rate changes over the run.", group: "Training", default: "cosine" }),
  gradientClipping: decimal({
    label: "Gradient clipping", help: "Longest allowed gradient (global norm); 0 turns clipping off.", group: "Training",
    min: 0, max: 1000, step: 0.1, default: 1, advanced: true,
  }),
  validationEvery: integer({
    label: "Validation every", help: "Steps between measurements on held-out text.", group: "Training",
    unit: "steps", min: 1, max: 100_000, step: 10, default: 100,
  }),
  validationFraction: decimal({
    label: "Held-out share", help: "Share of the text kept out of training, taken from its end.", group: "Data",
    min: 0.01, max: 0.5, step: 0.01, default: 0.1, advanced: true,
  }),
  samplePrompt: text({
    label: "Sample prompt", help: "The text every sample starts with, so that you can compare them.", group: "Sampling",
    maxLength: 200, default: "Call me", advanced: true,
  }),
  seed: integer({
    label: "Seed", help: "The same seed and settings give the same run on the same device.", group: "Training",
    min: 0, max: 4_294_967_295, step: 1, default: 1337, advanced: true,
  }),
});

export type CoreSettings = z.infer<typeof coreSchema>;
/** The core fields by name, the registries' fields by id. */
export type Experiment = CoreSettings & { readonly [field: string]: FieldValue };

/** One choosable thing (a model, an optimizer …) as the page knows it. */
export interface CatalogEntry {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly fields: readonly Field[];
}

/** Everything the studio can be set to; the worker makes it from its registries. */
export interface Catalog {
  readonly tokenizers: readonly CatalogEntry[];
  readonly objectives: readonly CatalogEntry[];
  readonly models: readonly CatalogEntry[];
  readonly optimizers: readonly CatalogEntry[];
  readonly schedules: readonly CatalogEntry[];
}

/** Which catalog list offers the options of a core field. */
const REGISTRY_OF = {
  tokenizer: "tokenizers",
  objective: "objectives",
  model: "models",
  optimizer: "optimizers",
  schedule: "schedules",
} as const satisfies Record<string, keyof Catalog>;

/** The fields that apply to the entries chosen in `values`, in the order of the form. */
export function fieldsFor(catalog: Catalog, values: Readonly<Record<string, unknown>>): Field[] {
  const fields: Field[] = [];
  for (const core of describeFields(coreSchema)) {
    const registry = REGISTRY_OF[core.id as keyof typeof REGISTRY_OF];
    if (!registry || core.kind !== "choice") {
      fields.push(core);
      continue;
    }
    const entries = catalog[registry];
    fields.push({ ...core, options: entries.map(({ id, label, summary }) => ({ id, label, summary })) });
    const chosen = values[core.id] ?? core.default;
    fields.push(...(entries.find((entry) => entry.id === chosen)?.fields ?? []));
  }
  return fields;
}

/** The part of an experiment that the entry chosen for one registry field asked for: what a tokenizer is trained with. */
export function settingsOfChoice(catalog: Catalog, experiment: Experiment, field: keyof typeof REGISTRY_OF): Record<string, FieldValue> {
  const entry = catalog[REGISTRY_OF[field]].find(({ id }) => id === experiment[field]);
  return Object.fromEntries((entry?.fields ?? []).map(({ id, default: value }) => [id, experiment[id] ?? value]));
}

export interface ParsedExperiment {
  readonly settings: Experiment;
  /** One sentence per value that was replaced by its default or left out. */
  readonly problems: readonly string[];
}

/**
 * Reads settings from anything (a share link, a saved run, a form). Values out of range and unknown names are reported and
 * replaced by the default; nothing throws. Later versions are migrated here before the fields are read.
 */
export function parseExperiment(catalog: Catalog, input: unknown): ParsedExperiment {
  const problems: string[] = [];
  const isRecord = typeof input === "object" && input !== null && !Array.isArray(input);
  if (!isRecord && input !== undefined) problems.push("The settings are not a JSON object; defaults are used.");
  const given = new Map<string, unknown>(isRecord ? Object.entries(input) : []);
  const version = given.get("version") ?? SETTINGS_VERSION;
  given.delete("version");
  if (typeof version !== "number" || version > SETTINGS_VERSION) {
    problems.push("These settings were made by a newer Descent; names it does not know are left out.");
  }
  const choices: Record<string, unknown> = {};
  for (const field of describeFields(coreSchema)) {
    const value = given.get(field.id);
    const registry = REGISTRY_OF[field.id as keyof typeof REGISTRY_OF];
    if (registry && catalog[registry].some((entry) => entry.id === value)) choices[field.id] = value;
  }
  const settings: Record<string, FieldValue> = {};
  for (const field of fieldsFor(catalog, choices)) {
    const value = given.get(field.id);
    given.delete(field.id);
    const problem = value === undefined ? undefined : problemWith(field, value);
    if (problem) problems.push(`${problem} The default, ${String(field.default)}, is used.`);
    settings[field.id] = value === undefined || problem ? field.default : (value as FieldValue);
  }
  for (const name of given.keys()) problems.push(`"${name.slice(0, 60)}" is not a setting of this experiment and is left out.`);
  return { settings: settings as Experiment, problems };
}
