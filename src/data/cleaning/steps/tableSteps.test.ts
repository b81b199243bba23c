import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { column, memoryTable } from "../../table/table";
import type { Cell, Column, Recipe } from "../../types";
import { fingerprint, ngramFingerprint } from "../fingerprints";
import { runRecipe } from "../recipe";
import type { Part } from "../step";
import { noBreath, recipeStep, type RecipeResult } from "../testing/runStep";
import { conflictingLabels } from "./conflictingLabels";
import { leakage } from "./leakage";
import { missingValues } from "./missingValues";
import { outliers } from "./outliers";
import { valueClusters } from "./valueClusters";

async function run(columns: readonly Column[], rows: readonly (readonly Cell[])[], recipe: Recipe, parts?: readonly Part[]): Promise<RecipeResult & { readonly types: readonly string[]; readonly notes: readonly string[] }> {
  const cleaned = await runRecipe(memoryTable(columns, rows, { batchRows: 3 }), recipe, { ...noBreath, ...(parts && { partOf: (row) => parts[row]! }) });
  const [numbers, kept]: [number[], Cell[][]] = [[], []];
  for await (const batch of cleaned.batches()) {
    numbers.push(...batch.rows);
    batch.rows.forEach((_, index) => kept.push(batch.columns.map((cells) => cells[index])));
  }
  const counts = cleaned.counts();
  return { columns: cleaned.columns.map(({ name }) => name), types: cleaned.columns.map(({ type }) => type), numbers, rows: kept, counts, notes: counts.steps.at(-1)!.notes };
}

const LABELED = [column("text", { role: "text" }), column("label", { role: "label", type: "category" })];

describe("conflicting labels", () => {
  const rows: Cell[][] = [["Buy now", "spam"], ["buy  NOW", "ham"], ["hello", "ham"], ["Hello", "ham"], ["buy now", "spam"], ["buy now", null], [null, "spam"], [null, "ham"], ["tie", "a"], ["tie", "b"]];

  it.each([
    ["drop", [2, 3, 5, 6, 7], [{ reason: "Same text with another label", rows: 5 }]],
    ["majority", [0, 2, 3, 4, 5, 6, 7], [{ reason: "Same text with another label", rows: 2 }, { reason: "Most rows with this text have another label", rows: 1 }]],
  ])("%s", async (action, numbers, reasons) => {
    const result = await run(LABELED, rows, [recipeStep(conflictingLabels, { action })]);
    expect(result.numbers).toEqual(numbers);
    expect(result.counts.steps[0]!.reasons).toEqual(reasons);
    expect(result.notes).toEqual(["2 texts have different labels, in 5 rows."]);
  });

  it("tag", async () => {
    const result = await run(LABELED, rows, [recipeStep(conflictingLabels, { action: "tag" })]);
    expect(result.columns).toEqual(["text", "label", "conflicting_label"]);
    expect(result.rows.map((cells) => cells[2])).toEqual([true, true, false, false, true, false, false, false, true, true]);
    expect(result.counts.steps[0]).toMatchObject({ changed: 5, dropped: 0 });
  });

  it("says what is missing, and that nothing is wrong", async () => {
    expect((await run([column("text")], [["a"]], [recipeStep(conflictingLabels)])).notes).toEqual(["No column has the role of a label; give it to one first."]);
    expect((await run(LABELED, [["a", "x"], ["a", "x"]], [recipeStep(conflictingLabels)])).notes).toEqual(["No text has two labels."]);
  });
});

describe("leakage", () => {
  const text = "The committee meets on Tuesday at nine in the large hall to discuss the budget of the coming year";
  const rows = [[text], ["only in training"], [`${text}!`], [text.toUpperCase()], ["only in the test part"], [text]];
  const parts: Part[] = ["train", "train", "test", "validation", "test", "train"];

  it.each<[string, Record<string, string | boolean>, number[], string]>([
    ["from training", {}, [1, 2, 3, 4], "2 held-out rows say the same as 2 rows of the training part, or nearly."],
    ["from what is held out", { action: "held-out" }, [0, 1, 4, 5], "2 held-out rows say the same as 2 rows of the training part, or nearly."],
    ["exact copies only", { action: "held-out", near: false }, [0, 1, 2, 4, 5], "1 held-out row says the same as 2 rows of the training part."],
  ])("drops %s", async (_, settings, numbers, note) => {
    const result = await run([column("text", { role: "text" })], rows, [recipeStep(leakage, settings)], parts);
    expect(result.numbers).toEqual(numbers);
    expect(result.notes[0]).toBe(note);
  });

  it("marks both sides", async () => {
    const result = await run([column("text", { role: "text" }), column("leaks")], rows.map(([cell]) => [cell, ""]), [recipeStep(leakage, { action: "tag" }, { columns: ["text"] })], parts);
    expect(result.columns).toEqual(["text", "leaks", "leaks 2"]);
    expect(result.rows.map((cells) => cells[2])).toEqual([true, false, true, true, false, true]);
  });

  it("needs a split, and says when nothing leaks", async () => {
    const columns = [column("text", { role: "text" })];
    expect((await run(columns, rows, [recipeStep(leakage)])).notes).toEqual(["No rows are held out for validation or testing: choose a split first."]);
    expect((await run(columns, [["a"], ["b"]], [recipeStep(leakage, { near: false })], ["train", "test"])).notes).toEqual(["No text is on both sides."]);
  });
});

describe("missing values", () => {
  const columns = [column("age", { kind: "number", type: "integer", role: "feature" }), column("town", { type: "category", role: "feature" }), column("label", { role: "label" })];
  const rows: Cell[][] = [[1, "Ulm", "a"], [2, "Ulm", "b"], [null, "", "a"], [6, "Rom", null], [1000, "Oslo", "a"], [undefined, "Oslo", "b"], [500, "Oslo", "a"]];
  /** The rows with 1000 and 500 are held out: they must not be seen. */
  const parts: Part[] = ["train", "train", "train", "train", "test", "train", "validation"];

  it("rows with a missing cell go; a missing label is none of a feature", async () => {
    const result = await run(columns, rows, [recipeStep(missingValues)]);
    expect(result.numbers).toEqual([0, 1, 3, 4, 6]);
    expect(result.counts.steps[0]!.reasons).toEqual([{ reason: "age is missing", rows: 2 }]);
    expect((await run(columns, rows, [recipeStep(missingValues, {}, { columns: ["label"] })])).numbers).toEqual([0, 1, 2, 4, 5, 6]);
  });

  it.each<[string, Cell, string]>([
    // Of 1, 2, 6.
    ["mean", 3, "integer"],
    ["median", 2, "integer"],
    ["mode", 1, "integer"],
  ])("the %s of the training part, and where it was missing", async (action, value, type) => {
    const result = await run(columns, rows, [recipeStep(missingValues, { action })], parts);
    expect(result.columns).toEqual(["age", "town", "label", "age_was_missing", "town_was_missing"]);
    expect(result.types[0]).toBe(type);
    // Ulm twice, Rom and Oslo once in the training part; a mean or median of towns is the most frequent one.
    expect(result.rows[2]).toEqual([value, "Ulm", "a", true, true]);
    expect(result.rows[5]).toEqual([value, "Oslo", "b", true, false]);
    expect(result.rows[0]).toEqual([1, "Ulm", "a", false, false]);
    expect(result.rows[3]![2]).toBeNull();
    expect(result.notes).toEqual([`2 missing cells of age: filled with ${String(value)}.`, "1 missing cell of town: filled with Ulm."]);
  });

  it("a mean that is not whole makes the column one of numbers", async () => {
    const result = await run([column("n", { kind: "number", type: "integer" })], [[1], [2], [null]], [recipeStep(missingValues, { action: "mean", flag: false })]);
    expect(result).toMatchObject({ columns: ["n"], types: ["number"], rows: [[1], [2], [1.5]] });
  });

  it("numbers kept as text stay text; a fixed value that does not fit fills nothing", async () => {
    const mixed = [column("n", { type: "number" }), column("m", { kind: "number", type: "number" })];
    const fixed = await run(mixed, [["1", 1], [null, null]], [recipeStep(missingValues, { action: "constant", constant: "none", flag: false })]);
    expect(fixed.rows[1]).toEqual(["none", null]);
    expect(fixed.notes).toEqual(["1 missing cell of n: filled with none.", "1 missing cell of m: left, since the fixed value is no number."]);
    expect((await run(mixed, [["1", 1], ["2", 2], [null, null]], [recipeStep(missingValues, { action: "mean", flag: false })])).rows[2]).toEqual(["1.5", 1.5]);
    expect((await run(mixed, [[null, null]], [recipeStep(missingValues, { action: "mean" })])).notes[0]).toBe("1 missing cell of n: left, since the training part has no value there.");
  });
});

describe("spellings of a value", () => {
  it.each([
    ["  Müller,  Anna ", "anna muller"],
    ["Anna Müller", "anna muller"],
    ["ANNA anna MULLER!", "anna muller"],
    ["Straße", "strasse"],
    ["Łódź", "lodz"],
    ["東京", "東京"],
    ["--", ""],
  ])("the fingerprint of %j is %j", (value, key) => expect(fingerprint(value)).toBe(key));

  it("n-gram fingerprints, as OpenRefine's manual has them", () => {
    // "paris": pa ar ri is -> ar is pa ri.
    expect(ngramFingerprint("Paris")).toBe("arispari");
    expect(ngramFingerprint("Pa ris")).toBe("arispari");
    expect(ngramFingerprint("banana")).toBe(ngramFingerprint("bananana"));
    expect(ngramFingerprint("Paris", 1)).toBe("aiprs");
    expect([ngramFingerprint("a"), ngramFingerprint("?")]).toEqual(["a", ""]);
  });

  it("fingerprints of fingerprints are themselves", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (value) => fingerprint(fingerprint(value)) === fingerprint(value)), { numRuns: 1000 });
  });

  it("merges to the most frequent spelling, the first of equals, and shows the clusters", async () => {
    const rows: Cell[][] = [["Spam", "a"], ["spam ", "b"], ["ham", "c"], ["spam ", "d"], ["HAM", "e"], [null, "f"], ["?", "g"], ["!", "h"]];
    const result = await run([LABELED[1]!, LABELED[0]!], rows, [recipeStep(valueClusters)]);
    expect(result.rows.map(([label]) => label)).toEqual(["spam ", "spam ", "ham", "spam ", "ham", null, "?", "!"]);
    expect(result.counts.steps[0]!.changed).toBe(2);
    expect(result.notes).toEqual(['label: "Spam" → "spam " (1 row)', 'label: "HAM" → "ham" (1 row)']);
  });

  it("text columns are taken where they are named and there are no values", async () => {
    const result = await run([column("name"), column("id", { role: "id" })], [["Jo Li", "x"], ["li, jo", "X"]], [recipeStep(valueClusters, { method: "n-gram", length: 1 })]);
    expect(result.rows).toEqual([["Jo Li", "x"], ["Jo Li", "X"]]);
  });
});

describe("outliers", () => {
  const columns = [column("n", { kind: "number", type: "integer", role: "feature" }), column("word", { role: "feature" })];
  // Training: 1, 2, 3, 4, 5, quartiles 2 and 4, so with a reach of 1.5 from -1 to 7. The last two are held out and shape nothing.
  const rows: Cell[][] = [[1, "a"], [2, "b"], [3, "c"], [4, "d"], [5, null], [7.5, "f"], [-100, "g"]];
  const parts: Part[] = ["train", "train", "train", "train", "train", "test", "test"];

  it.each<[string, readonly (readonly Cell[])[]]>([
    ["drop", rows.slice(0, 5)],
    ["clip", [...rows.slice(0, 5), [7, "f"], [-1, "g"]]],
    ["empty", [...rows.slice(0, 5), [null, "f"], [null, "g"]]],
  ])("beyond Tukey's fences: %s", async (action, left) => {
    const result = await run(columns, rows, [recipeStep(outliers, { action, reach: 1.5 })], parts);
    expect(result.rows).toEqual(left);
    expect(result.notes).toEqual(["n: from -1 to 7."]);
  });

  it("a range that was given, for numbers kept as text; an end that is no number is refused", async () => {
    const texts = [column("n", { type: "number" })];
    expect((await run(texts, [["5"], ["12"], ["n/a"], [null]], [recipeStep(outliers, { action: "clip", from: "6", to: "10" })])).rows).toEqual([["6"], ["10"], ["n/a"], [null]]);
    await expect(run(texts, [["5"]], [recipeStep(outliers, { from: "six" })])).rejects.toThrow('From: "six" is not a number.');
    expect((await run([columns[1]!], [["a"]], [recipeStep(outliers)])).notes).toEqual(["None of these columns holds numbers."]);
  });
});
