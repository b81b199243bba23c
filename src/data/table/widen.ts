/**
 * A cell as a wider kind of column keeps it. In: a cell and what its column was when it was written. Out: what it says in the column as it
 * is now. Kinds only widen: number and boolean → text, any → JSON. Stored rows are not rewritten for it; they are widened when read.
 */
import type { Cell, ColumnKind } from "../types/table";

export function widenCell(cell: Cell, from: ColumnKind, to: ColumnKind): Cell {
  if (from === to || cell === null || cell === undefined) return cell;
  if (to === "json") return from === "text" || !isJson(cell) ? JSON.stringify(spell(cell)) : spell(cell);
  return spell(cell);
}

export function widenCells(cells: readonly Cell[], from: ColumnKind, to: ColumnKind): readonly Cell[] {
  return from === to ? cells : cells.map((cell) => widenCell(cell, from, to));
}

/** NaN and infinity are no JSON and become its text. */
const isJson = (cell: string | number | boolean): boolean => typeof cell !== "number" || Number.isFinite(cell);

/** The shortest digits that read back as the same double, the sign of zero included. */
const spell = (cell: string | number | boolean): string => (Object.is(cell, -0) ? "-0" : String(cell));

/** The narrowest kind that keeps cells of both. */
export const widerKind = (a: ColumnKind, b: ColumnKind): ColumnKind => (a === b ? a : a === "json" || b === "json" ? "json" : "text");
