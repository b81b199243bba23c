/**
 * Everything that is kept, as one file. In: a store. Out: a tar archive in the private file system, streamed: blobs, the checkpoints of
 * runs and the tokens they train on, the database's rows as JSON, and last a manifest with the hash of each, named after its own. Tokens of datasets are not
 * in it: they are made again from the text.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type ReadOptions, canceled, createPacer } from "../formats/readBytes";
import { pathOfBlob } from "../store/blobs";
import { type FileReader, type FileWriter, writeWhole } from "../store/fileStore";
import { pathsOfRun, readRuns } from "../store/runs";
import { type Store, referencedBlobs } from "../store/store";
import { noRoom } from "../store/usage";
import type { ExportedFile } from "../types/importing";
import { BACKUP_VERSION, type BackupManifest, ROWS, manifestName, saveRows } from "./content";
import { BLOCK, paddingFor, tarEnd, tarHeader } from "./tar";

export const EXPORTS = "exports";

const READ_BYTES = 2 ** 20;

export interface BackupOptions extends Pick<ReadOptions, "signal"> {
  /** Bytes written, of how many. */
  readonly onProgress?: (bytes: number, total: number) => void;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

export async function makeBackup(store: Store, { signal, onProgress, now = Date.now() }: BackupOptions = {}): Promise<ExportedFile> {
  const { files, database } = store;
  const name = `descent-${new Date(now).toISOString().slice(0, 10)}.tar`;
  const { members, notes } = await listContent(store);
  const total = members.reduce((sum, { file }) => sum + BLOCK + file.size + paddingFor(file.size), 0);
  // Blobs that a tidying would take while they are being read stay as long as this hold.
  const hold = store.blobs.hold();
  for (const { blob } of members) if (blob !== undefined) hold.add(blob);
  await forgetExports(store);
  if (!(await files.hasRoomFor(total))) throw noRoom("Making a backup", name, database);
  try {
    const path = `${EXPORTS}/${name}`;
    await writeWhole(
      files,
      (writer) => writeArchive(writer, [...members, { name: ROWS, file: textReader(saveRows(database)) }], now, (bytes) => {
        if (signal?.aborted) throw canceled(name);
        onProgress?.(bytes, total);
      }),
      (unfinished) => files.move(unfinished, path),
    );
    return { name, file: (await files.openFile(path))!, notes };
  } finally {
    hold.release();
  }
}

/** Earlier exports; whoever wanted one has saved it. */
export async function forgetExports({ files }: Store): Promise<void> {
  for (const name of await files.list(EXPORTS)) await files.remove(`${EXPORTS}/${name}`).catch(() => undefined);
}

interface Source {
  readonly name: string;
  readonly file: FileReader;
  readonly blob?: string;
}

async function listContent({ files, database }: Store): Promise<{ members: Source[]; notes: string[] }> {
  const members: Source[] = [];
  const notes: string[] = [];
  for (const [blob, bytes] of referencedBlobs(database)) {
    const file = await files.open(pathOfBlob(blob));
    if (file?.size === bytes) members.push({ name: pathOfBlob(blob), file, blob });
    else notes.push(`A part of a dataset (${blob.slice(0, 8)}…) is gone or damaged here and is not in the backup.`);
  }
  for (const { id, shard } of readRuns(database)) {
    for (const path of [...pathsOfRun(id), shard]) {
      const file = await files.open(path);
      if (file && !members.some((member) => member.name === path)) members.push({ name: path, file });
    }
  }
  return { members, notes };
}

function textReader(text: string): FileReader {
  const bytes = new TextEncoder().encode(text);
  return { size: bytes.length, read: async (start, count) => bytes.subarray(start, start + count) };
}

async function writeArchive(writer: FileWriter, members: readonly Source[], now: number, onProgress: (bytes: number) => void): Promise<void> {
  const pace = createPacer();
  const listed: BackupManifest["members"] = [];
  let written = 0;
  const write = (bytes: Uint8Array): void => {
    writer.write(bytes);
    written += bytes.length;
  };
  const writeMember = async ({ name, file }: Source): Promise<string> => {
    const hasher = sha256.create();
    write(tarHeader(name, file.size, now));
    for (let at = 0; at < file.size; at += READ_BYTES) {
      const bytes = await file.read(at, Math.min(READ_BYTES, file.size - at));
      hasher.update(bytes);
      write(bytes);
      onProgress(written);
      await pace();
    }
    write(new Uint8Array(paddingFor(file.size)));
    return bytesToHex(hasher.digest());
  };
  for (const member of members) listed.push({ name: member.name, bytes: member.file.size, sha256: await writeMember(member) });
  const manifest: BackupManifest = { format: "descent-backup", version: BACKUP_VERSION, createdAt: now, members: listed };
  const last = textReader(JSON.stringify(manifest));
  await writeMember({ name: manifestName(bytesToHex(sha256(await last.read(0, last.size)))), file: last });
  write(tarEnd());
}
