/** Cleaning, as the page calls it. In: the datasets of one store. Out: CleaningCalls: what a recipe would do, what it does, saved recipes. */
import { describeSteps } from "../../data/cleaning";
import type { Datasets } from "../../data/datasets";
import { countRecipe, recipeSchema, showChanges } from "../../data/datasets/cleaned";
import { listRecipes, readDraft, removeRecipe, saveRecipe, writeDraft } from "../../data/datasets/recipes";
import { findVersion } from "../../data/datasets/rows";
import { asResult } from "../failure";
import type { CleaningCalls, Recipe } from "../protocol";
import { type Works, telling } from "./works";

/** Members come in the order of the schema, so that equal recipes are equal texts. */
const textOf = (recipe: Recipe): string => JSON.stringify(recipeSchema.parse(recipe.filter(({ on }) => on)));
const isDrafted = (draft: Recipe, applied: Recipe): boolean => textOf(draft) === textOf(applied);

export function createCleaningCalls(datasets: Datasets, works: Works): CleaningCalls {
  return {
    listSteps: () => asResult(() => describeSteps()),
    readRecipe: (id) =>
      asResult(async () => {
        const { database } = await datasets.store();
        const recipe = findVersion(database, id, "cleaned")?.recipe;
        const applied: Recipe = recipe === undefined ? [] : recipeSchema.parse(JSON.parse(recipe));
        return { applied, draft: readDraft(database, id) ?? applied };
      }, id),
    countRecipe: (id, recipe, work, onProgress) =>
      works.run(work, id, async (signal) => {
        const store = await datasets.store();
        const original = await datasets.open(id, "original");
        writeDraft(store.database, id, recipe);
        return countRecipe(store, original, recipe, { signal, onCounts: telling(onProgress) });
      }),
    showChanges: (id, recipe, stepKey, count, work) =>
      works.run(work, id, async (signal) => showChanges(await datasets.store(), await datasets.open(id, "original"), recipe, stepKey, count, { signal })),
    applyRecipe: (id, recipe, work, onProgress) =>
      works.run(work, id, async (signal) => {
        const { database } = await datasets.store();
        const isEmpty = recipe.every(({ on }) => !on);
        const dataset = isEmpty ? await datasets.dropCleaned(id) : (await datasets.clean(id, recipe, { signal, onCounts: telling(onProgress) })).dataset;
        // The draft may have steps that are off; only one that says something else is out of date.
        if (!isEmpty && !isDrafted(readDraft(database, id) ?? [], recipe)) writeDraft(database, id, recipe);
        return dataset;
      }),
    listRecipes: () => asResult(async () => listRecipes((await datasets.store()).database)),
    saveRecipe: (name, steps) => asResult(async () => saveRecipe((await datasets.store()).database, name, steps), "recipe"),
    removeRecipe: (id) =>
      asResult(async () => {
        removeRecipe((await datasets.store()).database, id);
        return null;
      }, "recipe"),
  };
}
