/**
 * The database of the data floor. In: an open SQLite database. Out: queries, and transactions that are made whole or not at all; its
 * tables are brought to the newest version when it is opened. One that a newer Descent made is read and never written.
 */
import type { Database as Sqlite } from "@sqlite.org/sqlite-wasm";
import { type Failure, FailureError } from "../../settings/failure";
import { MIGRATIONS } from "./schema";

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, unknown>>;

export interface Database {
  /** Why nothing can be written, where nothing can be. */
  readonly refusal: Failure | undefined;
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[];
  /** One statement; outside `write` it is a transaction of its own. */
  run(sql: string, ...values: readonly SqlValue[]): void;
  /** What `task` writes is made at once when it returns, and not at all when it throws. It does not wait for anything. */
  write<T>(task: () => T): T;
  bytes(): number;
  close(): void;
}

export interface DatabaseOptions {
  /** Tests open older and newer ones. */
  readonly migrations?: readonly string[];
  /** Called when there is no room for a commit; true: some was made, try again. */
  readonly makeRoom?: () => boolean;
}

const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
/** Of an I/O error: not told, write, sync, truncate. */
const REFUSED_WRITES: readonly number[] = [0, 3, 4, 6];

export function wrapDatabase(sqlite: Sqlite, { migrations = MIGRATIONS, makeRoom = () => false }: DatabaseOptions = {}): Database {
  assertWhole(sqlite);
  sqlite.exec("PRAGMA foreign_keys = ON");
  const found = versionOf(sqlite);
  const refusal = found > migrations.length ? newerDatabase(found, migrations.length) : undefined;
  if (refusal) sqlite.exec("PRAGMA query_only = ON");
  let depth = 0;

  /** One try, and after room was made another. */
  const commit = <T>(task: () => T): T => {
    if (refusal) throw new FailureError(refusal);
    try {
      return transact(sqlite, task);
    } catch (error) {
      if (!isFull(error)) throw error;
      if (makeRoom()) return transact(sqlite, task);
      throw new DOMException("The database has no room to grow.", "QuotaExceededError");
    }
  };

  const write = <T>(task: () => T): T => {
    if (depth > 0) return task();
    return commit(() => {
      depth++;
      try {
        return task();
      } finally {
        depth--;
      }
    });
  };

  const run = (sql: string, ...values: readonly SqlValue[]): void => write(() => void sqlite.exec({ sql, bind: [...values] }));

  if (!refusal) migrate(sqlite, migrations, found, commit);
  return {
    refusal, run, write,
    all: (sql, ...values) => sqlite.selectObjects(sql, values.length > 0 ? [...values] : undefined),
    bytes: () => Number(sqlite.selectValue("PRAGMA page_count")) * Number(sqlite.selectValue("PRAGMA page_size")),
    close: () => sqlite.close(),
  };
}

/** Rows are few, so looking at all of them takes milliseconds; a damaged database is left as it is, and so are the files that it names. */
function assertWhole(sqlite: Sqlite): void {
  let found: unknown;
  try {
    found = sqlite.selectValue("PRAGMA integrity_check(1)");
  } catch (error) {
    found = error instanceof Error ? error.message : error;
  }
  if (found === "ok") return;
  throw new FailureError({
    kind: "storage",
    message: `The database of Descent is damaged (${String(found)}). Nothing was changed.`,
    hint: "Reload the page. If it happens again, remove this site's data in the browser's settings and restore your last backup.",
    where: "database",
  });
}

/** Not the library's `transaction`: on a full disk SQLite rolls back by itself, and that one then fails at rolling back again. */
function transact<T>(sqlite: Sqlite, task: () => T): T {
  sqlite.exec("BEGIN IMMEDIATE");
  try {
    const result = task();
    sqlite.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      sqlite.exec("ROLLBACK");
    } catch {
      // It was rolled back already; the first error is the one to tell.
    }
    throw error;
  }
}

const versionOf = (sqlite: Sqlite): number => Number(sqlite.selectValue("PRAGMA user_version"));

function migrate(sqlite: Sqlite, migrations: readonly string[], from: number, commit: (task: () => void) => void): void {
  for (let version = from; version < migrations.length; version++) {
    commit(() => {
      sqlite.exec(migrations[version]!);
      sqlite.exec(`PRAGMA user_version = ${version + 1}`);
    });
  }
}

/**
 * SQLite knows a full disk as FULL where the file could not grow, and as an I/O error of writing, syncing or truncating where that was refused.
 * Source: https://sqlite.org/rescode.html (extended codes: the high byte says what was tried)
 */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error) || !("resultCode" in error)) return false;
  const code = Number(error.resultCode);
  const [primary, tried] = [code & 0xff, code >> 8];
  return primary === SQLITE_FULL || (primary === SQLITE_IOERR && REFUSED_WRITES.includes(tried));
}

function newerDatabase(found: number, known: number): Failure {
  return {
    kind: "storage",
    message: `What is stored here was made by a newer Descent (its database has version ${found}, this one knows up to ${known}). It can be looked at and is left as it is.`,
    hint: "Reload the page to get the newest Descent.",
    where: "database",
  };
}
