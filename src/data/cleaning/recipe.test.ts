/** The runner with steps of the registry and with steps made here: order, counts, passes, columns, errors, early stop. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { FailureError } from "../../settings/failure";
import { column, memoryTable } from "../table/table";
import { collectChanges, recipeKey, runRecipe } from "./recipe";
import * as registry from "./index";
import type { CleaningStep, StepRun } from "./step";
import { noBreath, recipeStep, runAll, textTable } from "./testing/runStep";
import { z } from "zod";

const made = (id: string, start: CleaningStep["start"]): CleaningStep =>
  ({ id, label: id, summary: "", words: "", group: "Table", settings: z.object({}), defaultColumns: "text", version: 1, start });

/** Drops texts that stand more than once: needs to see all rows first. */
const unique = made("unique", () => {
  const seen = new Map<unknown, number>();
  return {
    passes: [([text]) => void seen.set(text, (seen.get(text) ?? 0) + 1)],
    apply: ([text]) => ((seen.get(text) ?? 0) > 1 ? { action: "drop", reason: "again" } : undefined),
  };
});
/** Adds a column with the length, and tells how many it wrote. */
const measure = made("measure", (_, { columns }) => {
  let written = 0;
  return {
    adds: [column("length", { kind: "number", type: "integer" })],
    restart: () => void (written = 0),
    apply: ([text]) => (text ? (written++, { action: "change", changes: [{ column: columns.length, after: String(text).length }] }) : undefined),
    notes: () => [`${written} written`],
  } satisfies StepRun;
});
const fragile = made("fragile", () => ({
  apply: ([text]) => {
    if (text === "boom") throw new Error("no luck");
    return undefined;
  },
}));

beforeAll(() => {
  const all = new Map([unique, measure, fragile].map((step) => [step.id, step]));
  const { findStep } = registry;
  vi.spyOn(registry, "findStep").mockImplementation((id) => all.get(id) ?? findStep(id));
});

const texts = ["  A  b ", "a b", "C", "d", null, "C"];

describe("running", () => {
  test("steps work in order, each on what the one before left, and are counted", async () => {
    const { rows, numbers, counts, columns } = await runAll(textTable(texts), [recipeStep("lower-case"), recipeStep("whitespace"), recipeStep("unique"), recipeStep("measure")]);
    expect(columns).toEqual(["text", "length"]);
    expect(numbers).toEqual([3, 4]);
    expect(rows).toEqual([["d", 1], [null, undefined]]);
    expect(counts).toEqual({
      rowsBefore: 6, rowsAfter: 2, rowsSeen: 6,
      steps: [
        { key: "lower-case", changed: 3, dropped: 0, rows: 6, reasons: [], notes: [] },
        { key: "whitespace", changed: 1, dropped: 0, rows: 6, reasons: [], notes: [] },
        { key: "unique", changed: 0, dropped: 4, rows: 6, reasons: [{ reason: "again", rows: 4 }], notes: [] },
        { key: "measure", changed: 1, dropped: 0, rows: 2, reasons: [], notes: ["1 written"] },
      ],
    });
  });

  test("the order of steps matters: duplicates are sought among what came in", async () => {
    const { numbers } = await runAll(textTable(texts), [recipeStep("unique"), recipeStep("lower-case"), recipeStep("whitespace")]);
    expect(numbers).toEqual([0, 1, 3, 4]);
  });

  test("steps that are off do nothing; a step twice keeps two states", async () => {
    const { rows, columns } = await runAll(textTable(["A"]), [recipeStep("lower-case", {}, { on: false }), recipeStep("measure"), recipeStep("measure", {}, { key: "again" })]);
    expect(columns).toEqual(["text", "length", "length"]);
    expect(rows).toEqual([["A", 1, 1]]);
  });

  test("passes of a later step see the added cells of an earlier one", async () => {
    const seen: unknown[] = [];
    const spy = made("spy", () => ({ passes: [(cells) => void seen.push([...cells])], apply: () => undefined }));
    const { findStep } = registry;
    vi.spyOn(registry, "findStep").mockImplementationOnce(() => measure).mockImplementationOnce(() => spy);
    await runAll(textTable(["ab", null]), [recipeStep("measure"), recipeStep("spy")]);
    expect(seen).toEqual([["ab", 2], [null, undefined]]);
    expect(registry.findStep).toBe(findStep);
  });

  test("named columns only; retyped columns are told", async () => {
    const table = memoryTable([column("a"), column("b", { role: "label" })], [["X", "Y"]]);
    expect((await runAll(table, [recipeStep("lower-case")])).rows).toEqual([["x", "Y"]]);
    expect((await runAll(table, [recipeStep("lower-case", {}, { columns: ["b"] })])).rows).toEqual([["X", "y"]]);
    const retype = made("retype", () => ({ retypes: new Map([[1, column("b", { kind: "number" })]]), apply: () => undefined }));
    vi.spyOn(registry, "findStep").mockImplementationOnce(() => retype);
    expect((await runRecipe(table, [recipeStep("retype")], noBreath)).columns[1]).toMatchObject({ name: "b", kind: "number" });
  });

  test("a step without a column to work on says so", async () => {
    const { counts } = await runAll(memoryTable([column("n", { kind: "number", type: "number" })], [[1]]), [recipeStep("lower-case")]);
    expect(counts.steps[0]!.notes).toEqual(["Lower case found no column to work on; name one."]);
  });
});

describe("showing", () => {
  test("changes of one step, before and after, and no more rows read than needed", async () => {
    let batches = 0;
    const table = textTable(texts);
    const counted = { ...table, async *scan() { for await (const batch of table.scan()) { batches++; yield batch; } } };
    const changes = await collectChanges(counted, [recipeStep("lower-case"), recipeStep("whitespace")], "whitespace", 1, noBreath);
    expect(changes).toEqual([{
      row: 0, column: "text", before: "  a  b ", after: "a b",
      edits: [{ start: 0, end: 2, text: "" }, { start: 3, end: 5, text: " " }, { start: 6, end: 7, text: "" }],
    }]);
    expect(batches).toBe(1);
  });

  test("dropped rows with their reason; added cells; a step that is off can be looked at", async () => {
    expect(await collectChanges(textTable(texts), [recipeStep("unique")], "unique", 9, noBreath)).toEqual([
      { row: 2, column: "text", before: "C", reason: "again" }, { row: 5, column: "text", before: "C", reason: "again" },
    ]);
    expect(await collectChanges(textTable(["ab"]), [recipeStep("measure", {}, { on: false })], "measure", 9, noBreath)).toEqual([
      { row: 0, column: "length", before: undefined, after: 2 },
    ]);
  });
});

describe("when something is wrong", () => {
  const failureOf = async (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, (error: FailureError) => error.failure);

  test("a step that throws names itself and the row", async () => {
    expect(await failureOf(runAll(textTable(["fine", "boom"]), [recipeStep("fragile")]))).toMatchObject({ kind: "bug", message: "fragile stopped at row 2: no luck", where: "fragile" });
  });

  test("unknown steps, columns, settings and keys are told with what there is", async () => {
    expect(await failureOf(runAll(textTable([]), [recipeStep("nope")]))).toMatchObject({ message: 'There is no cleaning step "nope".' });
    expect(await failureOf(runAll(textTable([]), [recipeStep("whitespace", {}, { columns: ["body"] })]))).toMatchObject({
      message: 'White space is to work on "body", which is no column of this data.', hint: 'The columns are "text".',
    });
    expect(await failureOf(runAll(textTable([]), [recipeStep("whitespace", { blankLines: -1 })]))).toMatchObject({
      kind: "bad-settings", message: "Blank lines: -1 is not a whole number from 0 to 100 lines. Try 0.",
    });
    expect(await failureOf(collectChanges(textTable([]), [], "gone", 1, noBreath))).toMatchObject({ message: 'The recipe has no step "gone".' });
  });

  test("a cancel while breathing ends the run as a cancel", async () => {
    const breathe = (): Promise<void> => Promise.reject(new FailureError({ kind: "canceled", message: "Canceled.", hint: "" }));
    const cleaned = await runRecipe(textTable(["x".repeat(10_000)]), [recipeStep("whitespace")], { breathe });
    expect(await failureOf(cleaned.batches().next())).toMatchObject({ kind: "canceled" });
  });
});

test("the key of a recipe tells steps, versions, columns and settings, not the order of settings nor what is off", () => {
  const key = recipeKey([recipeStep("whitespace", { trim: true, tabs: "keep" })]);
  expect(recipeKey([recipeStep("lower-case", {}, { on: false }), recipeStep("whitespace", { tabs: "keep", trim: true }, { key: "other" })])).toBe(key);
  expect(recipeKey([recipeStep("whitespace", { trim: false, tabs: "keep" })])).not.toBe(key);
  expect(JSON.parse(key)).toEqual([["whitespace", 1, [], [["tabs", "keep"], ["trim", true]]]]);
});
