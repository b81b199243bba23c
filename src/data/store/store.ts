/**
 * All that is kept, in one place: files, blobs, and the database that names them. In: a file system and an open database. Out: a Store, and
 * the sweeping of what neither a row nor running work refers to.
 */
import { type Blobs, openBlobs } from "./blobs";
import type { Database } from "./database";
import type { FileStore } from "./fileStore";
import { type SavedRun, noteRuns } from "./runs";
import { SHARDS, forgetShards } from "./shards";

export interface Store {
  readonly files: FileStore;
  readonly blobs: Blobs;
  readonly database: Database;
  /** The runs that the train worker has saved; absent where there is none. */
  readonly savedRuns?: () => Promise<SavedRun[]>;
}

export const openStore = (files: FileStore, database: Database, savedRuns?: () => Promise<SavedRun[]>): Store => ({
  files, blobs: openBlobs(files), database, ...(savedRuns ? { savedRuns } : {}),
});

/** Brings the list of runs up to date. */
export async function noteSavedRuns({ files, database, savedRuns }: Store): Promise<void> {
  if (savedRuns) await noteRuns(database, files, await savedRuns());
}

/** Blobs that rows name, with their sizes. */
export function referencedBlobs(database: Database): ReadonlyMap<string, number> {
  const rows = database.all("SELECT blob, bytes FROM chunks UNION SELECT blob, bytes FROM pins");
  return new Map(rows.map(({ blob, bytes }) => [String(blob), Number(bytes)]));
}

/** Removes shards of content that is gone and that no run needs, blobs that nothing names, and what crashed sessions left behind. A newer database knows better. */
export async function tidyStore(store: Store): Promise<void> {
  const { files, blobs, database } = store;
  if (database.refusal) return;
  await noteSavedRuns(store);
  forgetShards(database);
  await files.exclusively(async () => {
    const listed = new Set(database.all("SELECT path FROM shards UNION SELECT shard FROM runs").map(({ path }) => path));
    const paths = (await files.list(SHARDS)).map((name) => `${SHARDS}/${name}`);
    // A shard that a run has open stays until the next time.
    for (const path of paths) if (!listed.has(path)) await files.remove(path).catch(() => undefined);
  });
  await blobs.tidy(() => referencedBlobs(database));
}
