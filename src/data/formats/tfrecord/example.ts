/**
 * tf.train.Example, the protocol buffer that TFRecord files carry. In: bytes of a record. Out: its features by name, each a list of byte
 * strings, floats or whole numbers; and the way back. Every length is checked against the bytes there are, numbers have ten bytes at
 * most, fields that are unknown are passed over. Messages: tensorflow/core/example/{example,feature}.proto; wire format:
 * https://protobuf.dev/programming-guides/encoding/
 */

export type Feature =
  | { readonly kind: "bytes"; readonly values: readonly Uint8Array[] }
  | { readonly kind: "floats"; readonly values: readonly number[] }
  | { readonly kind: "integers"; readonly values: readonly bigint[] };

/** A record that is valid protobuf and yet no Example: it has the second field of a SequenceExample. */
export class SequenceExampleError extends Error {}

const LONGEST_VARINT = 10;
const DEEPEST = 32;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const GROUP = 3;
const FIXED32 = 5;

interface Field {
  readonly id: number;
  readonly wire: number;
  /** Of BYTES: its contents; of FIXED32 and FIXED64: its bytes. */
  readonly bytes: Uint8Array;
  /** Of VARINT, as unsigned 64 bits. */
  readonly number: bigint;
}

const NONE = new Uint8Array();
const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true });

/** Keys in the order of the file; a name that comes twice counts the last time, as protobuf's maps do. */
export function readExample(record: Uint8Array): Map<string, Feature> {
  const features = new Map<string, Feature>();
  for (const field of fieldsOf(record)) {
    if (field.id === 2 && field.wire === BYTES) throw new SequenceExampleError("it is a SequenceExample");
    if (field.id !== 1) continue;
    for (const entry of fieldsOf(message(field))) if (entry.id === 1) readEntry(message(entry), features);
  }
  return features;
}

function readEntry(bytes: Uint8Array, features: Map<string, Feature>): void {
  let name = "";
  let feature: Feature | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.id === 1) name = strict.decode(message(field));
    else if (field.id === 2) feature = readFeature(message(field)) ?? feature;
  }
  features.set(name, feature ?? { kind: "bytes", values: [] });
}

function readFeature(bytes: Uint8Array): Feature | undefined {
  let feature: Feature | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.id === 1) feature = { kind: "bytes", values: [...fieldsOf(message(field))].filter(({ id }) => id === 1).map(message) };
    else if (field.id === 2) feature = { kind: "floats", values: [...fieldsOf(message(field))].filter(({ id }) => id === 1).flatMap(readFloats) };
    else if (field.id === 3) feature = { kind: "integers", values: [...fieldsOf(message(field))].filter(({ id }) => id === 1).flatMap(readIntegers) };
  }
  return feature;
}

/** Packed into one field, as every writer of today does, or one by one. */
function readFloats(field: Field): number[] {
  if (field.wire !== FIXED32 && (field.wire !== BYTES || field.bytes.length % 4 !== 0)) throw new Error(`floats have wire type ${field.wire} and ${field.bytes.length} bytes`);
  const view = new DataView(field.bytes.buffer, field.bytes.byteOffset, field.bytes.length);
  return Array.from({ length: view.byteLength / 4 }, (_, index) => view.getFloat32(4 * index, true));
}

function readIntegers(field: Field): bigint[] {
  if (field.wire === VARINT) return [BigInt.asIntN(64, field.number)];
  if (field.wire !== BYTES) throw new Error(`whole numbers have wire type ${field.wire}`);
  const values: bigint[] = [];
  for (let at = 0; at < field.bytes.length; ) {
    const { value, end } = readVarint(field.bytes, at);
    values.push(BigInt.asIntN(64, value));
    at = end;
  }
  return values;
}

function message(field: Field): Uint8Array {
  if (field.wire !== BYTES) throw new Error(`field ${field.id} has wire type ${field.wire} where a message was expected`);
  return field.bytes;
}

function* fieldsOf(bytes: Uint8Array): Generator<Field, void, undefined> {
  for (let at = 0; at < bytes.length; ) {
    const key = readSize(bytes, at);
    const id = Math.floor(key.value / 8);
    const wire = key.value % 8;
    if (id === 0 || id >= 2 ** 29) throw new Error(`a field has the number ${id}`);
    if (wire === GROUP) at = skipGroup(bytes, key.end, id, 0);
    else {
      const field = readField(bytes, key.end, id, wire);
      yield field;
      at = field.end;
    }
  }
}

function readField(bytes: Uint8Array, at: number, id: number, wire: number): Field & { readonly end: number } {
  if (wire === VARINT) {
    const { value, end } = readVarint(bytes, at);
    return { id, wire, bytes: NONE, number: value, end };
  }
  const length = wire === BYTES ? readSize(bytes, at) : { value: wire === FIXED64 ? 8 : wire === FIXED32 ? 4 : -1, end: at };
  if (length.value < 0) throw new Error(`field ${id} has the unknown wire type ${wire}`);
  if (length.value > bytes.length - length.end) throw new Error(`field ${id} says that it has ${length.value.toLocaleString("en")} bytes, ${(bytes.length - length.end).toLocaleString("en")} are left`);
  const end = length.end + length.value;
  return { id, wire, bytes: bytes.subarray(length.end, end), number: 0n, end };
}

/** Groups are long out of use; one is passed over to its end. */
function skipGroup(bytes: Uint8Array, at: number, id: number, depth: number): number {
  if (depth >= DEEPEST) throw new Error("groups are nested too deeply");
  while (at < bytes.length) {
    const key = readSize(bytes, at);
    const wire = key.value % 8;
    const inner = Math.floor(key.value / 8);
    if (wire === 4) {
      if (inner !== id) throw new Error(`group ${id} ends as group ${inner}`);
      return key.end;
    }
    at = wire === GROUP ? skipGroup(bytes, key.end, inner, depth + 1) : readField(bytes, key.end, inner, wire).end;
  }
  throw new Error(`group ${id} has no end`);
}

/** A key or a length: exact to 2^53, beyond which none can be right. */
function readSize(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < LONGEST_VARINT; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new Error("a number breaks off");
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw new Error("a number has more than ten bytes");
}

/** All 64 bits of a value. */
function readVarint(bytes: Uint8Array, at: number): { readonly value: bigint; readonly end: number } {
  const { value, end } = readSize(bytes, at);
  if (value <= Number.MAX_SAFE_INTEGER) return { value: BigInt(value), end };
  let whole = 0n;
  for (let index = at; index < end; index++) whole |= BigInt(bytes[index]! & 0x7f) << BigInt(7 * (index - at));
  return { value: BigInt.asUintN(64, whole), end };
}

export function writeExample(features: ReadonlyMap<string, Feature>): Uint8Array {
  const entries = [...features].map(([name, feature]) => lengthDelimited(1, join([lengthDelimited(1, encoder.encode(name)), lengthDelimited(2, writeFeature(feature))])));
  return lengthDelimited(1, join(entries));
}

function writeFeature(feature: Feature): Uint8Array {
  switch (feature.kind) {
    case "bytes":
      return lengthDelimited(1, join(feature.values.map((value) => lengthDelimited(1, value))));
    case "floats": {
      const view = new DataView(new ArrayBuffer(4 * feature.values.length));
      for (const [index, value] of feature.values.entries()) view.setFloat32(4 * index, value, true);
      return lengthDelimited(2, lengthDelimited(1, new Uint8Array(view.buffer)));
    }
    case "integers":
      return lengthDelimited(3, lengthDelimited(1, join(feature.values.map((value) => Uint8Array.from(varint(value))))));
    default:
      return feature satisfies never;
  }
}

function lengthDelimited(id: number, bytes: Uint8Array): Uint8Array {
  const head = [(id << 3) | BYTES];
  for (let length = bytes.length; ; length = Math.floor(length / 0x80)) {
    head.push(length < 0x80 ? length : (length % 0x80) | 0x80);
    if (length < 0x80) break;
  }
  const whole = new Uint8Array(head.length + bytes.length);
  whole.set(head);
  whole.set(bytes, head.length);
  return whole;
}

/** Negative numbers in two's complement of 64 bits, and so in ten bytes. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
