/** For tests. In: a step, settings, texts. Out: what became of each text, as a table with one text column makes it; dropped rows say why. */
import type { FieldValue } from "../../../settings/field";
import { column, memoryTable, type Table } from "../../table/table";
import type { Recipe, RecipeCounts, RecipeStep, TextEdit } from "../../types/cleaning";
import type { Cell } from "../../types/table";
import { collectChanges, runRecipe } from "../recipe";
import type { CleaningStep } from "../step";

type Settings = Readonly<Record<string, FieldValue>>;

export const noBreath = { breathe: () => undefined };

export function recipeStep(step: CleaningStep | string, settings: Settings = {}, given: Partial<RecipeStep> = {}): RecipeStep {
  const id = typeof step === "string" ? step : step.id;
  return { key: id, step: id, columns: [], settings, on: true, ...given };
}

export const textTable = (texts: readonly Cell[], joiner = "\n"): Table =>
  memoryTable([column("text", { role: "text" })], texts.map((text) => [text]), { joiner, batchRows: 3 });

export interface RecipeResult {
  readonly columns: readonly string[];
  readonly numbers: readonly number[];
  /** rows[row][column] */
  readonly rows: readonly (readonly Cell[])[];
  readonly counts: RecipeCounts;
}

export async function runAll(table: Table, recipe: Recipe): Promise<RecipeResult> {
  const cleaned = await runRecipe(table, recipe, noBreath);
  const [numbers, rows]: [number[], Cell[][]] = [[], []];
  for await (const batch of cleaned.batches()) {
    numbers.push(...batch.rows);
    batch.rows.forEach((_, index) => rows.push(batch.columns.map((cells) => cells[index])));
  }
  return { columns: cleaned.columns.map(({ name }) => name), numbers, rows, counts: cleaned.counts() };
}

/** The texts that are left, and for dropped ones `{ drop: reason }`. */
export async function runTexts(step: CleaningStep | string, texts: readonly Cell[], settings: Settings = {}, joiner = "\n"): Promise<(Cell | { readonly drop: string })[]> {
  const table = textTable(texts, joiner);
  const recipe = [recipeStep(step, settings)];
  const { numbers, rows } = await runAll(table, recipe);
  const dropped = await collectChanges(table, recipe, recipe[0]!.key, Infinity, noBreath);
  return texts.map((_, row) => {
    const at = numbers.indexOf(row);
    return at >= 0 ? rows[at]![0] : { drop: dropped.find((change) => change.row === row && change.reason !== undefined)?.reason ?? "" };
  });
}

/** The edits of one text; empty where it stays. */
export async function editsOf(step: CleaningStep | string, text: string, settings: Settings = {}): Promise<readonly TextEdit[]> {
  const [change] = await collectChanges(textTable([text]), [recipeStep(step, settings)], typeof step === "string" ? step : step.id, 1, noBreath);
  return change?.edits ?? [];
}
