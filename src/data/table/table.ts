/**
 * A table as the data floor reads it: columns, a number of rows, and a scan that hands out batches column by column. Files,
 * stored datasets and cleaned versions all look like this, so cleaning, statistics, export and tokenizers know nothing else.
 */
import { FailureError } from "../../settings/failure";
import type { Cell, Column } from "../types/table";

export interface RowBatch {
  /** Number of the first row in the table. */
  readonly firstRow: number;
  readonly rows: number;
  /** columns[column][row], in the order of the columns asked for. */
  readonly columns: readonly (readonly Cell[])[];
}

export interface ScanOptions {
  /** Indices of the columns wanted; default all, in order. */
  readonly columns?: readonly number[];
  /** Rows [from, to); default all. */
  readonly from?: number;
  readonly to?: number;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: number;
  /** What stands between two rows when they are read as one text: "" for a document cut into paragraphs, "\n" for lines. */
  readonly joiner: string;
  /** Batches in row order, each of at most a few thousand rows or a few MB; yields to the event loop between them. */
  scan(options?: ScanOptions): AsyncGenerator<RowBatch, void, undefined>;
}

/** A table that is all in memory, for tests and for rows typed by hand. `rows[row][column]`. */
export function memoryTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], options: { readonly joiner?: string; readonly batchRows?: number } = {}): Table {
  const { joiner = "\n", batchRows = 1024 } = options;
  return {
    columns, rows: rows.length, joiner,
    async *scan({ columns: wanted = columns.map((_, index) => index), from = 0, to = rows.length } = {}) {
      for (let first = from; first < to; first += batchRows) {
        const part = rows.slice(first, Math.min(to, first + batchRows));
        yield { firstRow: first, rows: part.length, columns: wanted.map((column) => part.map((row) => row[column])) };
      }
    },
  };
}

/** A text column of role "text", or any other kind and role. */
export function column(name: string, given: Partial<Omit<Column, "name">> = {}): Column {
  return { name, kind: "text", type: "text", role: "none", ...given };
}

/** The index of the column with this name; throws a FailureError that lists those there are. */
export function indexOfColumn({ columns }: Pick<Table, "columns">, name: string): number {
  const index = columns.findIndex((one) => one.name === name);
  if (index >= 0) return index;
  throw new FailureError({
    kind: "bad-settings",
    message: `There is no column "${name}".`,
    hint: `The columns are ${columns.map((one) => `"${one.name}"`).join(", ")}.`,
    where: name,
  });
}
