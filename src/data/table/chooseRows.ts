/**
 * Some rows of a table, in any order, as a table. In: a table and row numbers. Out: a table of those rows. Rows that ascend are read in one
 * pass; rows in another order (a sorted view) are gathered in windows of many rows, each in one pass over the table, and handed
 * out a few thousand at a time.
 */
import type { Cell } from "../types/table";
import type { RowBatch, ScanOptions, Table } from "./table";

const BATCH = 4096;
/** Cells gathered in one pass: 131,072 of a thousand letters each are some 130 MB. */
const CELLS_GATHERED = 2 ** 17;

export function chooseRows(table: Table, rows: Uint32Array): Table {
  const ascends = rows.every((row, index) => index === 0 || row > rows[index - 1]!);
  const every = table.columns.map((_, index) => index);
  return {
    columns: table.columns,
    rows: rows.length,
    joiner: table.joiner,
    async *scan({ columns = every, from = 0, to = rows.length }: ScanOptions = {}) {
      const end = Math.min(to, rows.length);
      if (ascends) yield* pass(table, rows.subarray(from, end), columns, from);
      else {
        const window = Math.max(BATCH, Math.floor(CELLS_GATHERED / Math.max(1, columns.length)));
        for (let first = from; first < end; first += window) yield* cut(await gather(table, rows.subarray(first, Math.min(end, first + window)), columns, first));
      }
    },
  };
}

async function* pass(table: Table, rows: Uint32Array, columns: readonly number[], firstRow: number): AsyncGenerator<RowBatch, void, undefined> {
  let at = 0;
  for await (const batch of table.scan({ columns, from: rows[0] ?? 0, to: (rows.at(-1) ?? -1) + 1 })) {
    const behind = batch.firstRow + batch.rows;
    const start = at;
    while (at < rows.length && rows[at]! < behind) at++;
    if (at === start) continue;
    const wanted = rows.subarray(start, at);
    yield { firstRow: firstRow + start, rows: wanted.length, columns: batch.columns.map((cells) => Array.from(wanted, (row) => cells[row - batch.firstRow])) };
  }
}

async function gather(table: Table, rows: Uint32Array, columns: readonly number[], firstRow: number): Promise<RowBatch> {
  const order = Uint32Array.from(rows, (_, index) => index).sort((a, b) => rows[a]! - rows[b]!);
  const cells: Cell[][] = columns.map(() => new Array<Cell>(rows.length));
  let at = 0;
  for await (const batch of table.scan({ columns, from: rows[order[0]!]!, to: rows[order.at(-1)!]! + 1 })) {
    for (; at < order.length && rows[order[at]!]! < batch.firstRow + batch.rows; at++) {
      const place = order[at]!;
      batch.columns.forEach((column, index) => (cells[index]![place] = column[rows[place]! - batch.firstRow]));
    }
  }
  return { firstRow, rows: rows.length, columns: cells };
}

function* cut({ firstRow, rows, columns }: RowBatch): Generator<RowBatch, void, undefined> {
  for (let at = 0; at < rows; at += BATCH) yield { firstRow: firstRow + at, rows: Math.min(BATCH, rows - at), columns: columns.map((cells) => cells.slice(at, at + BATCH)) };
}
