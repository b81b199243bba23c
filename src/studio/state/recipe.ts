/**
 * A cleaning recipe while it is written. In: the recipe and one change. Out: another recipe, the old one untouched. Also a
 * recipe as a file and back: what comes from a file is judged step by step, and what cannot be taken is said.
 */
import { type Field, type FieldValue, problemWith } from "../../settings/field";
import type { Recipe, RecipeStep, StepInfo } from "../../worker/protocol";

const FILE_KIND = "descent-recipe";
const FILE_VERSION = 1;
const MOST_STEPS = 100;

/** Distinct within the recipe. */
function newKey(recipe: Recipe, step: string): string {
  for (let number = 1; ; number++) {
    const key = `${step}-${number}`;
    if (!recipe.some((one) => one.key === key)) return key;
  }
}

const defaultsOf = (fields: readonly Field[]): Record<string, FieldValue> => Object.fromEntries(fields.map((field) => [field.id, field.default]));

export function addStep(recipe: Recipe, info: StepInfo): Recipe {
  return [...recipe, { key: newKey(recipe, info.id), step: info.id, columns: [], settings: defaultsOf(info.fields), on: true }];
}

export const removeStep = (recipe: Recipe, key: string): Recipe => recipe.filter((step) => step.key !== key);

export const changeStep = (recipe: Recipe, key: string, part: Partial<Omit<RecipeStep, "key" | "step">>): Recipe =>
  recipe.map((step) => (step.key === key ? { ...step, ...part } : step));

/** One place up or down; at the ends it stays. */
export function shiftStep(recipe: Recipe, key: string, by: -1 | 1): Recipe {
  const from = recipe.findIndex((step) => step.key === key);
  const other = recipe[from + by];
  if (from < 0 || !other) return recipe;
  return placeSteps(recipe, [key], other.key, by < 0 ? "before" : "after");
}

/** Moves steps, in the order they stand in, beside another; moving a step beside itself changes nothing. */
export function placeSteps(recipe: Recipe, keys: readonly string[], beside: string, side: "before" | "after"): Recipe {
  if (keys.includes(beside)) return recipe;
  const moved = recipe.filter((step) => keys.includes(step.key));
  const rest = recipe.filter((step) => !keys.includes(step.key));
  const at = rest.findIndex((step) => step.key === beside);
  if (at < 0) return recipe;
  const place = side === "before" ? at : at + 1;
  return [...rest.slice(0, place), ...moved, ...rest.slice(place)];
}

/** One sentence per thing that keeps the recipe from being counted: a value out of range, a step that is not known, a column that is gone. */
export function recipeProblems(recipe: Recipe, steps: readonly StepInfo[], columns: readonly string[]): Map<string, string[]> {
  const problems = new Map<string, string[]>();
  for (const { key, step, settings, columns: named, on } of recipe) {
    if (!on) continue;
    const info = steps.find(({ id }) => id === step);
    const found = info
      ? info.fields.flatMap((field) => problemWith(field, settings[field.id] ?? field.default) ?? [])
      : [`There is no step “${step}” here. Remove it, or switch it off.`];
    for (const name of named) if (!columns.includes(name)) found.push(`This dataset has no column “${name}”. Choose another.`);
    if (found.length > 0) problems.set(key, found);
  }
  return problems;
}

export function sameRecipe(a: Recipe, b: Recipe): boolean {
  const plain = (recipe: Recipe) =>
    JSON.stringify(recipe.filter(({ on }) => on).map(({ step, columns, settings }) => [step, columns, Object.entries(settings).sort(([x], [y]) => (x < y ? -1 : 1))]));
  return plain(a) === plain(b);
}

export function recipeJson(name: string, steps: Recipe): string {
  const written = steps.map(({ step, columns, settings, on }) => ({ step, columns, settings, on }));
  return `${JSON.stringify({ kind: FILE_KIND, version: FILE_VERSION, name, steps: written }, null, 2)}\n`;
}

export type RecipeFile = { readonly ok: true; readonly name: string; readonly steps: Recipe; readonly notes: readonly string[] } | { readonly ok: false; readonly problem: string };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Steps that are not known here are left out and named; a value out of range becomes the default and is named. */
export function readRecipeFile(text: string, steps: readonly StepInfo[]): RecipeFile {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    return { ok: false, problem: `This file is not JSON: ${cause instanceof Error ? cause.message : String(cause)}. Choose a recipe that Descent exported.` };
  }
  if (!isRecord(parsed) || parsed["kind"] !== FILE_KIND || !Array.isArray(parsed["steps"])) return { ok: false, problem: "This file is JSON but no recipe. Choose one that Descent exported." };
  if (parsed["version"] !== FILE_VERSION) return { ok: false, problem: `This recipe is of version ${String(parsed["version"])}; this Descent reads version ${FILE_VERSION}. Update Descent.` };
  const given = parsed["steps"] as readonly unknown[];
  if (given.length > MOST_STEPS) return { ok: false, problem: `This recipe has ${given.length} steps; at most ${MOST_STEPS} can be read.` };
  const notes: string[] = [];
  let recipe: Recipe = [];
  for (const [index, one] of given.entries()) {
    const info = isRecord(one) ? steps.find(({ id }) => id === one["step"]) : undefined;
    if (!isRecord(one) || !info) {
      notes.push(`Step ${index + 1} was left out: ${isRecord(one) ? `“${String(one["step"]).slice(0, 60)}” is not known here` : "it is no step"}.`);
      continue;
    }
    recipe = [...recipe, { key: newKey(recipe, info.id), ...readStep(one, info, notes) }];
  }
  return { ok: true, name: typeof parsed["name"] === "string" ? parsed["name"].slice(0, 120) : "Recipe", steps: recipe, notes };
}

function readStep(one: Readonly<Record<string, unknown>>, info: StepInfo, notes: string[]): Omit<RecipeStep, "key"> {
  const given = isRecord(one["settings"]) ? new Map(Object.entries(one["settings"])) : new Map<string, unknown>();
  const settings = info.fields.map((field): [string, FieldValue] => {
    const value = given.get(field.id) ?? field.default;
    const problem = problemWith(field, value);
    if (problem === undefined) return [field.id, value as FieldValue];
    notes.push(`${info.label}: ${problem} The default was taken.`);
    return [field.id, field.default];
  });
  const columns = Array.isArray(one["columns"]) ? one["columns"].filter((name): name is string => typeof name === "string") : [];
  return { step: info.id, columns, settings: Object.fromEntries(settings), on: one["on"] !== false };
}
