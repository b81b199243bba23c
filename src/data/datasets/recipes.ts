/** Recipes as rows of the database: the draft of a dataset, and those saved by name. In: a database. Out: recipes that were checked. */
import type { Database } from "../store/database";
import type { Recipe, SavedRecipe } from "../types/cleaning";
import { recipeSchema } from "./cleaned";

const readSteps = (text: unknown): Recipe => recipeSchema.parse(JSON.parse(String(text)));

export function readDraft(database: Database, dataset: string): Recipe | undefined {
  const [row] = database.all("SELECT recipe FROM drafts WHERE dataset = ?", dataset);
  return row && readSteps(row["recipe"]);
}

/** Samples that were never opened have no row yet, and no draft. */
export function writeDraft(database: Database, dataset: string, recipe: Recipe): void {
  const text = JSON.stringify(recipeSchema.parse(recipe));
  database.run("INSERT INTO drafts SELECT id, ? FROM datasets WHERE id = ? ON CONFLICT (dataset) DO UPDATE SET recipe = excluded.recipe", text, dataset);
}

export const listRecipes = (database: Database): SavedRecipe[] =>
  database.all("SELECT * FROM recipes ORDER BY name").map(({ id, name, steps, saved_at: savedAt }) => ({ id: String(id), name: String(name), steps: readSteps(steps), savedAt: Number(savedAt) }));

/** Under a name that is taken, the saved one is replaced. */
export function saveRecipe(database: Database, name: string, steps: Recipe): SavedRecipe {
  const known = listRecipes(database).find((recipe) => recipe.name === name);
  const recipe: SavedRecipe = { id: known?.id ?? crypto.randomUUID(), name, steps: recipeSchema.parse(steps), savedAt: Date.now() };
  database.run(
    "INSERT INTO recipes VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET steps = excluded.steps, saved_at = excluded.saved_at",
    recipe.id, recipe.name, JSON.stringify(recipe.steps), recipe.savedAt,
  );
  return recipe;
}

export function removeRecipe(database: Database, id: string): void {
  database.run("DELETE FROM recipes WHERE id = ?", id);
}
