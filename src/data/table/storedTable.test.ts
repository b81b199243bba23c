import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../settings/failure";
import { openBlobs, pathOfBlob } from "../store/blobs";
import { createMemoryStore } from "../store/memory";
import type { Cell, ColumnKind } from "../types/table";
import { type ChunkWriter, type StoredRows, writeChunks } from "./chunkWriter";
import { type CellEdit, type StoredTable, openStoredTable } from "./storedTable";
import { type Table, column } from "./table";
import { widenCell } from "./widen";

async function readAll(table: Table, options?: Parameters<Table["scan"]>[0]): Promise<Cell[][]> {
  const rows: Cell[][] = [];
  for await (const batch of table.scan(options)) {
    expect(batch.firstRow).toBe((options?.from ?? 0) + rows.length);
    for (let row = 0; row < batch.rows; row++) rows.push(batch.columns.map((cells) => cells[row]));
  }
  return rows;
}

async function store(fill: (writer: ChunkWriter) => Promise<void>, limits = { rows: 3, bytes: 64 }) {
  const files = createMemoryStore();
  const blobs = openBlobs(files);
  const writer = writeChunks(blobs, limits);
  await fill(writer);
  const stored = await writer.finish();
  const open = (edits: CellEdit[] = []): StoredTable =>
    openStoredTable({ name: "it", columns: stored.columns.map(({ name, kind }) => column(name, { kind })), chunks: stored.chunks, joiner: "", edits }, blobs);
  return { files, blobs, stored, open };
}

const TEXT = { name: "text", kind: "text" as const };
const SCORE = { name: "score", kind: "number" as const };

describe("rows in the store", () => {
  it("come back in order, whole, by column and by range", async () => {
    const { open, stored } = await store(async (writer) => {
      writer.columns([TEXT, SCORE]);
      await writer.rows([["a", "b", null, "d", "", undefined, "g"], [1, 2, 3, 4, 5, 6, null]], 7);
    });
    expect(stored.chunks.map(({ rows }) => rows)).toEqual([3, 3, 1]);
    expect(stored.columns).toEqual([{ ...TEXT, missing: 3, characters: 4, bytes: 4 }, { ...SCORE, missing: 1, characters: 6, bytes: 6 }]);
    const table = open();
    expect(await readAll(table)).toEqual([["a", 1], ["b", 2], [null, 3], ["d", 4], ["", 5], [undefined, 6], ["g", null]]);
    expect(await readAll(table, { columns: [1], from: 2, to: 5 })).toEqual([[3], [4], [5]]);
    expect(await table.readRows(2, 3, [1, 0])).toEqual({ firstRow: 2, rows: 3, columns: [[3, 4, 5], [null, "d", ""]] });
    expect((await table.readRows(6, 9)).columns).toEqual([["g"], [null]]);
    expect(await table.readRows(7, 9)).toMatchObject({ rows: 0, columns: [[], []] });
  });

  it("are cut by size, and a long row stands alone", async () => {
    const long = "x".repeat(100);
    const { stored, open } = await store(async (writer) => {
      writer.columns([TEXT]);
      await writer.rows([["a", long, "b", "c".repeat(40), "d".repeat(40)]], 5);
    }, { rows: 100, bytes: 64 });
    expect(stored.chunks.map(({ rows }) => rows)).toEqual([1, 1, 2, 1]);
    expect((await readAll(open()))[1]).toEqual([long]);
  });

  it("keep columns that came later, and are read as what their columns became", async () => {
    const { open, stored } = await store(async (writer) => {
      writer.columns([{ name: "a", kind: "number" }]);
      await writer.rows([[1, -0, 2.5, 7]], 4);
      writer.columns([{ name: "a", kind: "text" }, { name: "b", kind: "boolean" }]);
      await writer.rows([["x"], [true]], 1);
      writer.columns([{ name: "a", kind: "json" }, { name: "b", kind: "boolean" }]);
      await writer.rows([["[1]"]], 1);
    });
    expect(await readAll(open())).toEqual([["1", undefined], ["-0", undefined], ["2.5", undefined], ['"7"', undefined], ['"x"', true], ["[1]", undefined]]);
    expect(stored.columns[1]).toMatchObject({ missing: 5 });
  });

  it("are the same blobs however they were batched", async () => {
    const cells = fc.array(fc.tuple(fc.string({ maxLength: 30 }), fc.option(fc.double())), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(cells, fc.array(fc.integer({ min: 1, max: 7 })), async (rows, sizes) => {
        const write = (cuts: readonly number[]) => async (writer: ChunkWriter) => {
          writer.columns([TEXT, SCORE]);
          let at = 0;
          for (const size of [...cuts, rows.length]) {
            const part = rows.slice(at, at + size);
            await writer.rows([part.map(([text]) => text), part.map(([, score]) => score)], part.length);
            at += part.length;
          }
        };
        const [one, two] = [await store(write([])), await store(write(sizes))];
        expect(two.stored.chunks).toEqual(one.stored.chunks);
        expect(await readAll(two.open())).toEqual(rows);
        const text = rows.map(([cell]) => cell).join("");
        expect(one.stored.columns[0]).toMatchObject({ characters: Array.from(text).length, bytes: new TextEncoder().encode(text).length });
      }),
    );
  });

  it("start over when they come again", async () => {
    const { open } = await store(async (writer) => {
      writer.columns([TEXT]);
      await writer.rows([["wrong", "wrong", "wrong", "wrong"]], 4);
      writer.restart();
      writer.columns([TEXT]);
      await writer.rows([["right"]], 1);
    });
    expect(await readAll(open())).toEqual([["right"]]);
  });

  it("that are damaged, cut or gone are told, never wrong", async () => {
    const fill = async (writer: ChunkWriter): Promise<void> => {
      writer.columns([TEXT]);
      await writer.rows([["one", "two", "three", "four"]], 4);
    };
    for (const damage of [(bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)), (bytes: Uint8Array) => bytes.slice(1), () => undefined]) {
      const { files, open, stored } = await store(fill);
      const path = pathOfBlob(stored.chunks[1]!.blob);
      const damaged = damage(files.files.get(path)!);
      if (damaged) files.files.set(path, damaged);
      else files.files.delete(path);
      await expect(readAll(open())).rejects.toThrow(FailureError);
      expect(await readAll(open(), { to: 3 })).toEqual([["one"], ["two"], ["three"]]);
    }
  });
});

describe("edits", () => {
  it("lie over stored rows, and rows typed by hand follow them", async () => {
    const { open } = await store(async (writer) => {
      writer.columns([TEXT, SCORE]);
      await writer.rows([["a", "b", "c", "d"], [1, 2, 3, 4]], 4);
    });
    const table = open([{ row: 1, column: 0, cell: "B" }, { row: 3, column: 1, cell: null }, { row: 5, column: 0, cell: "f" }]);
    expect(table.rows).toBe(6);
    expect(await readAll(table)).toEqual([["a", 1], ["B", 2], ["c", 3], ["d", null], [undefined, undefined], ["f", undefined]]);
    expect((await table.readRows(1, 4, [0])).columns).toEqual([["B", "c", "d", undefined]]);
    expect(await readAll(table, { columns: [1], from: 3 })).toEqual([[null], [undefined], [undefined]]);
    // The rows underneath are as they were.
    expect(await readAll(open())).toEqual([["a", 1], ["b", 2], ["c", 3], ["d", 4]]);
  });
});

describe("blobs", () => {
  const one = async (writer: ChunkWriter): Promise<void> => {
    writer.columns([TEXT]);
    await writer.rows([["one"]], 1);
  };
  const referencesOf = ({ chunks }: StoredRows) => new Map(chunks.map(({ blob, bytes }) => [blob, bytes]));

  it("stay while an import holds them or something refers to them", async () => {
    const { files, blobs, stored } = await store(one);
    await blobs.tidy(() => new Map());
    expect(files.files.size).toBe(1);
    stored.hold.release();
    await blobs.tidy(() => referencesOf(stored));
    expect(files.files.size).toBe(1);
    await blobs.tidy(() => new Map());
    expect(files.files.size).toBe(0);
  });

  it("come back when a power cut lost their move", async () => {
    const { files, blobs, stored } = await store(one);
    stored.hold.release();
    const path = pathOfBlob(stored.chunks[0]!.blob);
    const bytes = files.files.get(path)!;
    files.files.delete(path);
    files.files.set("unfinished/x", bytes);
    files.files.set("unfinished/y", bytes.map((byte) => byte ^ 1));
    await blobs.tidy(() => referencesOf(stored));
    expect([...files.files.keys()]).toEqual([path]);
  });
});

it.each<[Cell, ColumnKind, ColumnKind, Cell]>([
  [1, "number", "text", "1"], [-0, "number", "text", "-0"], [1e21, "number", "text", "1e+21"], [true, "boolean", "text", "true"],
  ["x", "text", "json", '"x"'], [1.5, "number", "json", "1.5"], [Number.NaN, "number", "json", '"NaN"'], [false, "boolean", "json", "false"],
  [null, "number", "json", null], [undefined, "text", "json", undefined], ["{}", "json", "text", "{}"],
])("%j of %s becomes in %s: %j", (cell, from, to, widened) => {
  expect(widenCell(cell, from, to)).toBe(widened);
});
