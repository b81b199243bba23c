/**
 * Reads Thrift's compact protocol within bounds. In: bytes of an unknown file. Out: a struct's fields by number, and where it ends; or
 * an error, before anything is allocated and in time linear in the bytes. Parquet's footer and page headers are such structs; hyparquet
 * reads them too, but believes every length. https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

const DEEPEST = 32;
const LONGEST_VARINT = 10;

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

export function readThrift(bytes: Uint8Array, at: number): { readonly fields: ThriftStruct; readonly end: number } {
  const cursor: Cursor = { bytes, at };
  return { fields: readStruct(cursor, 0), end: cursor.at };
}

/** A field that must be a whole number. */
export function numberField(fields: ThriftStruct, id: number, otherwise?: number): number {
  const value = fields.get(id) ?? otherwise;
  if (typeof value !== "number") throw new Error(`field ${id} of a header is missing`);
  return value;
}

function readStruct(cursor: Cursor, depth: number): ThriftStruct {
  if (depth > DEEPEST) throw new Error("structures are nested too deeply");
  const fields = new Map<number, ThriftValue>();
  let id = 0;
  for (;;) {
    const head = readByte(cursor);
    const type = head & 0x0f;
    if (type === 0) return fields;
    id = head >> 4 ? id + (head >> 4) : readZigZag(cursor);
    fields.set(id, type === 1 || type === 2 ? type === 1 : readElement(cursor, type, depth));
  }
}

function readElement(cursor: Cursor, type: number, depth: number): ThriftValue {
  switch (type) {
    case 1:
    case 2:
    case 3:
      return readByte(cursor);
    case 4:
    case 5:
    case 6:
      return readZigZag(cursor);
    case 7:
      return skip(cursor, 8).length;
    case 8:
      return skip(cursor, readVarint(cursor));
    case 9: {
      const head = readByte(cursor);
      const count = head >> 4 === 15 ? readVarint(cursor) : head >> 4;
      // Every element takes a byte at least.
      if (count > cursor.bytes.length - cursor.at) throw new Error(`a list says that it has ${count.toLocaleString("en")} members`);
      return Array.from({ length: count }, () => readElement(cursor, head & 0x0f, depth + 1));
    }
    case 12:
      return readStruct(cursor, depth + 1);
    default:
      throw new Error(`a field has the unknown type ${type}`);
  }
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at++];
  if (byte === undefined) throw new Error("it breaks off within a header");
  return byte;
}

function skip(cursor: Cursor, length: number): Uint8Array {
  if (length > cursor.bytes.length - cursor.at) throw new Error(`a text says that it has ${length.toLocaleString("en")} bytes`);
  cursor.at += length;
  return cursor.bytes.subarray(cursor.at - length, cursor.at);
}

/** Exact to 2^53; beyond that the value is no size or count that could be right. */
function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let index = 0; index < LONGEST_VARINT; index++) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value;
  }
  throw new Error("a number has more than ten bytes");
}

function readZigZag(cursor: Cursor): number {
  const value = readVarint(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** A field of a struct to write: a whole number, a truth value, or a struct. */
export type WrittenField = readonly [id: number, value: number | boolean | readonly WrittenField[]];

/** Bytes of a struct whose fields come in ascending order, at most 15 apart. */
export function writeThrift(fields: readonly WrittenField[]): number[] {
  const bytes: number[] = [];
  let before = 0;
  for (const [id, value] of fields) {
    const type = typeof value === "number" ? 5 : typeof value === "boolean" ? (value ? 1 : 2) : 12;
    bytes.push(((id - before) << 4) | type);
    before = id;
    if (typeof value === "number") bytes.push(...varint(value < 0 ? -2 * value - 1 : 2 * value));
    else if (typeof value !== "boolean") bytes.push(...writeThrift(value));
  }
  return [...bytes, 0];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}
