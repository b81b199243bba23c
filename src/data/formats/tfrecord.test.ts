import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { column, memoryTable } from "../table/table";
import type { Cell, ColumnKind } from "../types/table";
import { readAll, writeAll } from "./testing/sources";
import { tfrecord } from "./tfrecord";
import { readExample, writeExample } from "./tfrecord/example";

const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));

test.each(["examples.tfrecord", "examples.tfrecord.gz"])("what TensorFlow wrote is read exactly: %s", async (name) => {
  const { kinds, rows } = JSON.parse(readFileSync(new URL("fixtures/examples.json", import.meta.url), "utf8")) as { kinds: Record<string, string>; rows: Record<string, Cell>[] };
  for (const sizes of [[], [1], [7, 64]]) {
    const found = await readAll(tfrecord, fixture(name), { name, sizes });
    expect(new Map(found.names.map((each, index) => [each, found.kinds[index]]))).toEqual(new Map(Object.entries(kinds)));
    expect(found.rows.map((row) => Object.fromEntries(row.flatMap((cell, index) => (cell === undefined ? [] : [[found.names[index], cell]]))))).toEqual(rows);
    expect(found.problems).toEqual([]);
  }
});

test("what is written again is byte for byte what TensorFlow wrote", () => {
  const record = fixture("examples.tfrecord").subarray(12, 12 + Number(new DataView(fixture("examples.tfrecord").buffer).getBigUint64(0, true)));
  expect(writeExample(readExample(record))).toEqual(record);
});

test("a SequenceExample is refused by its name", async () => {
  await expect(readAll(tfrecord, fixture("sequence.tfrecord"))).rejects.toThrow("holds SequenceExamples (record 1)");
});

test("a preview ends after its rows", async () => {
  expect((await readAll(tfrecord, fixture("examples.tfrecord"), { rowLimit: 2 })).rows).toHaveLength(2);
});

const cellOf = {
  text: fc.string({ unit: "grapheme" }),
  integer: fc.maxSafeInteger(),
  float: fc.float({ noNaN: true }),
  list: fc.oneof(fc.array(fc.string({ unit: "grapheme" }), { minLength: 2 }), fc.array(fc.maxSafeInteger().filter((n) => !Object.is(n, -0)), { minLength: 2 })).map((items) => JSON.stringify(items)),
};

const tables = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, unit: "grapheme" }).filter((name) => name.trim() !== "" && name !== "__proto__"), fc.constantFrom<keyof typeof cellOf>("text", "integer", "float", "list")), { minLength: 1, maxLength: 4, selector: ([name]) => name })
  .chain((columns) => fc.tuple(fc.constant(columns), fc.array(fc.tuple(...columns.map(([, kind]) => fc.option<Cell>(cellOf[kind]))), { minLength: 1 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })));

test("what is written is read again under every chunking", async () => {
  await fc.assert(fc.asyncProperty(tables, async ([named, rows, sizes]) => {
    const kinds: Record<string, ColumnKind> = { text: "text", integer: "number", float: "number", list: "json" };
    const columns = named.map(([name, kind]) => column(name, { kind: kinds[kind]! }));
    const { bytes } = await writeAll(tfrecord, memoryTable(columns, rows, { batchRows: 3 }));
    const found = await readAll(tfrecord, bytes, { sizes });
    expect(found.names).toEqual(named.map(([name]) => name));
    expect(found.rows).toEqual(rows);
  }), { numRuns: 200 });
});

test("numbers that a 32-bit float would round are rounded and counted, or kept as text", async () => {
  const table = memoryTable([column("x", { kind: "number" })], [[0.1], [0.5], [3]]);
  const rounded = await writeAll(tfrecord, table);
  expect(rounded.notes).toEqual(['Column "x": 1 numbers were rounded to 32-bit floats; write them as text to keep all digits.']);
  expect((await readAll(tfrecord, rounded.bytes)).rows).toEqual([[Math.fround(0.1)], [0.5], [3]]);
  const exact = await writeAll(tfrecord, table, { numbers: "text" });
  expect((await readAll(tfrecord, exact.bytes)).rows).toEqual([["0.1"], ["0.5"], ["3"]]);
});

test("whole numbers of 64 bits go through as text", async () => {
  const table = memoryTable([column("n", { kind: "text", type: "integer" })], [["9223372036854775807"], ["-9223372036854775808"], ["5"]]);
  const found = await readAll(tfrecord, (await writeAll(tfrecord, table)).bytes);
  expect([found.kinds, found.rows]).toEqual([["text"], [["9223372036854775807"], ["-9223372036854775808"], ["5"]]]);
});
