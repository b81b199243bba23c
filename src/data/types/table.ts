/**
 * The nouns of a table, as plain data that crosses to the page: what a cell can hold, what a column is called and for, and a
 * window of rows as the grid asks for it.
 */

/**
 * What a cell holds. `null` was written as null; `undefined` was not there at all (a key missing from a JSON object). Nested
 * values are JSON text in a column of kind "json". An empty string is an empty string: whether it counts as missing is asked of
 * `isMissing`, never of the file format.
 */
export type Cell = string | number | boolean | null | undefined;

/** How a column's cells are kept. Numbers that a double cannot hold exactly stay text, so that nothing is ever rounded. */
export type ColumnKind = "text" | "number" | "boolean" | "json";

/** What the cells of a column say, whatever they are kept as: "2021-03-04" is kept as text and is a date. */
export type ColumnType = "text" | "category" | "integer" | "number" | "boolean" | "date" | "json" | "empty";

/** What a column is for. A dataset's training text is its text column, or prompt and completion, or messages. */
export type ColumnRole =
  | "text" | "label" | "group" | "prompt" | "completion" | "messages" | "chosen" | "rejected"
  | "target" | "feature" | "source" | "id" | "time" | "none";

export interface Column {
  /** Distinct within a table; also what JSON keys and CSV headers are. */
  readonly name: string;
  readonly kind: ColumnKind;
  readonly type: ColumnType;
  readonly role: ColumnRole;
  /** One sentence per thing a person should know: "12 of its numbers are too large for a double and stay text." */
  readonly notes?: readonly string[];
}

/** True for what people call a missing value: absent, null, or text of nothing but white space. */
export const isMissing = (cell: Cell): boolean => cell === null || cell === undefined || (typeof cell === "string" && cell.trim() === "");

/** Rows of a table or of a view of one, for the grid. */
export interface RowWindow {
  /** Place of the first row in the view. */
  readonly from: number;
  /** Row numbers in the table, 0-based; the grid shows them 1-based. */
  readonly ids: readonly number[];
  /** cells[row][column], in the order of the columns asked for; long text is cut to `LONGEST_SHOWN` characters. */
  readonly cells: readonly (readonly Cell[])[];
}

/** UTF-16 units of a cell that the grid is given; the whole cell is asked for when it is opened. */
export const LONGEST_SHOWN = 400;
