/**
 * From stored rows to a listed dataset and back to what the page shows of it. In: rows that lie in blobs, and a description. Out: rows of
 * the database, made in one transaction, and summaries.
 */
import { sha256Of } from "../store/blobs";
import type { Store } from "../store/store";
import type { StoredChunk, StoredRows } from "../table/chunkWriter";
import { openStoredTable, type StoredTable } from "../table/storedTable";
import { planRowText } from "../preparing/rowText";
import type { DatasetSummary } from "../types/dataset";
import type { Column } from "../types/table";
import { findMix } from "./mixes";
import { type CountedColumn, type DatasetRow, type NewVersion, type VersionRow, findVersion, readChunks, readDatasets, readEdits, readNotes, writeDataset, writeNotes, writeVersion } from "./rows";

export interface OpenVersion {
  readonly dataset: DatasetRow;
  readonly version: VersionRow;
  readonly table: StoredTable;
}

/** The columns of stored rows with what is known of their cells; `described` says types and roles, by place. */
export function countedColumns(rows: StoredRows, described: readonly Column[]): CountedColumn[] {
  return rows.columns.map(({ name, kind, type, missing, characters, bytes }, place) => {
    const description = described[place];
    const notes = description?.notes;
    return { name, kind, type: description?.type ?? type ?? kind, role: description?.role ?? "none", missing, characters, bytes, ...(notes ? { notes } : {}) };
  });
}

/** Tells content apart: names and kinds of columns, what stands between rows, and the blobs. Roles and types are descriptions, not content. */
export function hashContent({ columns, joiner, chunks }: Pick<NewVersion, "columns" | "joiner" | "chunks">): Promise<string> {
  const content = [joiner, columns.map(({ name, kind }) => [name, kind]), chunks.map(({ blob }) => blob)];
  return sha256Of(new TextEncoder().encode(JSON.stringify(content)));
}

/** Lists a dataset with its rows, or keeps nothing. */
export function listDataset({ database }: Store, dataset: DatasetRow, version: NewVersion, notes: readonly string[]): void {
  database.write(() => {
    writeDataset(database, dataset);
    writeNotes(database, dataset.id, notes);
    writeVersion(database, dataset.id, version);
  });
}

/** `chunks` are those of a version that is not listed yet. */
export function openVersion({ database, blobs }: Store, dataset: DatasetRow, version: VersionRow, chunks: readonly StoredChunk[] = readChunks(database, version.id)): OpenVersion {
  const { columns, joiner } = version;
  return { dataset, version, table: openStoredTable({ name: dataset.name, columns, joiner, chunks, edits: readEdits(database, version.id) }, blobs) };
}

export function summarize({ database }: Store, { id, name, origin, summary, source, prompt, addedAt }: DatasetRow): DatasetSummary {
  const cleaned = findVersion(database, id, "cleaned");
  const original = findVersion(database, id, "original");
  const version = cleaned ?? original;
  const notes = readNotes(database, id);
  const mix = origin === "mix" ? findMix(database, id) : undefined;
  return {
    id, name, origin, prompt, addedAt,
    summary: summary || (version ? countedSummary(version) : ""),
    ...sizesOf(version),
    ...(mix ? { parts: mix.parts.length } : {}),
    ...(source === undefined ? {} : { source }),
    ...(notes.length > 0 ? { notes } : {}),
    ...(cleaned ? { cleaned: true } : {}),
    ...(cleaned && original ? { original: { rows: original.rows, columns: original.columns.map(withoutCounts) } } : {}),
  };
}

/** What is said of rows that came without a sentence of their own; made each time, since rows can be typed. */
function countedSummary({ columns, rows, joiner }: VersionRow): string {
  const count = (number: number, noun: string): string => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  return joiner === "" ? `Your text, in ${count(rows, "paragraph")}.` : `Your table: ${count(rows, "row")}, ${count(columns.length, "column")}.`;
}

function sizesOf(version: VersionRow | undefined): Pick<DatasetSummary, "bytes" | "characters" | "rows" | "columns"> {
  if (!version) return { bytes: 0, characters: 0 };
  const { columns, rows, joiner } = version;
  const text = planRowText(columns).columns.reduce((sum, place) => sum + columns[place]!.characters, 0);
  return {
    bytes: columns.reduce((sum, column) => sum + column.bytes, 0),
    characters: text + joiner.length * Math.max(0, rows - 1),
    rows,
    columns: columns.map(withoutCounts),
  };
}

const withoutCounts = ({ missing: _missing, characters: _characters, bytes: _bytes, ...column }: CountedColumn): Column => column;

/** The dataset of the user that has just this content, described the same way: importing it again brings nothing new. */
export function findSame({ database }: Store, { hash, columns }: NewVersion): DatasetRow | undefined {
  return readDatasets(database).find(({ id, origin }) => {
    if (origin !== "user") return false;
    const original = findVersion(database, id, "original");
    return original?.hash === hash && original.columns.every(({ role, type }, place) => role === columns[place]?.role && type === columns[place].type);
  });
}
