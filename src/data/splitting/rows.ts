/** What a split looks at: rows by their labels, groups and times. In: cells of a column. Out: row numbers by what they say. */
import { type Cell, isMissing } from "../types/table";

/** What the rows say, as far as the settings ask for it; each array has one entry per row. */
export interface SplitRows {
  readonly rows: number;
  readonly labels?: readonly Cell[];
  readonly groups?: readonly Cell[];
  /** Of the column that says the part or the time. */
  readonly column?: readonly Cell[];
}

const keyOf = (cell: Cell): string => (isMissing(cell) ? "" : String(cell));

/** Rows by what a column says, in the order of first appearance. */
export function gatherRows(cells: readonly Cell[], rows: number): Map<string, number[]> {
  const gathered = new Map<string, number[]>();
  for (let row = 0; row < rows; row++) {
    const key = keyOf(cells[row]);
    const list = gathered.get(key);
    if (list) list.push(row);
    else gathered.set(key, [row]);
  }
  return gathered;
}
