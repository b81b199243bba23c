import { expect, it } from "vitest";
import { column, memoryTable } from "../../table/table";
import type { Cell } from "../../types/table";
import { recipeStep, runAll, runTexts } from "../testing/runStep";
import { exactDuplicates } from "./exactDuplicates";
import { nearDuplicates } from "./nearDuplicates";

const SAME = { drop: "Same text as a row that stays" };
const NEARLY = { drop: "Nearly the same text as a row that stays" };

it("exact duplicates: the first stays, rows without text are left alone", async () => {
  expect(await runTexts(exactDuplicates, ["Hello  World", "other", "hello world", null, null, "", " ", "HELLO\tWORLD"])).toEqual([
    "Hello  World", "other", SAME, null, null, "", " ", SAME,
  ]);
});

it("exact duplicates: what may differ", async () => {
  const texts = ["Order 17!", "order 42", "órder 17"];
  expect(await runTexts(exactDuplicates, texts)).toEqual(texts);
  expect(await runTexts(exactDuplicates, texts, { withoutPunctuation: true, digitsAsZero: true })).toEqual([texts[0], SAME, texts[2]]);
  expect(await runTexts(exactDuplicates, texts, { withoutPunctuation: true, digitsAsZero: true, withoutDiacritics: true })).toEqual([texts[0], SAME, SAME]);
});

const COLUMNS = [column("name", { role: "feature" }), column("age", { role: "feature", kind: "number", type: "integer" }), column("town", { role: "feature" })];

async function keep(rows: readonly (readonly Cell[])[], settings: Record<string, string>, columns: readonly string[] = []): Promise<readonly number[]> {
  return (await runAll(memoryTable(COLUMNS, rows), [recipeStep(exactDuplicates, settings, { columns })])).numbers;
}

it("exact duplicates of chosen columns: the first, the longest or the most complete stays", async () => {
  const rows = [["Ann", null, null], ["ann ", 30, "Ulm"], ["ANN", 31, ""], ["Bo", 4, "Rom"]];
  expect(await keep(rows, {}, ["name"])).toEqual([0, 3]);
  expect(await keep(rows, { keep: "most complete" }, ["name"])).toEqual([1, 3]);
  expect(await keep(rows, {}, ["name", "age", "town"])).toEqual([0, 1, 2, 3]);
  expect(await keep([["a", 1, "x"], ["a", 1, "x"]], {})).toEqual([0]);
});

it("near-duplicates: copies and near copies go, the longest stays on wish", async () => {
  const text = "Your parcel is waiting at the post office in Main Street. Please bring your passport and this message.";
  const longer = `${text} Thanks!`;
  const texts = [text, "Lunch at noon?", longer, text.toUpperCase(), "Lunch at one?"];
  expect(await runTexts(nearDuplicates, texts)).toEqual([text, texts[1], NEARLY, SAME, texts[4]]);
  expect(await runTexts(nearDuplicates, texts, { keep: "longest" })).toEqual([NEARLY, texts[1], longer, NEARLY, texts[4]]);
  expect(await runTexts(nearDuplicates, texts, { threshold: 1 })).toEqual([text, texts[1], longer, SAME, texts[4]]);
});

it("near-duplicates run after other steps, on the rows that these leave, and say how surely they find", async () => {
  const table = memoryTable([column("text", { role: "text" })], [["A"], ["a"], ["b"], ["A"]]);
  const { numbers, counts } = await runAll(table, [recipeStep(exactDuplicates), recipeStep(nearDuplicates)]);
  expect(numbers).toEqual([0, 2]);
  expect(counts.steps.map(({ rows, dropped }) => ({ rows, dropped }))).toEqual([{ rows: 4, dropped: 2 }, { rows: 2, dropped: 0 }]);
  expect(counts.steps[1]!.notes).toEqual(["A pair of texts at a similarity of 0.8 is found with a chance of more than 99.9%, a closer one more surely; no pair below it is joined."]);
});
