/**
 * One cell set by hand. In: what was typed. Out: a row of the database that lies over the stored rows, which stay as they are. What is
 * typed is read as the column's kind where that loses nothing; otherwise the column becomes text, as it would have on import.
 */
import { FailureError } from "../../settings/failure";
import { sha256Of } from "../store/blobs";
import type { Store } from "../store/store";
import { type Cell, type ColumnKind, isMissing } from "../types/table";
import type { OpenVersion } from "./listing";
import { type CountedColumn, findVersion, writeColumns, writeEdit } from "./rows";

export interface CellPlace {
  /** The number of rows adds one. */
  readonly row: number;
  /** By name. */
  readonly column: string;
}

type TypedCell = Exclude<Cell, undefined>;

/** `version` is of now: edits of a dataset are made one after another. */
export async function editCell({ database }: Store, { dataset, version, table }: OpenVersion, { row, column: name }: CellPlace, text: string): Promise<void> {
  const place = version.columns.findIndex((column) => column.name === name);
  const column = version.columns[place];
  if (!column || !Number.isInteger(row) || row < 0 || row > version.rows) throw noSuchCell(dataset.name, row, name);
  const [after, kind] = readTyped(text, column.kind);
  const before = (await table.readRows(row, 1, [place])).columns[0]?.[0];
  const hash = await sha256Of(new TextEncoder().encode(JSON.stringify([version.hash, row, place, after])));
  database.write(() => {
    const now = findVersion(database, dataset.id, version.kind);
    if (!now) throw noSuchCell(dataset.name, row, name);
    writeEdit(database, now.id, row, place, after, hash);
    // Their roles may be others by now.
    const columns = now.columns.map((one, index) => (index === place ? recount({ ...one, kind }, before, after, row < version.rows) : addRow(one, row < version.rows)));
    writeColumns(database, now.id, columns);
  });
}

/** The cell, and what the column has to be to hold it exactly. */
function readTyped(text: string, kind: ColumnKind): [TypedCell, ColumnKind] {
  const trimmed = text.trim();
  if (kind === "text") return [text, kind];
  if (trimmed === "") return [null, kind];
  if (kind === "boolean") return /^(true|false)$/i.test(trimmed) ? [/^t/i.test(trimmed), kind] : [text, "text"];
  if (kind === "json") return [isJson(trimmed) ? trimmed : JSON.stringify(text), kind];
  const number = Number(trimmed);
  return Number.isFinite(number) && String(number) === trimmed ? [number, kind] : [text, "text"];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
const spell = (cell: Cell): string => (cell === null || cell === undefined ? "" : String(cell));

function recount(column: CountedColumn, before: Cell, after: Cell, isOld: boolean): CountedColumn {
  const [old, now] = [spell(before), spell(after)];
  return {
    ...column,
    missing: column.missing - (isOld && isMissing(before) ? 1 : 0) + (isMissing(after) ? 1 : 0),
    characters: column.characters - Array.from(old).length + Array.from(now).length,
    bytes: column.bytes - bytesOf(old) + bytesOf(now),
  };
}

/** In a row that is new the other cells are missing. */
const addRow = (column: CountedColumn, isOld: boolean): CountedColumn => (isOld ? column : { ...column, missing: column.missing + 1 });

function noSuchCell(dataset: string, row: number, column: string): FailureError {
  return new FailureError({ kind: "bad-settings", message: `${dataset} has no row ${row + 1} with a column "${column}".`, hint: "Reload the table and choose the cell again.", where: dataset });
}
