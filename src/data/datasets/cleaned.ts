/**
 * The cleaned rows of a dataset. In: its original rows, a recipe, its split. Out: rows written beside the original, with the numbers they
 * had there; or only what the recipe would do. Which recipe, rows and split they were made of is kept with them, so that rows that are
 * no longer what the recipe makes (after an edit, another split, a newer step) are noticed and made again.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { z } from "zod";
import { createBreath } from "../breath";
import { type RecipeContext, collectChanges, recipeKey, runRecipe } from "../cleaning/recipe";
import type { Store } from "../store/store";
import type { ChunkWriter, StoredRows } from "../table/chunkWriter";
import type { Recipe, RecipeCounts, RowChange } from "../types/cleaning";
import type { Column } from "../types/table";
import type { OpenVersion } from "./listing";
import { ROW_NUMBERS } from "./rowNumbers";
import { assignRows, partName, readSplit } from "./splits";

export interface CleaningOptions {
  readonly signal?: AbortSignal;
  readonly onCounts?: (counts: RecipeCounts) => void;
}

export interface CleanedRows {
  readonly rows: StoredRows;
  /** Without the numbers, which are the last column of the rows. */
  readonly columns: readonly Column[];
  readonly madeFrom: string;
  readonly counts: RecipeCounts;
}

/** Tells whether cleaned rows are what this recipe makes of these rows and this split. */
export function cleanedKey({ database }: Store, { dataset, version }: OpenVersion, recipe: Recipe): string {
  const made = [version.hash, recipeKey(recipe), readSplit(database, dataset.id) ?? null, version.columns.map(({ role, type }) => [role, type])];
  return bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(made))));
}

async function contextOf(store: Store, original: OpenVersion, { signal, onCounts }: CleaningOptions): Promise<RecipeContext> {
  const split = readSplit(store.database, original.dataset.id);
  const parts = split ? (await assignRows(original.table, split)).parts : undefined;
  return {
    ...(parts ? { partOf: (row: number) => partName(parts[row]) } : {}),
    breathe: createBreath(signal, `The cleaning of ${original.dataset.name}`),
    ...(onCounts ? { onCounts } : {}),
  };
}

/** Writes what the recipe leaves through `writer`, which gives its room back where that fails. */
export async function writeCleaned(store: Store, original: OpenVersion, recipe: Recipe, writer: ChunkWriter, options: CleaningOptions): Promise<CleanedRows> {
  // Of the split that is in force now: it may change while the rows are made.
  const madeFrom = cleanedKey(store, original, recipe);
  try {
    const cleaned = await runRecipe(original.table, recipe, await contextOf(store, original, options));
    writer.columns([...cleaned.columns.map(({ name, kind, type }) => ({ name, kind, type })), ROW_NUMBERS]);
    for await (const { rows, columns } of cleaned.batches()) await writer.rows([...columns, rows], rows.length);
    return { rows: await writer.finish(), columns: cleaned.columns, madeFrom, counts: cleaned.counts() };
  } catch (error) {
    writer.discard();
    throw error;
  }
}

/** What the recipe would do to every row; nothing is kept. */
export async function countRecipe(store: Store, original: OpenVersion, recipe: Recipe, options: CleaningOptions): Promise<RecipeCounts> {
  const cleaned = await runRecipe(original.table, recipe, await contextOf(store, original, options));
  const batches = cleaned.batches();
  // The rows themselves are made and forgotten.
  while (!(await batches.next()).done);
  return cleaned.counts();
}

export async function showChanges(store: Store, original: OpenVersion, recipe: Recipe, stepKey: string, count: number, options: CleaningOptions): Promise<RowChange[]> {
  return collectChanges(original.table, recipe, stepKey, count, await contextOf(store, original, options));
}

export const recipeSchema: z.ZodType<Recipe> = z.array(
  z.object({
    key: z.string(),
    step: z.string(),
    columns: z.array(z.string()),
    settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    on: z.boolean(),
  }),
);
