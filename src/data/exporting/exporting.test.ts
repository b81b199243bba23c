import { expect, test } from "vitest";
import { openSources } from "../formats/archives";
import { formats, findFormat } from "../formats";
import { type ByteSource, blobSource, readBytes } from "../formats/readBytes";
import { keepRows } from "../formats/testing/sources";
import { column, memoryTable } from "../table/table";
import type { Cell } from "../types/table";
import { type ExportSource, exportTable, listFormats } from "./index";

const COLUMNS = [column("text", { role: "text" }), column("label", { role: "label", type: "category" }), column("stars", { kind: "number", type: "number" }), column("tags", { kind: "json", type: "json" })];
const ROWS: Cell[][] = [["grün \"quoted\",\n猫", "ham", 1, '["a","b"]'], ["second", "spam", 2.5, "[]"], ["third", "ham", 3, '["c","d"]'], ["", null, null, null]];
const TABLE = memoryTable(COLUMNS, ROWS, { batchRows: 3 });

async function exported(source: ExportSource, id: string, settings = {}): Promise<{ file: ByteSource; notes: readonly string[]; rows: number[] }> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const rows: number[] = [];
  const { fileName, notes } = await exportTable(source, id, settings, { write: (bytes) => void parts.push(bytes.slice()) }, { onRows: (count) => void rows.push(count) });
  return { file: blobSource(new Blob(parts), fileName), notes, rows };
}

async function rowsOf(file: ByteSource, id: string): Promise<Cell[][]> {
  const [inside] = (await openSources([file])).files;
  const sink = keepRows();
  await findFormat(id)!.read(inside!, sink, { settings: {} });
  return sink.cells;
}

async function textOf(file: ByteSource): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readBytes(file)) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

test("the list has every format, with fields to write those that can be written, and the dataset folder", () => {
  const listed = listFormats();
  expect(listed.map(({ id }) => id).sort()).toEqual([...formats.map(({ id }) => id), "dataset-folder"].sort());
  const fieldsOf = (id: string): string[] => listed.find((each) => each.id === id)!.writeFields.map((field) => field.id);
  expect(fieldsOf("tfrecord")).toEqual(["numbers", "gzip"]);
  expect(fieldsOf("parquet")).toEqual(["compression"]);
});

test("a table goes out and comes in again, packed or not", async () => {
  for (const settings of [{ gzip: false }, { gzip: true }]) {
    const { file, rows } = await exported({ name: "mail/2021: all", table: TABLE }, "tfrecord", settings);
    expect(file.name).toBe(settings.gzip ? "mail-2021- all.tfrecord.gz" : "mail-2021- all.tfrecord");
    expect(rows.at(-1)).toBe(4);
    const names = (await rowsOf(file, "tfrecord")).map(([text]) => text);
    expect(names).toEqual(ROWS.map(([text]) => text));
  }
  const { file } = await exported({ name: "..", table: TABLE }, "parquet");
  expect([file.name, await rowsOf(file, "parquet")]).toEqual(["dataset.parquet", ROWS]);
});

test("a dataset folder has a Parquet file for each part, of one schema, and a card that names features and splits", async () => {
  const part = (rows: Cell[][]): typeof TABLE => memoryTable(COLUMNS, rows);
  const source: ExportSource = {
    name: "Mail", table: TABLE, parts: [{ part: "train", table: part(ROWS.slice(0, 2)) }, { part: "test", table: part(ROWS.slice(2)) }],
    about: { source: "My own mail <mail@example.org>", cleaning: ["White space was trimmed.", "2 rows were dropped | duplicates."] },
  };
  const { file } = await exported(source, "dataset-folder");
  const { files, leftOut } = await openSources([file]);
  expect([file.name, files.map(({ name }) => name), leftOut]).toEqual(["Mail.zip", ["data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet", "README.md"].map((name) => `Mail.zip/${name}`), []]);
  const parts = await Promise.all(files.slice(0, 2).map(async (each) => {
    const sink = keepRows();
    await findFormat("parquet")!.read(each, sink, { settings: {} });
    return [sink.kinds, sink.cells];
  }));
  expect(parts).toEqual([[["text", "text", "number", "json"], ROWS.slice(0, 2)], [["text", "text", "number", "json"], ROWS.slice(2)]]);
  const card = await textOf(files[2]!);
  expect(card).toContain([
    "dataset_info:", "  features:", '  - name: "text"', "    dtype: string", '  - name: "label"', "    dtype:", "      class_label:", "        names:", "          '0': \"ham\"", "          '1': \"spam\"",
    '  - name: "stars"', "    dtype: float64", '  - name: "tags"', "    sequence: string", "  splits:",
    // Text 19 + 4 and 6 + 4 bytes, labels 3 + 4 and 4 + 4, numbers 8 each, lists 9 + 4 and 2 + 4.
    "  - name: train", "    num_bytes: 83", "    num_examples: 2",
  ].join("\n"));
  expect(card).toContain("- 2 rows were dropped \\| duplicates.");
  expect(card).toContain("| ham | 2 | 66.7 % |");
  expect(card).toContain("My own mail \\<mail@example.org\\>");
});

test("a setting that is none, an export that is none, and a cancel end in plain words", async () => {
  await expect(exported({ name: "x", table: TABLE }, "nothing")).rejects.toThrow('There is no export called "nothing".');
  await expect(exported({ name: "x", table: TABLE }, "parquet", { compression: "zip" })).rejects.toThrow("Parquet cannot be written with these settings: compression:");
  const stop = new AbortController();
  const writing = exportTable({ name: "x", table: TABLE }, "dataset-folder", {}, { write: () => stop.abort() }, { signal: stop.signal });
  await expect(writing).rejects.toThrow("canceled");
});
