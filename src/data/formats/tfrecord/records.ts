/**
 * TFRecord files as records of bytes. In: a file's bytes (or gzip of them). Out: each record with its number and place; or, at the first one
 * whose length or contents do not match their checksum, what was expected there and found. A length is believed only after its own
 * checksum was. Record: u64 length, masked CRC-32C of the length, contents, masked CRC-32C of the contents, all little-endian.
 * https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
import { gzipSource, isGzip } from "../archives/gzip";
import { crc32c, maskCrc } from "../crc32c";
import { type ByteSource, type ReadOptions, readBytes, readHead } from "../readBytes";

export interface TfRecord {
  /** 0-based. */
  readonly index: number;
  /** Of the record's length field in the unpacked file. */
  readonly byte: number;
  readonly contents: Uint8Array;
}

/** Where and why the file cannot be read on. */
export interface RecordDamage {
  readonly index: number;
  readonly byte: number;
  readonly expected: string;
  readonly found: string;
}

const HEADER_BYTES = 12;
const TRAILER_BYTES = 4;
/** One example larger than this is not a row of a table. */
const LONGEST_RECORD = 2 ** 28;
export const RECORD_OVERHEAD = HEADER_BYTES + TRAILER_BYTES;

/** True where a file begins with a length that matches its checksum. */
export function startsWithRecord(head: Uint8Array): boolean {
  return head.length >= HEADER_BYTES && maskCrc(crc32c(head.subarray(0, 8))) === new DataView(head.buffer, head.byteOffset).getUint32(8, true);
}

export async function* readRecords(source: ByteSource, options: ReadOptions): AsyncGenerator<TfRecord, RecordDamage | undefined, undefined> {
  const unpacked = isGzip(await readHead(source, 4, options.signal)) ? await gzipSource(source) : source;
  const window = createWindow();
  let byte = 0;
  let index = 0;
  for await (const piece of readBytes(unpacked, options)) {
    window.push(piece);
    for (;;) {
      const record = takeRecord(window, { index, byte });
      if (record === undefined) break;
      if (!("contents" in record)) return record;
      yield record;
      index++;
      byte += record.contents.length + RECORD_OVERHEAD;
    }
  }
  return window.length() > 0 ? { index, byte, expected: describeRest(window), found: `${window.length().toLocaleString("en")} bytes, then the end of the file` } : undefined;
}

function describeRest(window: Window): string {
  const header = window.peek(HEADER_BYTES);
  return header ? `a record of ${lengthOf(header).toLocaleString("en")} bytes` : "a record's length and checksum";
}

/** Undefined until more bytes have come. */
function takeRecord(window: Window, { index, byte }: { readonly index: number; readonly byte: number }): TfRecord | RecordDamage | undefined {
  const header = window.peek(HEADER_BYTES);
  if (!header) return undefined;
  const said = header.getUint32(8, true);
  const found = maskCrc(crc32c(new Uint8Array(header.buffer, header.byteOffset, 8)));
  if (said !== found) return { index, byte, expected: `checksum ${hex(said)} of the record's length`, found: hex(found) };
  const length = lengthOf(header);
  if (length > LONGEST_RECORD) return { index, byte, expected: "a record of at most 256 MB", found: `one of ${header.getBigUint64(0, true).toLocaleString("en")} bytes` };
  const whole = window.peek(HEADER_BYTES + length + TRAILER_BYTES);
  if (!whole) return undefined;
  const contents = new Uint8Array(whole.buffer, whole.byteOffset + HEADER_BYTES, length);
  const check = whole.getUint32(HEADER_BYTES + length, true);
  const real = maskCrc(crc32c(contents));
  if (check !== real) return { index, byte, expected: `checksum ${hex(check)} of the record's contents`, found: hex(real) };
  window.take(HEADER_BYTES + length + TRAILER_BYTES);
  return { index, byte, contents };
}

/** Lengths beyond 2^53 lose digits, and are refused all the same. */
const lengthOf = (header: DataView): number => Number(header.getBigUint64(0, true));
const hex = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(8, "0")}`;

interface Window {
  push(piece: Uint8Array): void;
  length(): number;
  /** The next bytes, or undefined while they have not come. */
  peek(count: number): DataView | undefined;
  take(count: number): void;
}

/** Bytes that have come and were not taken; pieces are joined only where a record spans them. */
function createWindow(): Window {
  let pieces: Uint8Array[] = [];
  let at = 0;
  let bytes = 0;
  return {
    push(piece) {
      pieces.push(piece);
      bytes += piece.length;
    },
    length: () => bytes,
    peek(count) {
      if (count > bytes) return undefined;
      if (pieces[0]!.length - at < count) {
        const joined = new Uint8Array(bytes);
        let filled = 0;
        for (const [index, piece] of pieces.entries()) {
          const part = index === 0 ? piece.subarray(at) : piece;
          joined.set(part, filled);
          filled += part.length;
        }
        [pieces, at] = [[joined], 0];
      }
      return new DataView(pieces[0]!.buffer, pieces[0]!.byteOffset + at, count);
    },
    take(count) {
      at += count;
      bytes -= count;
      if (at === pieces[0]!.length) {
        pieces.shift();
        at = 0;
      }
    },
  };
}
