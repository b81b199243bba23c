/**
 * Saved runs as the store knows them. In: what their checkpoints tell. Out: rows, so that the storage report, a backup and the list of runs
 * know them without reading checkpoints. The files `runs/<id>/{A,B}.ckpt` belong to the train worker.
 */
import type { Database } from "./database";
import type { FileStore } from "./fileStore";

export const RUN_SLOTS = ["A.ckpt", "B.ckpt"] as const;

export interface SavedRun {
  readonly id: string;
  readonly name: string;
  readonly step: number;
  /** Its settings as JSON. */
  readonly settings: string;
  /** Path of its tokens. */
  readonly shard: string;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

export interface RunRow extends SavedRun {
  /** Of both slots. */
  readonly bytes: number;
}

export const pathsOfRun = (id: string): string[] => RUN_SLOTS.map((slot) => `runs/${id}/${slot}`);

/** Makes the list say what is on the disk: runs that are gone go, new ones come. */
export async function noteRuns(database: Database, files: FileStore, runs: readonly SavedRun[]): Promise<void> {
  if (database.refusal) return;
  const sizes = await Promise.all(runs.map(({ id }) => bytesOfRun(files, id)));
  database.write(() => {
    database.run("DELETE FROM runs");
    runs.forEach(({ id, name, step, settings, shard, updatedAt }, place) =>
      database.run("INSERT INTO runs (id, name, step, bytes, settings, shard, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)", id, name, step, sizes[place]!, settings, shard, updatedAt),
    );
  });
}

async function bytesOfRun(files: FileStore, id: string): Promise<number> {
  const sizes = await Promise.all(pathsOfRun(id).map(async (path) => (await files.open(path))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}

export const readRuns = (database: Database): RunRow[] =>
  database.all("SELECT * FROM runs ORDER BY updated_at DESC").map((row) => ({
    id: String(row["id"]), name: String(row["name"]), step: Number(row["step"]), bytes: Number(row["bytes"]),
    settings: String(row["settings"]), shard: String(row["shard"]), updatedAt: Number(row["updated_at"]),
  }));
