/** A sink that keeps what a format reads, for tests: the columns last announced, rows as arrays, the problems. */
import type { Cell } from "../types/table";
import type { ParsedColumn, RowSink } from "./format";

export interface MemorySink extends RowSink {
  readonly read: { columns: readonly ParsedColumn[]; readonly rows: Cell[][]; readonly problems: Parameters<RowSink["problem"]>[0][] };
}

export function memorySink(): MemorySink {
  const read: MemorySink["read"] = { columns: [], rows: [], problems: [] };
  return {
    read,
    columns(columns) {
      read.columns = columns;
    },
    rows(cells, count) {
      for (let row = 0; row < count; row++) read.rows.push(cells.map((column) => column[row]));
    },
    problem(problem) {
      read.problems.push(problem);
    },
  };
}
