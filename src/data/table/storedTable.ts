/**
 * A stored version of a dataset as a Table. In: its columns, its chunks and what was edited by hand. Out: rows, in order or at any place;
 * only the columns asked for are read and decoded. Edits are laid over as rows leave, so chunks are never rewritten; rows typed by hand
 * follow the stored ones.
 */
import { createPacer } from "../formats/readBytes";
import type { Blobs } from "../store/blobs";
import type { FileReader } from "../store/fileStore";
import type { Cell, Column } from "../types/table";
import { type ChunkHeader, damagedChunk, decodeColumn, headerBytesFor, readHeader } from "./chunk";
import type { StoredChunk } from "./chunkWriter";
import type { RowBatch, ScanOptions, Table } from "./table";
import { widenCells } from "./widen";

/** A cell as somebody set it; `column` by its place among the columns. */
export interface CellEdit {
  readonly row: number;
  readonly column: number;
  readonly cell: Cell;
}

export interface StoredVersion {
  /** Of the dataset, for messages. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly chunks: readonly StoredChunk[];
  readonly joiner: string;
  /** At most one a cell. */
  readonly edits: readonly CellEdit[];
}

export interface StoredTable extends Table {
  /** Rows [from, from + count), fewer at the end. What was read lately is still there. */
  readRows(from: number, count: number, columns?: readonly number[]): Promise<RowBatch>;
}

/** Bytes of encoded columns that stay decoded for the next question of the grid. */
const KEPT_BYTES = 24 * 2 ** 20;
/** Smaller chunks are read in one piece rather than column by column. */
const WHOLE_BYTES = 2 ** 18;

interface OpenChunk {
  readonly header: ChunkHeader;
  /** Bytes [at, at + count) of the chunk. */
  read(at: number, count: number): Promise<Uint8Array>;
}

export function openStoredTable(version: StoredVersion, blobs: Pick<Blobs, "open">): StoredTable {
  const { name, columns, chunks, joiner } = version;
  const firstRows = firstRowsOf(chunks);
  const storedRows = firstRows[chunks.length]!;
  const edits = groupEdits(version.edits);
  const rows = version.edits.reduce((most, { row }) => Math.max(most, row + 1), storedRows);
  const kept = createKept();
  const every = columns.map((_, index) => index);

  /** Stored cells of a chunk, widened to what their columns are now. */
  const readStored = async (index: number, wanted: readonly number[], keep: "keep" | "pass"): Promise<(readonly Cell[])[]> => {
    let open: Promise<OpenChunk> | undefined;
    const cells: (readonly Cell[])[] = [];
    for (const column of wanted) {
      const known = kept.find(index, column);
      if (known) {
        cells.push(known);
        continue;
      }
      const chunk = await (open ??= openChunk(blobs, chunks[index]!, name, wanted.length === columns.length));
      const [decoded, bytes] = await readColumn(chunk, column, columns[column]!, name);
      if (keep === "keep") kept.add(index, column, decoded, bytes);
      cells.push(decoded);
    }
    return cells;
  };

  /** Rows [from, to) of one chunk, or of those typed by hand. */
  const readPart = async (index: number, from: number, to: number, wanted: readonly number[], keep: "keep" | "pass"): Promise<RowBatch> => {
    const first = firstRows[index]!;
    const stored = index < chunks.length ? await readStored(index, wanted, keep) : wanted.map(() => new Array<Cell>(to - first).fill(undefined));
    const isWhole = from === first && to === (firstRows[index + 1] ?? rows);
    const part = isWhole ? stored : stored.map((cells) => cells.slice(from - first, to - first));
    return { firstRow: from, rows: to - from, columns: layEdits(part, edits, wanted, from, to) };
  };

  /** [chunk, first row, row behind the last] of each part of rows [from, to). */
  function* partsOf(from: number, to: number): Generator<readonly [number, number, number]> {
    let index = findChunk(firstRows, from);
    for (let at = from; at < to; index++) {
      const end = Math.min(to, index < chunks.length ? firstRows[index + 1]! : rows);
      yield [index, at, end];
      at = end;
    }
  }

  return {
    columns, rows, joiner,
    async *scan({ columns: wanted = every, from = 0, to = rows }: ScanOptions = {}) {
      const pace = createPacer();
      for (const [index, start, end] of partsOf(from, Math.min(to, rows))) {
        yield await readPart(index, start, end, wanted, "pass");
        await pace();
      }
    },
    async readRows(from, count, wanted = every) {
      const cells: Cell[][] = wanted.map(() => []);
      for (const [index, start, end] of partsOf(from, Math.min(from + count, rows))) {
        const part = await readPart(index, start, end, wanted, "keep");
        part.columns.forEach((more, place) => cells[place]!.push(...more));
      }
      return { firstRow: from, rows: cells[0]?.length ?? Math.max(0, Math.min(count, rows - from)), columns: cells };
    },
  };
}

/** Where each chunk begins, and behind them how many rows there are. */
function firstRowsOf(chunks: readonly StoredChunk[]): number[] {
  const firstRows = [0];
  for (const chunk of chunks) firstRows.push(firstRows.at(-1)! + chunk.rows);
  return firstRows;
}

/** The chunk that has this row; one beyond the last for rows typed by hand. */
function findChunk(firstRows: readonly number[], row: number): number {
  let [low, high] = [0, firstRows.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (firstRows[middle + 1]! <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function openChunk(blobs: Pick<Blobs, "open">, { blob, rows, bytes }: StoredChunk, name: string, isAll: boolean): Promise<OpenChunk> {
  const file = await blobs.open(blob);
  if (!file) throw damagedChunk(name, "the browser has cleared or lost its file");
  if (file.size !== bytes) throw damagedChunk(name, "its file has another size than it was given");
  const read = isAll || bytes <= WHOLE_BYTES ? readerOf(await file.read(0, bytes)) : (at: number, count: number) => file.read(at, count);
  const header = readHeader(await readHead(read, file), name);
  if (header.rows !== rows || header.bytes !== bytes) throw damagedChunk(name, "it has other rows than are listed");
  return { header, read };
}

const readerOf = (whole: Uint8Array) => async (at: number, count: number) => whole.subarray(at, at + count);

const HEAD_BYTES = 2 ** 12;

async function readHead(read: OpenChunk["read"], { size }: FileReader): Promise<Uint8Array> {
  const head = await read(0, Math.min(size, HEAD_BYTES));
  const wanted = head.length < 16 ? 0 : headerBytesFor(new DataView(head.buffer, head.byteOffset).getUint32(12, true));
  return wanted > head.length && wanted <= size ? read(0, wanted) : head;
}

/** A column that came after the chunk was written is absent in it. */
async function readColumn({ header, read }: OpenChunk, index: number, { kind }: Column, name: string): Promise<[readonly Cell[], number]> {
  const place = header.columns[index];
  if (!place) return [new Array<Cell>(header.rows).fill(undefined), 0];
  const cells = decodeColumn(await read(place.at, place.bytes), place, header.rows, name);
  return [widenCells(cells, place.kind, kind), place.bytes];
}

type EditsByRow = ReadonlyMap<number, readonly CellEdit[]>;

function groupEdits(edits: readonly CellEdit[]): EditsByRow {
  const byRow = new Map<number, CellEdit[]>();
  for (const edit of edits) {
    const row = byRow.get(edit.row);
    if (row) row.push(edit);
    else byRow.set(edit.row, [edit]);
  }
  return byRow;
}

function layEdits(part: readonly (readonly Cell[])[], edits: EditsByRow, wanted: readonly number[], from: number, to: number): readonly (readonly Cell[])[] {
  if (edits.size === 0) return part;
  const laid = [...part];
  const owned = new Map<number, Cell[]>();
  const within = to - from < edits.size ? rangeOf(edits, from, to) : [...edits].filter(([row]) => row >= from && row < to).map(([, list]) => list);
  for (const { row, column, cell } of within.flat()) {
    wanted.forEach((other, place) => {
      if (other !== column) return;
      const cells = owned.get(place) ?? part[place]!.slice();
      cells[row - from] = cell;
      owned.set(place, cells);
      laid[place] = cells;
    });
  }
  return laid;
}

function rangeOf(edits: EditsByRow, from: number, to: number): (readonly CellEdit[])[] {
  const found: (readonly CellEdit[])[] = [];
  for (let row = from; row < to; row++) found.push(edits.get(row) ?? []);
  return found;
}

interface Kept {
  find(chunk: number, column: number): readonly Cell[] | undefined;
  add(chunk: number, column: number, cells: readonly Cell[], bytes: number): void;
}

/** The columns used last, up to a number of bytes. */
function createKept(): Kept {
  const entries = new Map<string, { readonly cells: readonly Cell[]; readonly bytes: number }>();
  let total = 0;
  return {
    find(chunk, column) {
      const key = `${chunk}:${column}`;
      const entry = entries.get(key);
      if (!entry) return undefined;
      // The last in the map is the one used last.
      entries.delete(key);
      entries.set(key, entry);
      return entry.cells;
    },
    add(chunk, column, cells, bytes) {
      entries.set(`${chunk}:${column}`, { cells, bytes });
      total += bytes;
      for (const [key, entry] of entries) {
        if (total <= KEPT_BYTES || entries.size === 1) break;
        entries.delete(key);
        total -= entry.bytes;
      }
    },
  };
}
