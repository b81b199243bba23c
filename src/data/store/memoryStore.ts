/** A store in memory, for tests: files with a fault on demand, and a database that lasts as long as they do. */
import type { Database } from "./database";
import { type MemoryStore, createMemoryStore } from "./memory";
import { openMemoryDatabase } from "./memoryDatabase";
import { type Store, openStore } from "./store";

export interface MemoryDisk {
  readonly files: MemoryStore;
  readonly database: Database;
  /** A session over the same files and rows, as after a reload: holds of the session before are gone. */
  open(): Store;
}

export async function createMemoryDisk(): Promise<MemoryDisk> {
  const files = createMemoryStore();
  const memory = await openMemoryDatabase();
  // A commit counts as a mutating call of the disk, so that a fault can hit it, too.
  const database: Database = {
    ...memory,
    write: (task) => (files.count(), memory.write(task)),
    run: (sql, ...values) => (files.count(), memory.run(sql, ...values)),
  };
  return { files, database, open: () => openStore(files, database) };
}
