/**
 * A backup as it comes back. In: a file that a person chose. Out: its members, every byte of which is what was written, or a FailureError
 * that names the member that is not. Nothing is kept here.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { FailureError } from "../../settings/failure";
import { createPacer } from "../formats/readBytes";
import { BACKUP_VERSION, type BackupManifest, manifestName, manifestSchema, newerBackup } from "./content";
import { type TarMember, listMembers } from "./tar";

const READ_BYTES = 2 ** 20;

export interface Archive {
  readonly name: string;
  readonly members: ReadonlyMap<string, TarMember>;
  /** A whole member. */
  read(member: TarMember): Promise<Uint8Array<ArrayBuffer>>;
  /** In pieces, in order. */
  stream(member: TarMember): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
}

/** `onBytes` gets the number of bytes checked so far; it may throw. */
export async function openArchive(file: File, onBytes: (bytes: number) => void): Promise<Archive> {
  const listed = await listMembers(file, file.name);
  const bytesOf = async (at: number, bytes: number) => new Uint8Array(await file.slice(at, at + bytes).arrayBuffer());
  const members = new Map(listed.map((member) => [member.name, member]));
  const archive: Archive = {
    name: file.name,
    members,
    read: ({ at, bytes }) => bytesOf(at, bytes),
    async *stream({ at, bytes }) {
      const pace = createPacer();
      for (let done = 0; done < bytes; done += READ_BYTES) {
        yield await bytesOf(at + done, Math.min(READ_BYTES, bytes - done));
        await pace();
      }
    },
  };
  const manifest = await readManifest(archive, listed.at(-1));
  // What the manifest does not name was not checked, and is not there.
  const named = new Set(manifest.members.map(({ name }) => name));
  for (const name of members.keys()) if (!named.has(name)) members.delete(name);
  let checked = 0;
  for (const { name, bytes, sha256: wanted } of manifest.members) {
    const member = members.get(name);
    if (member?.bytes !== bytes) throw damagedMember(file.name, name);
    const hasher = sha256.create();
    for await (const piece of archive.stream(member)) {
      hasher.update(piece);
      onBytes((checked += piece.length));
    }
    if (bytesToHex(hasher.digest()) !== wanted) throw damagedMember(file.name, name);
  }
  return archive;
}

async function readManifest(archive: Archive, last: TarMember | undefined): Promise<BackupManifest> {
  const bytes = last && /^manifest\.[0-9a-f]{64}\.json$/.test(last.name) ? await archive.read(last) : undefined;
  if (!last || !bytes) throw noBackup(archive.name);
  if (manifestName(bytesToHex(sha256(bytes))) !== last.name) throw damagedMember(archive.name, "its manifest");
  const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const parsed = manifestSchema.safeParse(json);
  if (typeof json === "object" && json !== null && "version" in json && Number(json.version) > BACKUP_VERSION) throw newerBackup(archive.name);
  if (!parsed.success) throw noBackup(archive.name);
  return parsed.data;
}

function damagedMember(backup: string, member: string): FailureError {
  return new FailureError({
    kind: "bad-file",
    message: `${backup} is damaged: ${member} in it is not what was saved. Nothing was restored.`,
    hint: "Copy or download the backup again, or choose an older one.",
    where: member,
  });
}

function noBackup(name: string): FailureError {
  return new FailureError({
    kind: "bad-file",
    message: `${name} is no backup of Descent, or its end is missing. Nothing was restored.`,
    hint: "Choose the .tar file that “Back up everything” saved.",
    where: name,
  });
}
