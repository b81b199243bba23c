/**
 * Gathers rows into batches for a sink. In: rows, one by one. Out: batches column by column: a small one at once, so that there is
 * something to see, then larger ones.
 */
import type { Cell } from "../types/table";

const FIRST_ROWS = 64;
const BATCH_ROWS = 4096;
/** UTF-16 units of text. */
const BATCH_UNITS = 2 ** 21;

export interface BatchLimit {
  /** True once the batch should go. */
  isFull(rows: number, units: number): boolean;
  next(): void;
}

export function createBatchLimit(): BatchLimit {
  let most = FIRST_ROWS;
  return {
    isFull: (rows, units) => rows >= most || units >= BATCH_UNITS,
    next: () => void (most = BATCH_ROWS),
  };
}

export const emptyColumns = (count: number): Cell[][] => Array.from({ length: count }, () => []);
