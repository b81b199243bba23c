/**
 * Brings back what a backup holds. In: a store and a backup. Out: the store with both: what is here stays as it is, what is in both is
 * kept once, what only shares a name comes back as "… (restored)". Every hash is checked before anything is written, and nothing is seen
 * before all of it is there: the rows come last, in one transaction.
 */
import { FailureError } from "../../settings/failure";
import { type ReadOptions, canceled } from "../formats/readBytes";
import { type Hold, pathOfBlob } from "../store/blobs";
import { writeWhole } from "../store/fileStore";
import { pathsOfRun, readRuns } from "../store/runs";
import { type Store, referencedBlobs, tidyStore } from "../store/store";
import { noRoom } from "../store/usage";
import type { RestoreSummary } from "../types/storage";
import { type Archive, openArchive } from "./archive";
import { ROWS, openSavedRows } from "./content";
import { mergeRows } from "./merge";

export interface RestoreOptions extends Pick<ReadOptions, "signal"> {
  /** Bytes dealt with, of how many: everything is read twice, to check it and to keep it. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

export async function restoreBackup(store: Store, file: File, { signal, onProgress }: RestoreOptions = {}): Promise<RestoreSummary> {
  if (store.database.refusal) throw new FailureError(store.database.refusal);
  const tell = (bytes: number): void => {
    if (signal?.aborted) throw canceled(file.name);
    onProgress?.(bytes, 2 * file.size);
  };
  const archive = await openArchive(file, tell);
  const rows = archive.members.get(ROWS);
  const saved = await openSavedRows(rows ? new TextDecoder().decode(await archive.read(rows)) : "", file.name);
  const hold = store.blobs.hold();
  try {
    if (!(await store.files.hasRoomFor(file.size))) throw noRoom(`Restoring ${file.name}`, file.name, store.database);
    const missing = await bringBlobs(store, archive, [...referencedBlobs(saved).keys()], hold, (at) => tell(file.size + at));
    const here = new Set(readRuns(store.database).map(({ id }) => id));
    const runs = readRuns(saved).filter(({ id, shard }) => !here.has(id) && isRunId.test(id) && isShardPath.test(shard));
    for (const { id, shard } of runs) for (const path of [shard, ...pathsOfRun(id)]) await bringFile(store, archive, path);
    const summary = store.database.write(() => mergeRows(store.database, saved, runs.map(({ id }) => id)));
    return { ...summary, notes: [...missing, ...summary.notes] };
  } finally {
    hold.release();
    saved.close();
    await tidyStore(store).catch(() => undefined);
  }
}

/** A backup is a file like any other: its names must not lead anywhere else. */
const isRunId = /^[\w-]{1,64}$/;
const isShardPath = /^shards\/[\w.-]+$/;

/** One sentence for each blob that the backup itself did not have. */
async function bringBlobs({ files, blobs }: Store, archive: Archive, hashes: readonly string[], hold: Hold, onByte: (at: number) => void): Promise<string[]> {
  const notes: string[] = [];
  for (const hash of hashes) {
    const member = archive.members.get(pathOfBlob(hash));
    if (member) {
      onByte(member.at + member.bytes);
      await blobs.put(await archive.read(member), hold);
    } else {
      hold.add(hash);
      if (!(await files.open(pathOfBlob(hash)))) notes.push(`A part of a dataset (${hash.slice(0, 8)}…) was gone when the backup was made.`);
    }
  }
  return notes;
}

async function bringFile({ files }: Store, archive: Archive, path: string): Promise<void> {
  const member = archive.members.get(path);
  if (!member || (await files.open(path))) return;
  await writeWhole(
    files,
    async (writer) => {
      for await (const piece of archive.stream(member)) writer.write(piece);
    },
    (unfinished) => files.move(unfinished, path),
  );
}
