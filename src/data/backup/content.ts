/**
 * What a backup says of itself, and the rows of a database as plain data. In: a database. Out: JSON of every row, with the version of the
 * tables; from it, a database in memory that was brought to the newest version, whatever version it was saved with.
 */
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import { type Database, wrapDatabase } from "../store/database";
import { openMemorySqlite } from "../store/memoryDatabase";
import { MIGRATIONS } from "../store/schema";

export const BACKUP_VERSION = 1;
/** Its last member: what is in it, each with the hash of its bytes; its own hash is its name. */
export const manifestName = (sha256: string): string => `manifest.${sha256}.json`;
export const ROWS = "rows.json";

export const manifestSchema = z.object({
  format: z.literal("descent-backup"),
  version: z.int().min(1),
  createdAt: z.number(),
  members: z.array(z.object({ name: z.string(), bytes: z.int().min(0), sha256: z.string() })),
});

export type BackupManifest = z.infer<typeof manifestSchema>;

const rowsSchema = z.object({
  version: z.int().min(1),
  tables: z.array(z.object({ name: z.string().regex(/^[a-z_]+$/), columns: z.array(z.string().regex(/^[a-z_]+$/)), rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))) })),
});

/** All tables, those first that others refer to (in the order they were made). */
export function saveRows(database: Database): string {
  const [{ user_version: version } = {}] = database.all("PRAGMA user_version");
  const names = database.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid").map(({ name }) => String(name));
  const tables = names.map((name) => {
    const columns = database.all(`PRAGMA table_info(${name})`).map((column) => String(column["name"]));
    return { name, columns, rows: database.all(`SELECT * FROM ${name}`).map((row) => columns.map((column) => row[column])) };
  });
  return JSON.stringify({ version, tables });
}

/** `name` is that of the backup. */
export async function openSavedRows(json: string, name: string): Promise<Database> {
  const { version, tables } = rowsSchema.parse(JSON.parse(json));
  if (version > MIGRATIONS.length) throw newerBackup(name);
  const sqlite = await openMemorySqlite();
  const saved = wrapDatabase(sqlite, { migrations: MIGRATIONS.slice(0, version) });
  saved.write(() => {
    for (const { name: table, columns, rows } of tables) {
      const sql = `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
      for (const row of rows) saved.run(sql, ...row);
    }
  });
  return wrapDatabase(sqlite);
}

export function newerBackup(name: string): FailureError {
  return new FailureError({
    kind: "bad-file",
    message: `${name} was made by a newer Descent; this one cannot read all of it. Nothing was restored.`,
    hint: "Reload the page to get the newest Descent, and restore it there.",
    where: name,
  });
}
