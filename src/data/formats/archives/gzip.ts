/**
 * Unpacks gzip as a stream. In: a source whose bytes are gzip (RFC 1952), of one member or several. Out: a source of what is inside;
 * every member's CRC-32 and length are checked, a truncated file and a bomb end in a failure. fflate inflates; it does not check.
 */
import { Gunzip } from "fflate";
import { crc32 } from "../crc32c";
import { type ByteSource, readBytes, streamOf } from "../readBytes";
import { damagedArchive, refuseBomb } from "./limits";

/** Bytes inflated at once: at deflate's best ratio (1032) they become 64 MB. */
const PIECE_BYTES = 2 ** 16;
/** The check and the length that end a member; they may have come with the pieces before. */
const TRAILER_BYTES = 8;
/** A member's header is looked for this far back; its file name and comment are shorter. */
const KEPT_BYTES = 2 ** 16;

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;

/** The file inside, named without ".gz"; its size is what the last four bytes say, modulo 2^32, and so only an estimate. */
export async function gzipSource(source: ByteSource): Promise<ByteSource> {
  const tail = await source.readRange?.(Math.max(0, source.size - 4), source.size);
  const said = tail?.length === 4 ? new DataView(tail.buffer, tail.byteOffset).getUint32(0, true) : 0;
  return {
    name: source.name.replace(/\.(gz|gzip)$/i, "").replace(/\.tgz$/i, ".tar"),
    size: Math.max(said, 1), sizeIsEstimate: true,
    stream: () => streamOf(unpack(source)),
  };
}

async function* unpack(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  const { name } = source;
  const unpacked: Uint8Array[] = [];
  const member = { check: 0, bytes: 0 };
  const gunzip = new Gunzip((bytes) => {
    if (bytes.length > 0) unpacked.push(bytes);
    member.check = crc32(bytes, member.check);
    member.bytes += bytes.length;
  });
  const recent = createTail();
  const checkMember = (end: number): void => {
    const trailer = recent.read(end - TRAILER_BYTES, end);
    if (!trailer || trailer.getUint32(0, true) !== member.check || trailer.getUint32(4, true) !== member.bytes % 2 ** 32) throw damagedArchive(name, "its contents do not match the checksum in it");
    member.check = 0;
    member.bytes = 0;
  };
  gunzip.onmember = checkMember;
  let packedBytes = 0;
  let unpackedBytes = 0;
  const push = (piece: Uint8Array, final: boolean): readonly Uint8Array[] => {
    packedBytes += piece.length;
    recent.push(piece);
    try {
      gunzip.push(piece, final);
    } catch (error) {
      throw error instanceof Error && "code" in error ? damagedArchive(name, final ? "it breaks off" : `it cannot be unpacked near byte ${packedBytes.toLocaleString("en")} (${error.message})`, error) : error;
    }
    const ready = unpacked.splice(0);
    for (const bytes of ready) unpackedBytes += bytes.length;
    refuseBomb(name, packedBytes, unpackedBytes);
    return ready;
  };
  for await (const piece of readBytes(source)) {
    for (let at = 0; at < piece.length; at += PIECE_BYTES) yield* push(piece.subarray(at, at + PIECE_BYTES), false);
  }
  yield* push(new Uint8Array(), true);
  checkMember(packedBytes);
}

/** Remembers the last bytes that went by. */
function createTail(): { push(piece: Uint8Array): void; read(start: number, end: number): DataView | undefined } {
  let kept: Uint8Array = new Uint8Array();
  let end = 0;
  return {
    push(piece) {
      const before = kept.subarray(Math.max(0, kept.length - KEPT_BYTES));
      kept = new Uint8Array(before.length + piece.length);
      kept.set(before);
      kept.set(piece, before.length);
      end += piece.length;
    },
    read(from, to) {
      const start = from - (end - kept.length);
      return start < 0 ? undefined : new DataView(kept.buffer, start, to - from);
    },
  };
}
