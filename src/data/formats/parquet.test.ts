import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { memorySink } from "./memorySink";
import { parquet } from "./parquet";
import { blobSource, type RangedSource } from "./readBytes";

const file = (name: string): RangedSource => blobSource(new Blob([readFileSync(new URL(`fixtures/${name}`, import.meta.url))]), name);
const expected = (name: string): { columns: [string, string][]; rows: unknown[][] } => JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as never;

async function read(source: RangedSource, rowLimit?: number): Promise<ReturnType<typeof memorySink>["read"] & { notes: readonly string[] }> {
  const sink = memorySink();
  const { notes } = await parquet.read(source, sink, { settings: {}, ...(rowLimit === undefined ? {} : { rowLimit }) });
  return { ...sink.read, notes };
}

test.each([
  ...["none", "snappy", "gzip", "brotli", "lz4", "zstd", "v2"].map((codec) => [`reviews.${codec}.parquet`, "reviews"]),
  ["types.parquet", "types"], ["int96.parquet", "int96"], ["nested.parquet", "nested"],
])("what pyarrow wrote is read exactly: %s", async (name, rows) => {
  const { columns, rows: found, problems } = await read(file(name));
  expect(columns.map(({ name: column, kind }) => [column, kind])).toEqual(expected(rows!).columns);
  expect(found).toEqual(expected(rows!).rows);
  expect(problems).toEqual([]);
});
