/**
 * A chunk: some thousand rows of a table as bytes, column by column, so that one column is read without touching the others. In: cells.
 * Out: the same cells, or a FailureError, never wrong ones: header and columns each carry a checksum.
 *
 *   header   "DCH1" · check u32 of the rest of the header · rows u32 · columns u32 · per column: kind u8 · states u8 · encoding u8 ·
 *            0 u8 · bytes u32 · check u32
 *   column   states, one byte a row (0 there, 1 null, 2 absent), where any row is not there; then for text and JSON the end of each row
 *            in UTF-16 units (u32) and all rows as one text; for numbers f64; for booleans one byte. Little-endian, in the order of columns.
 */
import { FailureError } from "../../settings/failure";
import type { Cell, ColumnKind } from "../types/table";

/** What a chunk may hold, whichever is reached first; one row may be longer than all of it. */
export const CHUNK_ROWS = 8192;
export const CHUNK_BYTES = 4 * 2 ** 20;

export interface ChunkColumn {
  readonly kind: ColumnKind;
  readonly cells: readonly Cell[];
}

/** Where a column of a chunk lies, and what it has to be. */
export interface ColumnPlace {
  readonly kind: ColumnKind;
  readonly hasStates: boolean;
  readonly encoding: keyof typeof TEXT_ENCODINGS;
  /** From the beginning of the chunk. */
  readonly at: number;
  readonly bytes: number;
  readonly check: number;
}

export interface ChunkHeader {
  readonly rows: number;
  readonly columns: readonly ColumnPlace[];
  /** Of the whole chunk. */
  readonly bytes: number;
}

const MAGIC = 0x31484344;
const FIXED_BYTES = 16;
const COLUMN_BYTES = 12;
const KINDS: readonly ColumnKind[] = ["text", "number", "boolean", "json"];
const TEXT_ENCODINGS = { "utf-8": 0, "utf-16": 1 } as const;
const THERE = 0;
const NULL = 1;
const ABSENT = 2;

export const headerBytesFor = (columns: number): number => FIXED_BYTES + columns * COLUMN_BYTES;

/**
 * A checksum of bytes, four at a time: each step is a bijection of what came before and of the word, so any damage within four bytes is
 * found for certain and any other but one in 2³². The name of a blob (SHA-256) says the same more slowly.
 */
export function checkOf(bytes: Uint8Array): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let check = bytes.length ^ 0x9e3779b9;
  for (let at = 0; at < whole; at += 4) {
    check = Math.imul(check ^ words.getUint32(at, true), 0x85ebca6b);
    check ^= check >>> 15;
  }
  for (let at = whole; at < bytes.length; at++) {
    check = Math.imul(check ^ bytes[at]!, 0xc2b2ae35);
    check ^= check >>> 13;
  }
  return check >>> 0;
}

export function encodeChunk(columns: readonly ChunkColumn[], rows: number): Uint8Array<ArrayBuffer> {
  const encoded = columns.map((column) => encodeColumn(column, rows));
  const headerBytes = headerBytesFor(columns.length);
  const chunk = new Uint8Array(encoded.reduce((sum, { parts }) => sum + sizeOf(parts), headerBytes));
  const view = new DataView(chunk.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(8, rows, true);
  view.setUint32(12, columns.length, true);
  let at = headerBytes;
  encoded.forEach(({ parts, hasStates, encoding }, index) => {
    const from = at;
    for (const part of parts) {
      chunk.set(part, at);
      at += part.length;
    }
    const entry = FIXED_BYTES + index * COLUMN_BYTES;
    view.setUint8(entry, KINDS.indexOf(columns[index]!.kind));
    view.setUint8(entry + 1, hasStates ? 1 : 0);
    view.setUint8(entry + 2, TEXT_ENCODINGS[encoding]);
    view.setUint32(entry + 4, at - from, true);
    view.setUint32(entry + 8, checkOf(chunk.subarray(from, at)), true);
  });
  view.setUint32(4, checkOf(chunk.subarray(8, headerBytes)), true);
  return chunk;
}

const sizeOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.length, 0);

interface EncodedColumn {
  readonly parts: readonly Uint8Array[];
  readonly hasStates: boolean;
  readonly encoding: keyof typeof TEXT_ENCODINGS;
}

function encodeColumn({ kind, cells }: ChunkColumn, rows: number): EncodedColumn {
  const states = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const cell = cells[row];
    states[row] = cell === null ? NULL : cell === undefined ? ABSENT : THERE;
    if (states[row] === THERE && !holds(kind, cell)) throw wrongCell(kind, cell);
  }
  const hasStates = states.some((state) => state !== THERE);
  const { parts, encoding } = encodeCells(kind, cells, rows);
  return { parts: hasStates ? [states, ...parts] : parts, hasStates, encoding };
}

const holds = (kind: ColumnKind, cell: Cell): boolean => typeof cell === (kind === "json" || kind === "text" ? "string" : kind);

function encodeCells(kind: ColumnKind, cells: readonly Cell[], rows: number): Omit<EncodedColumn, "hasStates"> {
  if (kind === "number") {
    const numbers = new Float64Array(rows);
    for (let row = 0; row < rows; row++) numbers[row] = (cells[row] ?? 0) as number;
    return { parts: [new Uint8Array(numbers.buffer)], encoding: "utf-8" };
  }
  if (kind === "boolean") {
    const flags = new Uint8Array(rows);
    for (let row = 0; row < rows; row++) flags[row] = cells[row] === true ? 1 : 0;
    return { parts: [flags], encoding: "utf-8" };
  }
  const ends = new Uint32Array(rows);
  let units = 0;
  for (let row = 0; row < rows; row++) ends[row] = units += ((cells[row] ?? "") as string).length;
  // `join` writes null and undefined as nothing.
  const text = (cells.length === rows ? cells : cells.slice(0, rows)).join("");
  const [bytes, encoding] = encodeText(text);
  return { parts: [new Uint8Array(ends.buffer), bytes], encoding };
}

/** UTF-8; text with half a surrogate pair, which UTF-8 cannot say, as UTF-16. */
function encodeText(text: string): [Uint8Array, keyof typeof TEXT_ENCODINGS] {
  if (text.isWellFormed()) return [new TextEncoder().encode(text), "utf-8"];
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  return [new Uint8Array(units.buffer), "utf-16"];
}

/** `bytes` are the first of a chunk, at least `headerBytesFor` its columns. `name` is what a failure is about. */
export function readHeader(bytes: Uint8Array, name: string): ChunkHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FIXED_BYTES || view.getUint32(0, true) !== MAGIC) throw damagedChunk(name, "it does not begin as one");
  const [check, rows, count] = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)];
  const headerBytes = headerBytesFor(count);
  if (bytes.length < headerBytes || checkOf(bytes.subarray(8, headerBytes)) !== check) throw damagedChunk(name, "its header is not whole");
  const columns: ColumnPlace[] = [];
  let at = headerBytes;
  for (let entry = FIXED_BYTES; entry < headerBytes; entry += COLUMN_BYTES) {
    const kind = KINDS[view.getUint8(entry)]!;
    const encoding = view.getUint8(entry + 2) === TEXT_ENCODINGS["utf-16"] ? "utf-16" : "utf-8";
    const size = view.getUint32(entry + 4, true);
    columns.push({ kind, hasStates: view.getUint8(entry + 1) === 1, encoding, at, bytes: size, check: view.getUint32(entry + 8, true) });
    at += size;
  }
  return { rows, columns, bytes: at };
}

/** The cells of one column from its own bytes. Short texts are slices of the column's text, which stays in memory while one of them does. */
export function decodeColumn(bytes: Uint8Array, place: ColumnPlace, rows: number, name: string): Cell[] {
  if (bytes.length !== place.bytes || checkOf(bytes) !== place.check) throw damagedChunk(name, "a column of it is cut short or changed");
  const states = place.hasStates ? bytes.subarray(0, rows) : undefined;
  const cells = decodeCells(states ? bytes.subarray(rows) : bytes, place, rows, name);
  if (!states) return cells;
  for (let row = 0; row < rows; row++) if (states[row] !== THERE) cells[row] = states[row] === NULL ? null : undefined;
  return cells;
}

function decodeCells(bytes: Uint8Array, { kind, encoding }: ColumnPlace, rows: number, name: string): Cell[] {
  if (kind === "boolean") return Array.from(bytes, (byte) => byte === 1);
  // A copy of its own begins where a typed array may.
  if (kind === "number") return Array.from(new Float64Array(bytes.slice().buffer));
  const ends = new Uint32Array(bytes.slice(0, rows * 4).buffer);
  const text = decodeText(bytes.subarray(rows * 4), encoding);
  if (text.length !== (ends.at(-1) ?? 0)) throw damagedChunk(name, "its text has another length than its rows");
  const cells = new Array<Cell>(rows);
  for (let row = 0, from = 0; row < rows; row++) {
    const to = ends[row]!;
    cells[row] = text.slice(from, to);
    from = to;
  }
  return cells;
}

const UNITS_AT_ONCE = 2 ** 13;

function decodeText(bytes: Uint8Array, encoding: keyof typeof TEXT_ENCODINGS): string {
  if (encoding === "utf-8") return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const units = new Uint16Array(bytes.slice().buffer);
  const parts: string[] = [];
  for (let at = 0; at < units.length; at += UNITS_AT_ONCE) parts.push(String.fromCharCode(...units.subarray(at, at + UNITS_AT_ONCE)));
  return parts.join("");
}

/** All columns of a chunk that is in memory. */
export function decodeChunk(chunk: Uint8Array, name: string): ChunkColumn[] {
  const header = readHeader(chunk, name);
  if (header.bytes !== chunk.length) throw damagedChunk(name, "it has another size than its header says");
  return header.columns.map((place) => ({ kind: place.kind, cells: decodeColumn(chunk.subarray(place.at, place.at + place.bytes), place, header.rows, name) }));
}

export function damagedChunk(name: string, detail: string): FailureError {
  return new FailureError({
    kind: "storage",
    message: `A stored part of ${name} is damaged: ${detail}.`,
    hint: "Restore a backup, or remove it from the list and import it again.",
    where: name,
  });
}

function wrongCell(kind: ColumnKind, cell: Cell): FailureError {
  return new FailureError({ kind: "bug", message: `A column of kind ${kind} was given a ${typeof cell}.`, hint: "Nothing was stored. Please report this.", where: "chunk" });
}
