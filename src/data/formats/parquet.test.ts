import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { column, memoryTable } from "../table/table";
import type { Cell, ColumnKind } from "../types/table";
import { decodeUtf8 } from "./binaryText";
import { parquet } from "./parquet";
import { readFooter } from "./parquet/footer";
import { openRowGroup } from "./parquet/rowGroup";
import { type ByteSource, type RangedSource, blobSource } from "./readBytes";
import { keepRows } from "./testing/sources";

const file = (name: string): RangedSource => blobSource(new Blob([readFileSync(new URL(`fixtures/${name}`, import.meta.url))]), name);
const expected = (name: string): { columns: [string, string][]; rows: unknown[][] } => JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as never;

async function read(source: ByteSource, rowLimit?: number): Promise<ReturnType<typeof keepRows> & { notes: readonly string[] }> {
  const sink = keepRows();
  const { notes } = await parquet.read(source, sink, { settings: {}, ...(rowLimit === undefined ? {} : { rowLimit }) });
  return { ...sink, notes };
}

const shapeOf = ({ names, kinds }: ReturnType<typeof keepRows>): string[][] => names.map((name, index) => [name, kinds[index]!]);

test.each([
  ...["none", "snappy", "gzip", "brotli", "lz4", "zstd", "v2"].map((codec) => [`reviews.${codec}.parquet`, "reviews"]),
  ["types.parquet", "types"], ["int96.parquet", "int96"], ["nested.parquet", "nested"], ["random.v1.parquet", "random"], ["random.v2.parquet", "random"],
])("what pyarrow wrote is read exactly: %s", async (name, rows) => {
  const found = await read(file(name));
  expect(shapeOf(found)).toEqual(expected(rows!).columns);
  expect(found.cells).toEqual(expected(rows!).rows);
  expect(found.problems).toEqual([]);
});

test("a preview takes the first rows, and windows cut pages and lists where they should", async () => {
  expect((await read(file("pages.parquet"), 7)).cells).toEqual(Array.from({ length: 7 }, (_, i) => [i, i === 3 ? null : `row ${i}`, JSON.stringify(Array(i % 3).fill(i))]));
  const { cells } = await read(file("pages.parquet"));
  expect(cells).toHaveLength(3000);
  expect(cells[2999]).toEqual([2999, "row 2999", "[2999,2999]"]);
});

test("any range of a row group's rows is what a whole reading has there", async () => {
  const source = file("pages.parquet");
  const footer = await readFooter(source);
  const { columns } = footer.schema;
  const group = await openRowGroup(source, footer, 0, columns);
  const { cells } = await read(source);
  await fc.assert(fc.asyncProperty(fc.nat(3000), fc.nat(3000), async (a, b) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const texts = await group.read(columns[1]!, from, to);
    expect(Array.from(texts, (text) => (text instanceof Uint8Array ? decodeUtf8(text) : null))).toEqual(cells.slice(from, to).map((row) => row[1]));
    const lists = await group.read(columns[2]!, from, to);
    expect(lists).toHaveLength(to - from);
  }), { numRuns: 50 });
});

test("a source that can only stream is read from memory", async () => {
  const { name, size, stream } = file("reviews.zstd.parquet");
  expect((await read({ name, size, stream })).cells).toEqual(expected("reviews").rows);
});

const texts = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constantFrom("", "null", "a", "b", "\0", "\u2028", "\uFFFDx"));
const cellOf = {
  text: texts,
  number: fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(-0, 2 ** 53 - 1, 5e-324)),
  boolean: fc.boolean(),
  json: fc.oneof(fc.jsonValue().map((value) => JSON.stringify(value)), fc.array(texts, { maxLength: 3 }).map((value) => JSON.stringify(value)), fc.constantFrom("[1.50]", "[]", '{"a": 1}', "[1,2]", "[null]")),
} satisfies Record<ColumnKind, fc.Arbitrary<Cell>>;

const tables = fc.uniqueArray(fc.tuple(fc.oneof(fc.constantFrom("constructor", "a.b", "list"), fc.string({ minLength: 1 }).filter((name) => name.trim() !== "" && name !== "__proto__")), fc.constantFrom<ColumnKind>("text", "number", "boolean", "json")), { minLength: 1, maxLength: 5, selector: ([name]) => name })
  .chain((columns) => fc.tuple(fc.constant(columns), fc.array(fc.tuple(...columns.map(([, kind]) => fc.option<Cell>(cellOf[kind])))), fc.integer({ min: 1, max: 4 })));

test.each(["snappy", "none"])("what is written is read again: every cell, name and kind (%s)", async (compression) => {
  await fc.assert(fc.asyncProperty(tables, async ([named, rows, batchRows]) => {
    fc.pre(rows.length > 0);
    const columns = named.map(([name, kind]) => column(name, { kind }));
    const parts: Uint8Array<ArrayBuffer>[] = [];
    await parquet.write!.write(memoryTable(columns, rows, { batchRows }), { write: (bytes) => void parts.push(bytes.slice()) }, { settings: { compression } });
    const found = await read(blobSource(new Blob(parts), "written.parquet"));
    expect(found.cells).toEqual(rows);
    expect(shapeOf(found)).toEqual(named);
  }), { numRuns: 300 });
});
