/**
 * The list at the end of a zip archive. In: a source of which any range can be read. Out: its entries as the central directory states
 * them, sizes and places checked against the file before anything is allocated. Layout: PKWARE's APPNOTE.TXT 6.3.9, §4.3 and §4.5.3.
 */
import type { RangedSource } from "../readBytes";
import { damagedArchive } from "./limits";

export interface ZipEntry {
  readonly path: string;
  readonly method: number;
  readonly check: number;
  readonly packedSize: number;
  readonly size: number;
  /** Of the local header. */
  readonly offset: number;
  readonly isEncrypted: boolean;
  readonly isLink: boolean;
}

const END_BYTES = 22;
const LONGEST_COMMENT = 2 ** 16;
const ENTRY_BYTES = 46;
const LONGEST_DIRECTORY = 2 ** 26;
/** A field of 32 bits that zip64 replaces by one of 64. */
const IN_ZIP64 = 0xffffffff;
const SYMBOLIC_LINK = 0xa000;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

export async function readDirectory(zip: RangedSource): Promise<ZipEntry[]> {
  const { start, bytes } = await findDirectory(zip);
  if (bytes > LONGEST_DIRECTORY) throw damagedArchive(zip.name, "its list of files is longer than 64 MB");
  if (start + bytes > zip.size) throw damagedArchive(zip.name, "its list of files lies beyond its end");
  const view = viewOf(await zip.readRange(start, start + bytes));
  const entries: ZipEntry[] = [];
  for (let at = 0; at + ENTRY_BYTES <= view.byteLength; ) {
    if (view.getUint32(at, true) !== 0x02014b50) throw damagedArchive(zip.name, `its list of files cannot be read at byte ${(start + at).toLocaleString("en")}`);
    const length = ENTRY_BYTES + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (at + length > view.byteLength) throw damagedArchive(zip.name, "its list of files breaks off");
    const entry = readEntry(new DataView(view.buffer, view.byteOffset + at, length));
    if (entry.offset + entry.packedSize > zip.size) throw damagedArchive(zip.name, `${entry.path} lies beyond its end`);
    entries.push(entry);
    at += length;
  }
  return entries;
}

async function findDirectory(zip: RangedSource): Promise<{ readonly start: number; readonly bytes: number }> {
  const tailStart = Math.max(0, zip.size - END_BYTES - LONGEST_COMMENT);
  const tail = viewOf(await zip.readRange(tailStart, zip.size));
  let at = tail.byteLength - END_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== 0x06054b50) at--;
  if (at < 0) throw damagedArchive(zip.name, "the list of its files, which ends every zip archive, is missing");
  const bytes = tail.getUint32(at + 12, true);
  const start = tail.getUint32(at + 16, true);
  if (start !== IN_ZIP64 && bytes !== IN_ZIP64) return { start, bytes };
  // Twenty bytes before the end record stands where the zip64 one is.
  if (at < 20 || tail.getUint32(at - 20, true) !== 0x07064b50) throw damagedArchive(zip.name, "its zip64 record is missing");
  const place = Number(tail.getBigUint64(at - 12, true));
  const record = place + 56 <= zip.size ? viewOf(await zip.readRange(place, place + 56)) : undefined;
  if (record?.byteLength !== 56 || record.getUint32(0, true) !== 0x06064b50) throw damagedArchive(zip.name, "its zip64 record is missing");
  return { start: Number(record.getBigUint64(48, true)), bytes: Number(record.getBigUint64(40, true)) };
}

/** `view` holds one entry of the directory. */
function readEntry(view: DataView): ZipEntry {
  const flags = view.getUint16(8, true);
  const nameEnd = ENTRY_BYTES + view.getUint16(28, true);
  const path = readName(new Uint8Array(view.buffer, view.byteOffset + ENTRY_BYTES, nameEnd - ENTRY_BYTES));
  const wide = findZip64(view, nameEnd, nameEnd + view.getUint16(30, true));
  // The zip64 field holds, in this order, those of the three that did not fit.
  const take = (at: number): number => {
    const narrow = view.getUint32(at, true);
    return narrow === IN_ZIP64 ? (wide.shift() ?? narrow) : narrow;
  };
  const size = take(24);
  const packedSize = take(20);
  const offset = take(42);
  const madeOnUnix = view.getUint8(5) === 3;
  return {
    path, size, packedSize, offset,
    method: view.getUint16(10, true), check: view.getUint32(16, true),
    isEncrypted: (flags & 1) !== 0, isLink: madeOnUnix && (view.getUint16(40, true) & 0xf000) === SYMBOLIC_LINK,
  };
}

/** The 64-bit numbers of the extra field with id 1. */
function findZip64(view: DataView, from: number, to: number): number[] {
  for (let at = from; at + 4 <= to; ) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      const count = Math.floor(Math.min(length, to - at - 4) / 8);
      return Array.from({ length: count }, (_, index) => Number(view.getBigUint64(at + 4 + 8 * index, true)));
    }
    at += 4 + length;
  }
  return [];
}

/** UTF-8 with or without the flag that says so; else read as windows-1252, which never fails. */
function readName(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
