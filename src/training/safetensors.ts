/**
 * Reads and writes safetensors files: a little-endian u64 header length, a JSON header, then the raw tensors, row-major. In:
 * bytes; out: metadata and tensors by name, or a failure that names the tensor and the cause. Everything is checked before
 * anything is copied, with the checks of the reference reader plus duplicate names.
 * Source: https://github.com/huggingface/safetensors (README, "Format"; safetensors/src/tensor.rs).
 */
import { FailureError } from "../settings/failure";
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from "./halfFloats";
import { findDuplicateKey } from "./jsonKeys";

/** The array that holds a tensor of each type; 16-bit floats are widened to f32. */
interface DataOf {
  I64: BigInt64Array;
  F64: Float64Array;
  F32: Float32Array;
  U32: Uint32Array;
  I32: Int32Array;
  BF16: Float32Array;
  F16: Float32Array;
  U8: Uint8Array;
}

export type Dtype = keyof DataOf;

export type SafeTensor = {
  [D in Dtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: DataOf[D] };
}[Dtype];

export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
}

/** Bytes per element, in the order in which the reference writer sorts tensors: so each starts at a multiple of its size. */
const ELEMENT_BYTES: Readonly<Record<Dtype, number>> = { I64: 8, F64: 8, F32: 4, U32: 4, I32: 4, BF16: 2, F16: 2, U8: 1 };
const DTYPES = Object.keys(ELEMENT_BYTES) as Dtype[];
/** The reference reader's limit; a real header has about 100 bytes per tensor. */
const MAX_HEADER_BYTES = 100_000_000;

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from the start of the data, end excluded. */
  readonly begin: number;
  readonly end: number;
}

// ------------------------------------------------------------------------------------------------ reading

/** The tensors are copies; `bytes` can be dropped. `fileName` is what failures call the file. */
export function readSafetensors(bytes: ArrayBuffer, fileName = "Safetensors file"): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes, fileName);
  const { metadata, entries } = readEntries(header, fileName);
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(entries, bytes.byteLength - dataStart, fileName);
  const tensors = new Map(
    entries.map((entry) => [entry.name, decode(entry, bytes.slice(dataStart + entry.begin, dataStart + entry.end))]),
  );
  return { metadata, tensors };
}

function readHeader(bytes: ArrayBuffer, fileName: string): { header: string; dataStart: number } {
  if (bytes.byteLength < 8) {
    throw badFile(fileName, `has ${bytes.byteLength} bytes, fewer than the 8 that give the length of its header`);
  }
  const declared = new DataView(bytes).getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES)) {
    throw badFile(fileName, `declares a header of ${declared} bytes; at most ${MAX_HEADER_BYTES} are allowed`);
  }
  const dataStart = 8 + Number(declared);
  if (dataStart > bytes.byteLength) {
    throw badFile(fileName, `declares a header of ${declared} bytes but ends after ${bytes.byteLength - 8} of them`);
  }
  let header: string;
  try {
    header = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes, 8, Number(declared)));
  } catch (cause) {
    throw badFile(fileName, "has a header that is not UTF-8 text", cause);
  }
  if (!header.startsWith("{")) throw badFile(fileName, 'has a header that does not start with "{"');
  return { header, dataStart };
}

function readEntries(header: string, fileName: string): { metadata: Record<string, string>; entries: Entry[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(header);
  } catch (cause) {
    throw badFile(fileName, "has a header that is not valid JSON", cause);
  }
  if (!isRecord(parsed)) throw badFile(fileName, "has a header that is not a JSON object");
  const duplicate = findDuplicateKey(header);
  if (duplicate !== undefined) throw badFile(fileName, `has the name ${quote(duplicate)} twice in its header`);
  let metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(parsed)) {
    if (name === "__metadata__") metadata = readMetadata(value, fileName);
    else entries.push(readEntry(name, value, fileName));
  }
  return { metadata, entries };
}

function readMetadata(value: unknown, fileName: string): Record<string, string> {
  // The reference writer leaves metadata out when there is none, but its reader takes null for that too.
  if (value === null) return {};
  if (!isRecord(value)) throw badFile(fileName, "has a __metadata__ that is not a JSON object");
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw badFile(fileName, `has a __metadata__ entry ${quote(key)} that is not a string`);
  }
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown, fileName: string): Entry {
  const fail = (cause: string): FailureError => badFile(fileName, `has a bad tensor ${quote(name)}: ${cause}`);
  if (!isRecord(value)) throw fail("its header entry is not a JSON object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") throw fail("its dtype is missing or not a string");
  if (!isDtype(dtype)) throw fail(`its dtype ${quote(dtype)} is none of ${DTYPES.join(", ")}`);
  if (!isCounts(shape)) throw fail("its shape is not a list of whole numbers from 0");
  if (!isCounts(offsets) || offsets.length !== 2) throw fail("its data_offsets are not two whole numbers from 0");
  const [begin, end] = offsets as [number, number];
  if (end < begin) throw fail(`its data ends at byte ${end}, before it begins at ${begin}`);
  const size = byteSize(dtype, shape);
  if (size === undefined) throw fail(`its shape [${shape.join(", ")}] is too large to count`);
  if (size !== end - begin) throw fail(`${dtype} [${shape.join(", ")}] takes ${size} bytes, but its data_offsets hold ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

/** Each tensor begins where the one before ended, and the last ends with the file: no holes, overlaps or hidden bytes. */
function checkLayout(entries: readonly Entry[], dataBytes: number, fileName: string): void {
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) {
      const fault = entry.begin > end ? "leaves a hole after" : "overlaps";
      throw badFile(
        fileName,
        `has a bad tensor ${quote(entry.name)}: it begins at data byte ${entry.begin} and ${fault} the data before it, which ends at ${end}`,
      );
    }
    end = entry.end;
    if (end > dataBytes) {
      throw badFile(fileName, `has a bad tensor ${quote(entry.name)}: its data ends at byte ${end}, but the file has only ${dataBytes} bytes of data`);
    }
  }
  if (end !== dataBytes) throw badFile(fileName, `has ${dataBytes - end} bytes after its last tensor that belong to none`);
}

/** The copy starts its own buffer, so it is aligned; typed arrays are little-endian, like the format, wherever browsers run. */
function decode({ dtype, shape }: Entry, data: ArrayBuffer): SafeTensor {
  switch (dtype) {
    case "I64":
      return { dtype, shape, data: new BigInt64Array(data) };
    case "F64":
      return { dtype, shape, data: new Float64Array(data) };
    case "F32":
      return { dtype, shape, data: new Float32Array(data) };
    case "U32":
      return { dtype, shape, data: new Uint32Array(data) };
    case "I32":
      return { dtype, shape, data: new Int32Array(data) };
    case "BF16":
      return { dtype, shape, data: decodeBfloat16(new Uint16Array(data)) };
    case "F16":
      return { dtype, shape, data: decodeFloat16(new Uint16Array(data)) };
    case "U8":
      return { dtype, shape, data: new Uint8Array(data) };
    default:
      return dtype satisfies never;
  }
}

// ------------------------------------------------------------------------------------------------ writing

/** The bytes the reference writer makes: tensors by falling element size and type, then by name; header padded to 8 bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) => DTYPES.indexOf(a.dtype) - DTYPES.indexOf(b.dtype) || (nameA < nameB ? -1 : 1),
  );
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) entries.push(["__metadata__", metadata]);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    checkWritable(name, dtype, shape, data.length);
    const end = offset + data.length * ELEMENT_BYTES[dtype];
    entries.push([name, { dtype, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  const header = new TextEncoder().encode(stringifyEntries(entries));
  const dataStart = 8 + Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(dataStart + offset).fill(0x20, 8, dataStart);
  new DataView(file.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  file.set(header, 8);
  let position = dataStart;
  for (const [, tensor] of ordered) {
    const encoded = encode(tensor);
    file.set(new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength), position);
    position += encoded.byteLength;
  }
  return file;
}

/** Not JSON.stringify of an object: that would move names that look like numbers to the front. */
function stringifyEntries(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
}

function checkWritable(name: string, dtype: Dtype, shape: readonly number[], elements: number): void {
  const size = isCounts(shape) ? byteSize(dtype, shape) : undefined;
  if (name !== "__metadata__" && size === elements * ELEMENT_BYTES[dtype]) return;
  const message =
    name === "__metadata__"
      ? 'A tensor cannot be saved under the name "__metadata__", which safetensors keeps for itself.'
      : `Tensor ${quote(name)} cannot be saved: ${elements} values do not fill the shape [${shape.join(", ")}].`;
  throw new FailureError({ kind: "bug", message, hint: "Report this with the model's settings; nothing was written.", where: name });
}

function encode(tensor: SafeTensor): SafeTensor["data"] | Uint16Array {
  if (tensor.dtype === "F16") return encodeFloat16(tensor.data);
  if (tensor.dtype === "BF16") return encodeBfloat16(tensor.data);
  return tensor.data;
}

// ------------------------------------------------------------------------------------------------ shared checks

/** Undefined where the count leaves the exact integers. */
function byteSize(dtype: Dtype, shape: readonly number[]): number | undefined {
  let size = ELEMENT_BYTES[dtype];
  for (const extent of shape) {
    size *= extent;
    if (!Number.isSafeInteger(size)) return undefined;
  }
  return size;
}

function isDtype(text: string): text is Dtype {
  return Object.hasOwn(ELEMENT_BYTES, text);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && !Object.is(count, -0) && count >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

function badFile(fileName: string, cause: string, error?: unknown): FailureError {
  const hint = "It may be cut short, damaged or of another format: download or export it again.";
  return new FailureError({ kind: "bad-file", message: `${fileName} ${cause}.`, hint, where: fileName }, error);
}
