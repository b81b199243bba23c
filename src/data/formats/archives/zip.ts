/**
 * Files of a zip archive, found by its central directory (PKWARE's APPNOTE.TXT 6.3.9, with zip64). In: a source of which any range can
 * be read. Out: a source for each file that can be read, inflated as it streams with its CRC-32 and size checked; and those left out,
 * with the reason. Nothing is unpacked until it is read.
 */
import { Inflate } from "fflate";
import { FailureError } from "../../../settings/failure";
import { crc32 } from "../crc32c";
import { type ByteSource, type RangedSource, type ReadOptions, streamOf, withRanges } from "../readBytes";
import type { LeftOut, OpenedSources } from "./index";
import { MOST_UNPACKED, damagedArchive, isBomb, refuseBomb } from "./limits";
import { whyLeftOutOfArchive } from "./names";
import { type ZipEntry, readDirectory } from "./zipDirectory";

const LOCAL_HEADER_BYTES = 30;
/** Bytes read from the file, and of these inflated at once. */
const READ_BYTES = 2 ** 18;
const PIECE_BYTES = 2 ** 16;
const IN_MEMORY = 2 ** 28;
const METHODS = new Map([[9, "Deflate64"], [12, "bzip2"], [14, "LZMA"], [93, "Zstandard"], [95, "xz"], [98, "PPMd"], [99, "AES encryption"]]);

export async function listZip(source: ByteSource, options: ReadOptions): Promise<OpenedSources> {
  const zip = await withRanges(source, IN_MEMORY, options);
  if (!zip) throw new FailureError({ kind: "bad-file", message: `${source.name} cannot be opened where it is. Nothing was imported.`, hint: "Unpack it and add the folder.", where: source.name });
  const entries = (await readDirectory(zip)).filter(({ path }) => !path.endsWith("/"));
  // Files that share their bytes make a bomb that no single file betrays.
  const unpacked = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (isBomb(zip.size, unpacked)) refuseBomb(zip.name, zip.size, unpacked);
  const files: ByteSource[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of entries) {
    const name = `${zip.name}/${entry.path}`;
    const why = whyLeftOutOfArchive(entry.path) ?? whyUnreadable(entry);
    if (why === undefined) files.push(entrySource(zip, name, entry));
    else leftOut.push({ name, bytes: entry.size, why });
  }
  return { files, leftOut };
}

function whyUnreadable(entry: ZipEntry): string | undefined {
  if (entry.isLink) return "it is a link, not a file";
  if (entry.isEncrypted) return "it is encrypted; unpack it with its password and add it by itself";
  if (entry.method !== 0 && entry.method !== 8) return `it is packed with ${METHODS.get(entry.method) ?? `method ${entry.method}`}, which is not read here; unpack it and add it by itself`;
  return entry.size > MOST_UNPACKED ? "it has more than 2 GB; unpack it and add it by itself" : undefined;
}

function entrySource(zip: RangedSource, name: string, entry: ZipEntry): ByteSource {
  return { name, size: entry.size, stream: () => streamOf(unpack(zip, name, entry)) };
}

async function* unpack(zip: RangedSource, name: string, entry: ZipEntry): AsyncGenerator<Uint8Array, void, undefined> {
  const start = await findContents(zip, name, entry);
  let check = 0;
  let bytes = 0;
  for await (const piece of entry.method === 0 ? readPieces(zip, start, entry.packedSize) : inflate(readPieces(zip, start, entry.packedSize), name)) {
    check = crc32(piece, check);
    bytes += piece.length;
    if (bytes > entry.size) break;
    yield piece;
  }
  if (bytes !== entry.size || check !== entry.check) throw damagedArchive(name, "its contents do not match the size and checksum in the archive");
}

/** The local header repeats the name and may carry other extra fields than the directory. */
async function findContents(zip: RangedSource, name: string, entry: ZipEntry): Promise<number> {
  const header = await zip.readRange(entry.offset, entry.offset + LOCAL_HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== 0x04034b50) throw damagedArchive(name, "the archive does not hold it where its list says");
  return entry.offset + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
}

async function* readPieces(zip: RangedSource, start: number, bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < start + bytes; at += READ_BYTES) {
    const read = await zip.readRange(at, Math.min(at + READ_BYTES, start + bytes));
    for (let from = 0; from < read.length; from += PIECE_BYTES) yield read.subarray(from, from + PIECE_BYTES);
  }
}

async function* inflate(pieces: AsyncGenerator<Uint8Array, void, undefined>, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  const unpacked: Uint8Array[] = [];
  const inflater = new Inflate((bytes) => {
    if (bytes.length > 0) unpacked.push(bytes);
  });
  let packedBytes = 0;
  let unpackedBytes = 0;
  const push = (piece: Uint8Array, final: boolean): readonly Uint8Array[] => {
    packedBytes += piece.length;
    try {
      inflater.push(piece, final);
    } catch (error) {
      throw damagedArchive(name, final ? "it breaks off" : "it cannot be unpacked", error);
    }
    const ready = unpacked.splice(0);
    for (const bytes of ready) unpackedBytes += bytes.length;
    refuseBomb(name, packedBytes, unpackedBytes);
    return ready;
  };
  for await (const piece of pieces) yield* push(piece, false);
  yield* push(new Uint8Array(), true);
}
