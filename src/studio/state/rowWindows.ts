/**
 * The cells that a grid shows, fetched in blocks of rows and columns. In: what is in sight. Out: cells that are here, `undefined`
 * blocks that are not yet, and a call to listeners when some came. What is asked for last is fetched first; blocks that went out
 * of sight before their turn are never fetched; the oldest blocks are dropped.
 */
import type { Cell, Result, RowWindow } from "../../worker/protocol";
import { settle } from "./settle";

export const BLOCK_ROWS = 64;
export const BLOCK_COLUMNS = 16;
const BLOCKS_KEPT = 96;
const IN_FLIGHT = 2;

export type ReadRows = (from: number, count: number, columns: readonly string[]) => Promise<Result<RowWindow>>;

export interface Sight {
  /** Rows [fromRow, toRow) and columns [fromColumn, toColumn). */
  readonly fromRow: number;
  readonly toRow: number;
  readonly fromColumn: number;
  readonly toColumn: number;
}

interface Block {
  readonly ids: readonly number[];
  readonly cells: readonly Cell[][];
}

/** Rows and columns counted in blocks. */
const keyOf = (rows: number, columns: number): string => `${rows}:${columns}`;

export class RowWindows {
  readonly #read: ReadRows;
  readonly #rows: number;
  readonly #columns: readonly string[];
  readonly #blocks = new Map<string, Block>();
  readonly #listeners = new Set<() => void>();
  #wanted: { readonly rows: number; readonly columns: number }[] = [];
  readonly #fetching = new Set<string>();
  #generation = 0;
  /** What was in sight last. */
  sight: Sight | null = null;
  /** Counts up with everything that arrives: what React compares. */
  arrivals = 0;
  failure: string | null = null;

  constructor(read: ReadRows, rows: number, columns: readonly string[]) {
    this.#read = read;
    this.#rows = rows;
    this.#columns = columns;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Null while the cell is on its way; else the cell in a box, because a cell may itself be null. */
  cell(row: number, column: number): { readonly value: Cell } | null {
    const block = this.#blocks.get(keyOf(Math.floor(row / BLOCK_ROWS), Math.floor(column / BLOCK_COLUMNS)));
    const line = block?.cells[row % BLOCK_ROWS];
    return line ? { value: line[column % BLOCK_COLUMNS] } : null;
  }

  /** Number of the row in the table, 0-based; null while it is on its way. */
  id(row: number): number | null {
    const rows = Math.floor(row / BLOCK_ROWS);
    for (let columns = 0; columns * BLOCK_COLUMNS < Math.max(1, this.#columns.length); columns++) {
      const id = this.#blocks.get(keyOf(rows, columns))?.ids[row % BLOCK_ROWS];
      if (id !== undefined) return id;
    }
    return null;
  }

  /** A cell that was changed here, before the worker is asked again. */
  put(row: number, column: number, value: Cell): void {
    const line = this.#blocks.get(keyOf(Math.floor(row / BLOCK_ROWS), Math.floor(column / BLOCK_COLUMNS)))?.cells[row % BLOCK_ROWS];
    if (!line) return;
    line[column % BLOCK_COLUMNS] = value;
    this.#announce();
  }

  want(sight: Sight): void {
    this.sight = sight;
    const { fromRow, toRow, fromColumn, toColumn } = sight;
    const wanted = [];
    for (let rows = Math.floor(fromRow / BLOCK_ROWS); rows * BLOCK_ROWS < Math.min(toRow, this.#rows); rows++) {
      for (let columns = Math.floor(fromColumn / BLOCK_COLUMNS); columns * BLOCK_COLUMNS < toColumn; columns++) {
        const key = keyOf(rows, columns);
        const block = this.#blocks.get(key);
        if (!block) wanted.push({ rows, columns });
        else {
          // In sight: the youngest again.
          this.#blocks.delete(key);
          this.#blocks.set(key, block);
        }
      }
    }
    this.#wanted = wanted;
    this.#fetch();
  }

  /** Asks for a sight and resolves when it is here (or refused), so that one view can take another's place without a gap. */
  fill(sight: Sight): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.#fetching.size > 0 || this.#wanted.length > 0) return;
        this.#listeners.delete(check);
        resolve();
      };
      this.#listeners.add(check);
      this.want(sight);
      check();
    });
  }

  /** Ends it: answers on their way are dropped. */
  close(): void {
    this.#generation += 1;
    this.#wanted = [];
    this.#listeners.clear();
  }

  #fetch(): void {
    while (this.#fetching.size < IN_FLIGHT) {
      const next = this.#wanted.find(({ rows, columns }) => !this.#fetching.has(keyOf(rows, columns)));
      if (!next) return;
      this.#wanted = this.#wanted.filter((one) => one !== next);
      void this.#fetchBlock(next.rows, next.columns);
    }
  }

  async #fetchBlock(rows: number, columns: number): Promise<void> {
    const key = keyOf(rows, columns);
    const generation = this.#generation;
    this.#fetching.add(key);
    const from = rows * BLOCK_ROWS;
    const names = this.#columns.slice(columns * BLOCK_COLUMNS, (columns + 1) * BLOCK_COLUMNS);
    const answer = await settle(this.#read(from, Math.min(BLOCK_ROWS, this.#rows - from), names));
    this.#fetching.delete(key);
    if (generation !== this.#generation) return;
    if (answer.ok) {
      this.failure = null;
      this.#blocks.set(key, { ids: answer.value.ids, cells: answer.value.cells.map((line) => [...line]) });
      for (const oldest of this.#blocks.keys()) {
        if (this.#blocks.size <= BLOCKS_KEPT) break;
        this.#blocks.delete(oldest);
      }
    } else this.failure = answer.failure.message;
    this.#fetch();
    this.#announce();
  }

  #announce(): void {
    this.arrivals += 1;
    for (const listener of this.#listeners) listener();
  }
}
