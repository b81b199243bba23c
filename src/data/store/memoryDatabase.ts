/** A database in memory, for tests and for browsers without private files. In: nothing. Out: one that is gone with its worker. */
import type { Database as Sqlite } from "@sqlite.org/sqlite-wasm";
import { type Database, type DatabaseOptions, wrapDatabase } from "./database";
import { loadSqlite } from "./sqlite";

export async function openMemoryDatabase(options: DatabaseOptions = {}): Promise<Database> {
  return wrapDatabase(await openMemorySqlite(), options);
}

export async function openMemorySqlite(): Promise<Sqlite> {
  const sqlite3 = await loadSqlite();
  return new sqlite3.oo1.DB(":memory:", "c");
}
