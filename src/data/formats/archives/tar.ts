/**
 * Files of a tar archive that came inside gzip. In: a stream of tar (POSIX ustar, with GNU and pax long names). Out: its regular files,
 * in memory, because a packed stream cannot be read twice from the middle; above 256 MB the reader is asked to unpack it.
 */
import { FailureError } from "../../../settings/failure";
import { type ByteSource, type ReadOptions, blobSource, withRanges } from "../readBytes";
import type { LeftOut, OpenedSources } from "./index";
import { damagedArchive } from "./limits";
import { whyLeftOutOfArchive } from "./names";

const BLOCK = 512;
const MOST_BYTES = 2 ** 28;
/** Names longer than the header's 100 characters stand in an entry of their own, before the file. */
const LONGEST_NAME = 2 ** 16;

interface Header {
  readonly name: string;
  readonly bytes: number;
  /** "0" or "\0" a file, "2" a link, "5" a folder, "L" and "x" the name of the next file. */
  readonly kind: string;
}

export async function listTar(source: ByteSource, options: ReadOptions): Promise<OpenedSources> {
  const tar = await withRanges(source, MOST_BYTES, options);
  if (!tar) {
    throw new FailureError({
      kind: "bad-file", where: source.name,
      message: `${source.name} holds more than 256 MB; a tar archive that large is not opened here. Nothing was imported.`,
      hint: "Unpack it and add the folder.",
    });
  }
  const files: ByteSource[] = [];
  const leftOut: LeftOut[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= tar.size; ) {
    const header = readHeader(await tar.readRange(at, at + BLOCK), source.name, at);
    if (!header) break;
    const start = at + BLOCK;
    const end = start + header.bytes;
    if (end > tar.size) throw damagedArchive(source.name, `it breaks off in ${header.name}`);
    if (header.kind === "L" || header.kind === "x") {
      if (header.bytes > LONGEST_NAME) throw damagedArchive(source.name, "a file name in it is too long");
      longName = readLongName(new TextDecoder().decode(await tar.readRange(start, end)), header.kind) ?? longName;
    } else {
      const path = longName ?? header.name;
      longName = undefined;
      const name = `${source.name}/${path}`;
      const why = whyLeftOutOfArchive(path) ?? (header.kind === "2" || header.kind === "1" ? "it is a link, not a file" : undefined);
      if (why !== undefined) leftOut.push({ name, bytes: header.bytes, why });
      else if (header.kind === "0" || header.kind === "\0") files.push(blobSource(new Blob([(await tar.readRange(start, end)).slice()]), name));
    }
    at = start + Math.ceil(header.bytes / BLOCK) * BLOCK;
  }
  return { files, leftOut };
}

/** Undefined at the block of zeros that ends an archive. */
function readHeader(block: Uint8Array, archive: string, at: number): Header | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const text = (from: number, length: number): string => new TextDecoder().decode(block.subarray(from, from + length)).replace(/\0[^]*$/, "");
  const octal = (from: number, length: number): number => Number.parseInt(text(from, length).trim() || "0", 8);
  // The checksum counts its own eight bytes as spaces.
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  const bytes = octal(124, 12);
  if (sum !== octal(148, 8) || !(bytes >= 0)) throw damagedArchive(archive, `at byte ${at.toLocaleString("en")} of the unpacked archive there is no file header`);
  const prefix = text(257, 5) === "ustar" ? text(345, 155) : "";
  return { name: (prefix ? `${prefix}/` : "") + text(0, 100), bytes, kind: String.fromCharCode(block[156]!) };
}

/** GNU writes the name; pax writes lines of "length key=value". */
function readLongName(content: string, kind: "L" | "x"): string | undefined {
  return kind === "L" ? content.replace(/\0+$/, "") : /^\d+ path=(.*)$/m.exec(content)?.[1];
}
