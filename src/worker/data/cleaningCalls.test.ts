/** The recipe that is being written stays what the person wrote, whatever of it is applied. */
import { expect, it } from "vitest";
import { openDatasets, textSource } from "../../data/datasets";
import { createMemoryDisk } from "../../data/store/memoryStore";
import { createDataBackend } from "../dataBackend";
import type { Recipe, RecipeStep, Result } from "../protocol";

async function valueOf<T>(result: Promise<Result<T>>): Promise<T> {
  const answer = await result;
  if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
  return answer.value;
}

it("an applied recipe leaves the draft with its steps that are off, and so does going back to the original", async () => {
  const disk = await createMemoryDisk();
  const datasets = openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: () => Promise.reject(new Error("none")) });
  const calls = createDataBackend(datasets);
  const { id } = await datasets.importText(textSource("fox", "The fox.\n\nThe fox.\n\nThe dog.\n"));
  const [on, off]: [RecipeStep, RecipeStep] = [
    { key: "1", step: "exact-duplicates", columns: [], settings: {}, on: true },
    { key: "2", step: "whitespace", columns: [], settings: {}, on: false },
  ];
  const recipeOf = async (): Promise<{ readonly applied: Recipe; readonly draft: Recipe }> => valueOf(calls.readRecipe(id));
  await valueOf(calls.countRecipe(id, [on, off], 1, () => undefined));
  await valueOf(calls.applyRecipe(id, [on], 2, () => undefined));
  expect(await recipeOf()).toEqual({ applied: [on], draft: [on, off] });
  await valueOf(calls.applyRecipe(id, [], 3, () => undefined));
  expect(await recipeOf()).toEqual({ applied: [], draft: [on, off] });
  // Applied before it was counted: the draft is what was applied.
  const other: RecipeStep = { ...off, on: true };
  await valueOf(calls.applyRecipe(id, [other], 4, () => undefined));
  expect(await recipeOf()).toEqual({ applied: [other], draft: [other] });
});
