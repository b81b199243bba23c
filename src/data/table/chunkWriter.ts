/**
 * Rows on their way into the store. In: batches, column by column, whose columns may become more or wider as the file goes on. Out: chunks,
 * written as they fill up so that memory stays small, and at the end a `StoredRows` that names them. Nobody sees the rows until a dataset
 * is listed with it. Where chunks are cut depends on the rows alone, so the same rows are the same blobs.
 */
import type { Blobs, Hold } from "../store/blobs";
import type { ParsedColumn } from "../formats/format";
import { type Cell, type ColumnKind, isMissing } from "../types/table";
import { CHUNK_BYTES, CHUNK_ROWS, encodeChunk } from "./chunk";
import { widenCell } from "./widen";

export interface StoredChunk {
  readonly blob: string;
  readonly rows: number;
  /** Of the blob. */
  readonly bytes: number;
}

/** What is known of a column once all rows are in. */
export interface StoredColumn extends ParsedColumn {
  readonly missing: number;
  /** Unicode code points of its cells, numbers as they are spelled. */
  readonly characters: number;
  /** The same in bytes of UTF-8. */
  readonly bytes: number;
}

/** Rows that are stored and not listed yet. */
export interface StoredRows {
  readonly columns: readonly StoredColumn[];
  readonly chunks: readonly StoredChunk[];
  readonly rows: number;
  readonly hold: Hold;
}

export interface ChunkWriter {
  columns(columns: readonly ParsedColumn[]): void;
  /** cells[column][row]; await it. */
  rows(cells: readonly (readonly Cell[])[], count: number): Promise<void>;
  /** Forgets all rows and columns: they come again, read in another way. */
  restart(): void;
  /** Rows taken so far. */
  count(): number;
  /** Writes the last chunk. */
  finish(): Promise<StoredRows>;
  /** Gives up: what was written is tidied away. */
  discard(): void;
}

interface Tally {
  missing: number;
  characters: number;
  bytes: number;
}

const newTally = (): Tally => ({ missing: 0, characters: 0, bytes: 0 });

export function writeChunks(blobs: Blobs, limits: { readonly rows?: number; readonly bytes?: number } = {}): ChunkWriter {
  const { rows: rowLimit = CHUNK_ROWS, bytes: byteLimit = CHUNK_BYTES } = limits;
  const hold = blobs.hold();
  let columns: readonly ParsedColumn[] = [];
  let tallies: Tally[] = [];
  let chunks: StoredChunk[] = [];
  let waiting: Cell[][] = [];
  let waitingRows = 0;
  /** UTF-16 units and numbers that wait, in bytes if all were ASCII. */
  let waitingSize = 0;
  let total = 0;

  const flush = async (): Promise<void> => {
    if (waitingRows === 0) return;
    const part = columns.map(({ kind }, index) => ({ kind, cells: waiting[index]! }));
    part.forEach(({ cells }, index) => countCells(cells, tallies[index]!));
    const rows = waitingRows;
    waiting = columns.map(() => []);
    waitingRows = 0;
    waitingSize = 0;
    const bytes = encodeChunk(part, rows);
    chunks.push({ blob: await blobs.put(bytes, hold), rows, bytes: bytes.length });
  };

  /** Rows [from, to) of a batch; a column that the batch does not have is absent there. */
  const take = (cells: readonly (readonly Cell[])[], from: number, to: number): void => {
    for (const [index, kept] of waiting.entries()) {
      const given = cells[index];
      for (let row = from; row < to; row++) kept.push(given?.[row]);
    }
    waitingRows += to - from;
    total += to - from;
  };

  return {
    columns(next) {
      // What waits was read as the columns were; it becomes what they are now, which is all that a reader would make of it.
      waiting = next.map(({ kind }, index) => widenWaiting(waiting[index] ?? new Array<Cell>(waitingRows).fill(undefined), columns[index]?.kind ?? kind, kind));
      tallies = next.map((_, index) => tallies[index] ?? { ...newTally(), missing: total - waitingRows });
      columns = next;
    },
    async rows(cells, count) {
      let from = 0;
      for (let row = 0; row < count; row++) {
        const size = sizeOfRow(cells, row);
        if (waitingRows + row - from > 0 && (waitingSize + size > byteLimit || waitingRows + row - from >= rowLimit)) {
          take(cells, from, row);
          from = row;
          await flush();
        }
        waitingSize += size;
      }
      take(cells, from, count);
    },
    restart() {
      [columns, tallies, chunks, waiting] = [[], [], [], []];
      [waitingRows, waitingSize, total] = [0, 0, 0];
    },
    count: () => total,
    async finish() {
      await flush();
      return { columns: columns.map((one, index) => ({ ...one, ...tallies[index]! })), chunks, rows: total, hold };
    },
    discard: () => hold.release(),
  };
}

const widenWaiting = (cells: Cell[], from: ColumnKind, to: ColumnKind): Cell[] => (from === to ? cells : cells.map((cell) => widenCell(cell, from, to)));

function sizeOfRow(cells: readonly (readonly Cell[])[], row: number): number {
  let size = 0;
  for (const column of cells) {
    const cell = column[row];
    size += typeof cell === "string" ? cell.length + 4 : 8;
  }
  return size;
}

function countCells(cells: readonly Cell[], tally: Tally): void {
  for (const cell of cells) {
    if (isMissing(cell)) tally.missing++;
    if (cell !== null && cell !== undefined) countText(String(cell), tally);
  }
}

/** Code points and UTF-8 bytes: a unit takes 1, 2 or 3 bytes, a pair 4. */
function countText(text: string, tally: Tally): void {
  let { length: characters, length: bytes } = text;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // The low half of a pair: no character of its own, and the two make 4 bytes, not 6.
    if (unit >= 0xdc00 && unit <= 0xdfff && i > 0 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) {
      characters--;
      bytes -= 2;
    }
  }
  tally.characters += characters;
  tally.bytes += bytes;
}
