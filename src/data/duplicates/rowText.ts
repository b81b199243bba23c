/** The text by which rows are compared. In: a row's cells, the columns that count. Out: their simplified texts; "" where all are missing. */
import { isMissing, type Cell } from "../types/table";
import { PLAIN, simplify, type Simplification } from "./simplify";

/** No text has this character, and words stay apart from it. */
const BETWEEN_CELLS = " \u001f ";

export function rowText(cells: readonly Cell[], columns: readonly number[], options: Simplification = PLAIN): string {
  if (columns.every((column) => isMissing(cells[column]))) return "";
  const simple = columns.map((column) => simplify(String(cells[column] ?? ""), options));
  return simple.every((text) => text === "") ? "" : simple.join(BETWEEN_CELLS);
}
