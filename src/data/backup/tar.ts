/**
 * The container of a backup: a tar archive (POSIX ustar), which any computer can open. In: names and bytes. Out: the archive, written from
 * front to back; and where its members lie. Not zip: without its 64-bit extension, which no streaming writer here has, a zip ends at
 * 4 GB, and a second container for what is larger would be code that hardly ever runs.
 */
import { FailureError } from "../../settings/failure";

export const BLOCK = 512;
/** Eleven octal digits. */
const MOST_BYTES = 8 ** 11 - 1;
const MODE = "0000644\0";
const OWNER = "0000000\0";

export const paddingFor = (bytes: number): number => (BLOCK - (bytes % BLOCK)) % BLOCK;

export function tarHeader(name: string, bytes: number, modifiedAt: number): Uint8Array {
  if (name.length > 100 || /[^ -~]/.test(name) || bytes > MOST_BYTES) throw new RangeError(`${name} with ${bytes} bytes does not fit into a tar header.`);
  const header = new Uint8Array(BLOCK);
  const write = (at: number, text: string): void => void new TextEncoder().encodeInto(text, header.subarray(at));
  write(0, name);
  write(100, MODE);
  write(108, OWNER);
  write(116, OWNER);
  write(124, `${octal(bytes, 11)}\0`);
  write(136, `${octal(Math.floor(modifiedAt / 1000), 11)}\0`);
  write(156, "0");
  write(257, "ustar\u000000");
  write(148, `${octal(checksum(header), 6)}\0 `);
  return header;
}

/** Two blocks of zeros. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * BLOCK);

export interface TarMember {
  readonly name: string;
  /** Of its first byte in the archive. */
  readonly at: number;
  readonly bytes: number;
}

/** The members of an archive that `tarHeader` wrote; only headers are read. */
export async function listMembers(archive: Blob, name: string): Promise<TarMember[]> {
  const members: TarMember[] = [];
  for (let at = 0; ; ) {
    const header = new Uint8Array(await archive.slice(at, at + BLOCK).arrayBuffer());
    if (header.length === BLOCK && header.every((byte) => byte === 0)) return members;
    const member = readHeader(header, at);
    if (!member || member.at + member.bytes > archive.size) throw brokenBackup(name, at);
    members.push(member);
    at = member.at + member.bytes + paddingFor(member.bytes);
  }
}

function readHeader(header: Uint8Array, at: number): TarMember | undefined {
  const text = (from: number, length: number): string => new TextDecoder().decode(header.subarray(from, from + length)).replace(/[\0 ]+$/, "");
  const bytes = Number.parseInt(text(124, 12), 8);
  const isHeader = header.length === BLOCK && text(257, 5) === "ustar" && Number.parseInt(text(148, 8), 8) === checksum(header) && bytes >= 0;
  return isHeader ? { name: text(0, 100), at: at + BLOCK, bytes } : undefined;
}

/** The sum of all bytes, its own eight counted as spaces. */
const checksum = (header: Uint8Array): number => header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");

function brokenBackup(name: string, at: number): FailureError {
  return new FailureError({
    kind: "bad-file",
    message: `${name} is no whole backup of Descent: at byte ${at.toLocaleString("en")} there is no file header. Nothing was restored.`,
    hint: "Choose the .tar file that “Back up everything” saved; if it was copied or downloaded, copy it again.",
    where: name,
  });
}
