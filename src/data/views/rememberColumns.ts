/**
 * A table whose columns stay in memory once they were read, up to a budget, so that the next search or sort reads no file. In: any table. Out: the same
 * table; columns that do not fit are read from it again each time, and those that were not used for longest make room.
 */
import { createPacer } from "../formats/readBytes";
import type { RowBatch, ScanOptions, Table } from "../table/table";
import type { Cell } from "../types/table";

const BATCH_ROWS = 4096;
/** A reference, and what the engine keeps beside a string's characters. */
const CELL_BYTES = 24;

interface Kept {
  readonly cells: Cell[];
  readonly bytes: number;
}

/** Strings of Latin letters take a byte per character, others two; reckoned with two. */
const bytesOf = (cells: readonly Cell[]): number => cells.reduce<number>((sum, cell) => sum + CELL_BYTES + (typeof cell === "string" ? 2 * cell.length : 0), 0);

interface Memory {
  keep(column: number, entry: Kept): void;
  /** Counts as a use. */
  take(column: number): Kept | undefined;
}

function createMemory(budgetBytes: number): Memory {
  /** In the order of their last use. */
  const kept = new Map<number, Kept>();
  let used = 0;
  const put = (column: number, entry: Kept): void => {
    kept.delete(column);
    kept.set(column, entry);
  };
  return {
    keep(column, entry) {
      used += entry.bytes - (kept.get(column)?.bytes ?? 0);
      put(column, entry);
      for (const [oldest, { bytes }] of kept) {
        if (used <= budgetBytes || oldest === column) break;
        used -= bytes;
        kept.delete(oldest);
      }
    },
    take(column) {
      const entry = kept.get(column);
      if (entry) put(column, entry);
      return entry;
    },
  };
}

export function rememberColumns(table: Table, budgetBytes: number): Table {
  const memory = createMemory(budgetBytes);

  async function* scanKept(columns: readonly Kept[], from: number, to: number): AsyncGenerator<RowBatch, void, undefined> {
    const pace = createPacer();
    for (let first = from; first < to; first += BATCH_ROWS) {
      const end = Math.min(to, first + BATCH_ROWS);
      yield { firstRow: first, rows: end - first, columns: columns.map(({ cells }) => cells.slice(first, end)) };
      await pace();
    }
  }

  /** Reads the columns that are not kept; whole ones that fit are kept when the scan came to its end. */
  async function* scanMissing(wanted: readonly number[], have: readonly (Kept | undefined)[], options: Required<Pick<ScanOptions, "from" | "to">>): AsyncGenerator<RowBatch, void, undefined> {
    const missing = [...new Set(wanted.filter((_, index) => have[index] === undefined))];
    const isWhole = options.from === 0 && options.to === table.rows;
    const growing = new Map(isWhole ? missing.map((column) => [column, { cells: [] as Cell[], bytes: 0 }]) : []);
    let grown = 0;
    for await (const batch of table.scan({ columns: missing, ...options })) {
      for (const [column, entry] of growing) {
        const cells = batch.columns[missing.indexOf(column)]!;
        const bytes = bytesOf(cells);
        entry.bytes += bytes;
        grown += bytes;
        for (const cell of cells) entry.cells.push(cell);
      }
      // A search in every column of a wide table: together they must fit, too.
      for (const column of [...growing.keys()].reverse()) {
        if (grown <= budgetBytes) break;
        grown -= growing.get(column)!.bytes;
        growing.delete(column);
      }
      const columns = wanted.map((column, index) => have[index]?.cells.slice(batch.firstRow, batch.firstRow + batch.rows) ?? batch.columns[missing.indexOf(column)]!);
      yield { firstRow: batch.firstRow, rows: batch.rows, columns };
    }
    for (const [column, entry] of growing) memory.keep(column, entry);
  }

  return {
    columns: table.columns, rows: table.rows, joiner: table.joiner,
    scan({ columns: wanted = table.columns.map((_, index) => index), from = 0, to = table.rows } = {}) {
      const have = wanted.map((column) => memory.take(column));
      return have.every((entry) => entry !== undefined) ? scanKept(have, from, to) : scanMissing(wanted, have, { from, to });
    },
  };
}
