/** Files by other people's writers through the whole import, by themselves and packed: what they were taken for, and what was read. */
import { readFileSync } from "node:fs";
import { gzipSync, zipSync } from "fflate";
import { expect, test } from "vitest";
import type { ImportSource } from "../types/importing";
import { inspect } from "./inspect";

const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../formats/fixtures/${name}`, import.meta.url)));
const fileOf = (bytes: Uint8Array, name: string): ImportSource => ({ kind: "file", file: new File([bytes.slice()], name) });

test.each([
  ["Parquet", fileOf(bytesOf("reviews.zstd.parquet"), "reviews.parquet"), "parquet", ["id", "text", "label", "score", "flag"]],
  ["Parquet whose name says nothing", fileOf(bytesOf("reviews.snappy.parquet"), "download"), "parquet", ["id", "text", "label", "score", "flag"]],
  ["Parquet in a zip", fileOf(zipSync({ "data/train.parquet": bytesOf("reviews.none.parquet"), "README.md": new TextEncoder().encode("# Reviews\n") }), "set.zip"), "parquet", ["id", "text", "label", "score", "flag"]],
  ["TFRecord", fileOf(bytesOf("examples.tfrecord"), "examples.tfrecord"), "tfrecord", ["ids", "label", "score", "tags", "text", "raw"]],
  ["TFRecord in gzip, as TensorFlow writes it", fileOf(bytesOf("examples.tfrecord.gz"), "examples.tfrecord.gz"), "tfrecord", ["ids", "label", "score", "tags", "text", "raw"]],
  ["CSV in gzip", fileOf(gzipSync(new TextEncoder().encode("a,b\n1,2\n3,4\n")), "rows.csv.gz"), "csv", ["a", "b"]],
])("%s", async (_, source, format, columns) => {
  const preview = await inspect([source], null, {}, {});
  expect([preview.format, preview.columns.map(({ name }) => name).sort(), preview.problems]).toEqual([format, [...columns].sort(), []]);
  expect(preview.rows.length).toBeGreaterThan(1);
});

test("a workbook is not read, and the way out is named", async () => {
  const book = new Uint8Array(readFileSync(new URL("../formats/archives/fixtures/book.xlsx", import.meta.url)));
  await expect(inspect([fileOf(book, "book.csv")], null, {}, {})).rejects.toMatchObject({ failure: { kind: "bad-file", hint: expect.stringContaining("CSV") as string } });
});
