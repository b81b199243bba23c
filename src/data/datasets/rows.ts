/**
 * Datasets as rows of the database. In: a database. Out: what is listed of a dataset and of its versions, read and written; no files are
 * touched here. Whoever writes several rows at once does so within `database.write`.
 */
import { z } from "zod";
import type { Database, SqlRow } from "../store/database";
import type { StoredChunk } from "../table/chunkWriter";
import type { CellEdit } from "../table/storedTable";
import type { Cell, Column, ColumnKind, ColumnRole, ColumnType } from "../types/table";

export type VersionKind = "original" | "cleaned";

export interface DatasetRow {
  readonly id: string;
  readonly name: string;
  readonly origin: "sample" | "task" | "user" | "mix";
  /** Empty where what is listed is counted each time. */
  readonly summary: string;
  readonly source?: string;
  readonly prompt: string;
  readonly edition?: string;
  readonly addedAt: number;
}

/** A column and what is known of its cells. */
export interface CountedColumn extends Column {
  readonly missing: number;
  /** Code points and UTF-8 bytes of its cells. */
  readonly characters: number;
  readonly bytes: number;
}

export interface VersionRow {
  readonly id: number;
  readonly kind: VersionKind;
  /** Of the content, edits included. */
  readonly hash: string;
  readonly joiner: string;
  readonly columns: readonly CountedColumn[];
  /** Rows typed by hand included. */
  readonly rows: number;
  /** Of a cleaned version: its recipe as JSON, and what it was made from. */
  readonly recipe?: string;
  readonly madeFrom?: string;
}

export type NewVersion = Omit<VersionRow, "id" | "rows"> & { readonly chunks: readonly StoredChunk[] };

const datasetSchema = z
  .object({
    id: z.string(), name: z.string(), origin: z.enum(["sample", "task", "user", "mix"]), summary: z.string(), source: z.string().nullable(),
    prompt: z.string(), edition: z.string().nullable(), added_at: z.number(),
  })
  .transform(({ source, edition, added_at: addedAt, ...row }): DatasetRow => ({ ...row, addedAt, ...(source === null ? {} : { source }), ...(edition === null ? {} : { edition }) }));

export const readDatasets = (database: Database): DatasetRow[] => database.all("SELECT * FROM datasets ORDER BY place").map((row) => datasetSchema.parse(row));

export function findDataset(database: Database, id: string): DatasetRow | undefined {
  const [row] = database.all("SELECT * FROM datasets WHERE id = ?", id);
  return row && datasetSchema.parse(row);
}

/** Inserts it, or changes what is listed of it; its place stays. */
export function writeDataset(database: Database, { id, name, origin, summary, source, prompt, edition, addedAt }: DatasetRow): void {
  database.run(
    `INSERT INTO datasets (id, name, origin, summary, source, prompt, edition, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, summary = excluded.summary, source = excluded.source, prompt = excluded.prompt, edition = excluded.edition`,
    id, name, origin, summary, source ?? null, prompt, edition ?? null, addedAt,
  );
}

export function writeNotes(database: Database, dataset: string, notes: readonly string[]): void {
  database.run("DELETE FROM notes WHERE dataset = ?", dataset);
  notes.forEach((note, place) => database.run("INSERT INTO notes VALUES (?, ?, ?)", dataset, place, note));
}

export const readNotes = (database: Database, dataset: string): string[] =>
  database.all("SELECT note FROM notes WHERE dataset = ? ORDER BY place", dataset).map(({ note }) => String(note));

export function findVersion(database: Database, dataset: string, kind: VersionKind): VersionRow | undefined {
  const [row] = database.all("SELECT * FROM versions WHERE dataset = ? AND kind = ?", dataset, kind);
  if (!row) return undefined;
  const id = Number(row["id"]);
  const { recipe, made_from: madeFrom } = row;
  return {
    id, kind,
    hash: String(row["hash"]),
    joiner: String(row["joiner"]),
    columns: database.all("SELECT * FROM columns WHERE version = ? ORDER BY place", id).map(readColumn),
    rows: countRows(database, id),
    ...(typeof recipe === "string" ? { recipe } : {}),
    ...(typeof madeFrom === "string" ? { madeFrom } : {}),
  };
}

const noteList = z.array(z.string());

function readColumn({ name, kind, type, role, notes, missing, characters, bytes }: SqlRow): CountedColumn {
  const sentences = noteList.parse(JSON.parse(String(notes)));
  return {
    name: String(name), kind: kind as ColumnKind, type: type as ColumnType, role: role as ColumnRole,
    missing: Number(missing), characters: Number(characters), bytes: Number(bytes), ...(sentences.length > 0 ? { notes: sentences } : {}),
  };
}

function countRows(database: Database, version: number): number {
  const [counts] = database.all(
    "SELECT (SELECT coalesce(sum(rows), 0) FROM chunks WHERE version = ?) AS stored, (SELECT coalesce(max(row), -1) + 1 FROM edits WHERE version = ?) AS typed",
    version, version,
  );
  return Math.max(Number(counts?.["stored"]), Number(counts?.["typed"]));
}

export const readChunks = (database: Database, version: number): StoredChunk[] =>
  database
    .all("SELECT blob, rows, bytes FROM chunks WHERE version = ? ORDER BY place", version)
    .map(({ blob, rows, bytes }) => ({ blob: String(blob), rows: Number(rows), bytes: Number(bytes) }));

/** In place of the version of that kind, if there is one. */
export function writeVersion(database: Database, dataset: string, version: NewVersion): void {
  const { kind, hash, joiner, recipe, madeFrom, columns, chunks } = version;
  database.run("DELETE FROM versions WHERE dataset = ? AND kind = ?", dataset, kind);
  database.run("INSERT INTO versions (dataset, kind, hash, joiner, recipe, made_from) VALUES (?, ?, ?, ?, ?, ?)", dataset, kind, hash, joiner, recipe ?? null, madeFrom ?? null);
  const [row] = database.all("SELECT id FROM versions WHERE dataset = ? AND kind = ?", dataset, kind);
  const id = Number(row?.["id"]);
  writeColumns(database, id, columns);
  chunks.forEach(({ blob, rows, bytes }, place) => database.run("INSERT INTO chunks VALUES (?, ?, ?, ?, ?)", id, place, blob, rows, bytes));
}

export function writeColumns(database: Database, version: number, columns: readonly CountedColumn[]): void {
  database.run("DELETE FROM columns WHERE version = ?", version);
  columns.forEach(({ name, kind, type, role, notes = [], missing, characters, bytes }, place) =>
    database.run("INSERT INTO columns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", version, place, name, kind, type, role, JSON.stringify(notes), missing, characters, bytes),
  );
}

const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const readEdits = (database: Database, version: number): CellEdit[] =>
  database
    .all("SELECT row, place, cell FROM edits WHERE version = ? ORDER BY row, place", version)
    .map(({ row, place, cell }) => ({ row: Number(row), column: Number(place), cell: cellSchema.parse(JSON.parse(String(cell))) }));

/** `hash` is that of the content with this edit. */
export function writeEdit(database: Database, version: number, row: number, column: number, cell: Exclude<Cell, undefined>, hash: string): void {
  database.run(
    "INSERT INTO edits VALUES (?, ?, ?, ?) ON CONFLICT (version, row, place) DO UPDATE SET cell = excluded.cell",
    version, row, column, JSON.stringify(cell),
  );
  database.run("UPDATE versions SET hash = ? WHERE id = ?", hash, version);
}
