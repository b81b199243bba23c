import fc from "fast-check";
import { expect, test } from "vitest";
import type { Recipe, StepInfo } from "../../worker/protocol";
import { addStep, changeStep, placeSteps, readRecipeFile, recipeJson, recipeProblems, removeStep, sameRecipe, shiftStep } from "./recipe";

const words: StepInfo = {
  id: "length", label: "Length", summary: "Drops short rows.", words: "", group: "Quality", defaultColumns: "text",
  fields: [{ id: "words", kind: "integer", label: "Fewest words", help: "Shorter rows go.", group: "Data", min: 0, max: 100, step: 1, default: 5 }],
};
const plain: StepInfo = { id: "copies", label: "Copies", summary: "Drops copies.", words: "", group: "Duplicates", defaultColumns: "all", fields: [] };
const STEPS = [words, plain];
const keys = (recipe: Recipe) => recipe.map(({ key }) => key);
const three = [plain, plain, words].reduce<Recipe>(addStep, []);

test("a step is added with its defaults and a key of its own", () => {
  expect(keys(three)).toEqual(["copies-1", "copies-2", "length-1"]);
  expect(three[2]).toMatchObject({ step: "length", settings: { words: 5 }, on: true, columns: [] });
  expect(keys(addStep(removeStep(three, "copies-1"), plain))).toEqual(["copies-2", "length-1", "copies-1"]);
});

test("steps move by one place, beside another, and nowhere beyond the ends", () => {
  expect(keys(shiftStep(three, "length-1", -1))).toEqual(["copies-1", "length-1", "copies-2"]);
  expect(shiftStep(three, "length-1", 1)).toBe(three);
  expect(shiftStep(three, "copies-1", -1)).toBe(three);
  expect(keys(placeSteps(three, ["length-1", "copies-1"], "copies-2", "after"))).toEqual(["copies-2", "copies-1", "length-1"]);
  expect(placeSteps(three, ["copies-1"], "copies-1", "before")).toBe(three);
  expect(placeSteps(three, ["copies-1"], "gone", "before")).toBe(three);
});

test("no move loses or doubles a step", () => {
  const key = fc.constantFrom(...keys(three), "gone");
  fc.assert(fc.property(fc.array(fc.tuple(fc.uniqueArray(key), key, fc.constantFrom("before" as const, "after" as const))), (moves) => {
    const moved = moves.reduce<Recipe>((recipe, [which, beside, side]) => placeSteps(recipe, which, beside, side), three);
    expect(keys(moved).toSorted()).toEqual(keys(three).toSorted());
  }));
});

test("problems name the value, the step that is not known, the column that is gone; what is off has none", () => {
  const wrong = changeStep(changeStep(three, "length-1", { settings: { words: 1000 } }), "copies-1", { columns: ["text", "gone"] });
  const found = recipeProblems([...wrong, { key: "x", step: "future", columns: [], settings: {}, on: true }], STEPS, ["text"]);
  expect(found.get("length-1")?.[0]).toContain("Fewest words: 1000 is not a whole number from 0 to 100");
  expect(found.get("copies-1")).toEqual(["This dataset has no column “gone”. Choose another."]);
  expect(found.get("x")?.[0]).toContain("no step “future”");
  expect(recipeProblems(changeStep(wrong, "length-1", { on: false }), STEPS, ["text", "gone"]).size).toBe(0);
});

test("two recipes are the same when what is on is the same, in the same order", () => {
  expect(sameRecipe(three, changeStep([...three, { ...three[0]!, key: "other" }], "other", { on: false }))).toBe(true);
  expect(sameRecipe(three, shiftStep(three, "length-1", -1))).toBe(false);
  expect(sameRecipe(three, changeStep(three, "length-1", { settings: { words: 6 } }))).toBe(false);
  expect(sameRecipe([], changeStep(removeStep(removeStep(three, "copies-1"), "copies-2"), "length-1", { on: false }))).toBe(true);
});

test("a recipe comes back from its file", () => {
  const written = changeStep(changeStep(three, "length-1", { settings: { words: 7 }, columns: ["text"] }), "copies-2", { on: false });
  const read = readRecipeFile(recipeJson("Mail", written), STEPS);
  expect(read).toEqual({ ok: true, name: "Mail", steps: written, notes: [] });
});

test("what a file holds beyond that is left out and said", () => {
  const file = JSON.stringify({ kind: "descent-recipe", version: 1, name: "x", steps: [{ step: "length", settings: { words: -3, other: 1 } }, { step: "future" }, 4] });
  const read = readRecipeFile(file, STEPS);
  expect(read).toMatchObject({ ok: true, steps: [{ key: "length-1", settings: { words: 5 }, columns: [], on: true }] });
  expect(read.ok && read.notes).toEqual([
    expect.stringContaining("Length: Fewest words: -3 is not a whole number from 0 to 100"), "Step 2 was left out: “future” is not known here.", "Step 3 was left out: it is no step.",
  ]);
});

test.each([
  ["{", "not JSON"], ["[]", "no recipe"], ['{"kind":"descent-recipe","version":9,"steps":[]}', "version 9"],
  [JSON.stringify({ kind: "descent-recipe", version: 1, steps: Array.from({ length: 101 }, () => ({})) }), "101 steps"],
])("%s is refused with a reason", (text, reason) => {
  expect(readRecipeFile(text, STEPS)).toEqual({ ok: false, problem: expect.stringContaining(reason) as string });
});

test("any text is read or refused, never thrown at", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.json().map((steps) => `{"kind":"descent-recipe","version":1,"steps":[${steps}]}`)), (text) => {
    expect(typeof readRecipeFile(text, STEPS).ok).toBe("boolean");
  }));
});
