import { expect, it } from "vitest";
import { column, memoryTable } from "../table/table";
import type { Cell } from "../types/table";
import { findDuplicates } from "./report";

const LONG = "The quick brown fox jumps over the lazy dog while the cat watches from the garden wall";
const ROWS: readonly (readonly Cell[])[] = [
  ["Win money now", "spam"],
  [LONG, "ham"],
  ["win  MONEY now ", "spam"],
  ["Something else entirely", "ham"],
  [`${LONG}.`, "spam"],
  ["Win money now", "ham"],
  [null, "ham"],
  ["", "spam"],
  [LONG.replace("cat", "cow"), null],
];
const table = memoryTable([column("text", { role: "text" }), column("label", { role: "label" })], ROWS, { batchRows: 2 });

it("groups of copies, the labels they disagree about, and how alike the least alike is to the first", async () => {
  const progress: number[] = [];
  const report = await findDuplicates(table, { columns: [0], label: 1, breathe: () => undefined, onProgress: (fraction) => progress.push(fraction) });
  expect(report).toEqual({
    exact: { groups: 1, rows: 3 },
    near: { groups: 1, rows: 3 },
    conflicting: 2,
    groups: [
      { kind: "exact", rows: [0, 2, 5], texts: ["Win money now", "win  MONEY now ", "Win money now"], similarity: 1, labels: ["ham", "spam"] },
      // 86 characters make 82 pieces of five, 80 different ones (" the " stands three times); "at" becomes "ow", so the 6 pieces over them are others.
      { kind: "near", rows: [1, 4, 8], texts: [LONG, `${LONG}.`, LONG.replace("cat", "cow")], similarity: expect.closeTo(74 / 86, 12), labels: ["ham", "spam"] },
    ],
  });
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toBe(1);
});

it("a table without copies, without labels, without rows", async () => {
  const none = { exact: { groups: 0, rows: 0 }, near: { groups: 0, rows: 0 }, conflicting: 0, groups: [] };
  const breathe = (): undefined => undefined;
  expect(await findDuplicates(memoryTable(table.columns, ROWS.slice(2, 4)), { breathe })).toEqual(none);
  expect(await findDuplicates(memoryTable(table.columns, []), { breathe })).toEqual(none);
});

it("all columns are compared where none is named", async () => {
  const report = await findDuplicates(table, { breathe: () => undefined });
  expect(report.exact).toEqual({ groups: 1, rows: 2 });
});

it("stops when it is canceled", async () => {
  await expect(findDuplicates(table, { breathe: () => Promise.reject(new Error("canceled")) })).rejects.toThrow("canceled");
});
