/**
 * The database in the origin's private file system. In: a folder. Out: an open Database whose commits are on the disk when they return. Its
 * files are held by this worker alone (SQLite's SyncAccessHandle pool); a worker that holds them already is asked to let go. A ballast
 * file beside it is given up when a commit finds no room, so that what a person just did can still be saved on a full disk.
 * Source: https://sqlite.org/wasm/doc/trunk/persistence.md#vfs-opfs-sahpool
 */
import type { SAHPoolUtil } from "@sqlite.org/sqlite-wasm";
import { type Failure, FailureError } from "../../settings/failure";
import { type Database, wrapDatabase } from "./database";
import { openHandle } from "./opfs";
import { loadSqlite } from "./sqlite";

const ROOT = "descent";
const FOLDER = `${ROOT}/database`;
const FILE = "/descent.sqlite3";
/** A database, its journal, and room for what SQLite may want besides. */
const POOL_FILES = 6;
const BALLAST_BYTES = 16 * 2 ** 20;

/** A worker that ended lets go within some tens of milliseconds; after this long a living one has to be asked. */
const PATIENCE_MS = 400;
const GIVE_UP_MS = 8000;
const RETRY_MS = 40;

/** On this channel a worker that needs the database asks the one that has it. */
const CHANNEL = "descent-database";

export interface OpfsDatabase extends Database {
  /** Resolves when another worker has asked for the database and got it; from then on nothing here works. */
  readonly lost: Promise<void>;
}

export async function openOpfsDatabase(): Promise<OpfsDatabase> {
  const sqlite3 = await loadSqlite();
  const pool = await acquirePool(() =>
    // Without `preserve…` a pool that another worker holds would be deleted.
    sqlite3.installOpfsSAHPoolVfs({ name: "descent", directory: FOLDER, initialCapacity: POOL_FILES, preserveOnInitFailure: true, ...RETRY }),
  );
  const ballast = await openBallast();
  const sqlite = new pool.OpfsSAHPoolDb(FILE);
  // A lock that is kept needs no file; a truncated journal is on the disk before the database changes.
  sqlite.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
  const database = wrapDatabase(sqlite, { makeRoom: () => ballast.drop() });

  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    database.close();
    pool.pauseVfs();
    ballast.close();
  };
  const channel = new BroadcastChannel(CHANNEL);
  const lost = new Promise<void>((resolve) => {
    channel.addEventListener("message", () => {
      close();
      resolve();
    });
  });
  const guarded = <T>(ask: () => T): T => {
    if (isClosed) throw new FailureError(TAKEN);
    return ask();
  };
  return {
    refusal: database.refusal,
    all: (sql, ...values) => guarded(() => database.all(sql, ...values)),
    run: (sql, ...values) => guarded(() => database.run(sql, ...values)),
    write: (task) => guarded(() => database.write(task)),
    bytes: () => guarded(database.bytes),
    lost,
    close() {
      close();
      channel.close();
    },
  };
}

/** Asking again after a failure is an option that the package's types do not know yet. */
const RETRY = { forceReinitIfPreviouslyFailed: true };

async function acquirePool(install: () => Promise<SAHPoolUtil>): Promise<SAHPoolUtil> {
  const began = performance.now();
  let channel: BroadcastChannel | undefined;
  try {
    for (;;) {
      try {
        return await install();
      } catch (error) {
        const waited = performance.now() - began;
        if (!isHeld(error)) throw error;
        if (waited > GIVE_UP_MS) throw heldElsewhere(error);
        if (waited > PATIENCE_MS) (channel ??= new BroadcastChannel(CHANNEL)).postMessage("release");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  } finally {
    channel?.close();
  }
}

const isHeld = (error: unknown): boolean => error instanceof DOMException && (error.name === "NoModificationAllowedError" || error.name === "InvalidStateError");

interface Ballast {
  /** False when it was given up already. */
  drop(): boolean;
  close(): void;
}

/** On a disk that is full already there is none. */
async function openBallast(): Promise<Ballast> {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create: true });
  const handle = await openHandle(await root.getFileHandle("ballast", { create: true }), "readwrite");
  try {
    if (handle.getSize() < BALLAST_BYTES) handle.truncate(BALLAST_BYTES);
  } catch {
    handle.truncate(0);
  }
  return {
    drop() {
      if (handle.getSize() === 0) return false;
      handle.truncate(0);
      handle.flush();
      return true;
    },
    close: () => handle.close(),
  };
}

const TAKEN: Failure = {
  kind: "busy",
  message: "Another tab of Descent has taken over; nothing is read or stored here any more.",
  hint: "Go on in the other tab, or reload this page to take over again.",
  where: "database",
};

function heldElsewhere(cause: unknown): FailureError {
  return new FailureError(
    {
      kind: "busy",
      message: "Another tab of Descent holds the database and does not let go; it may hang.",
      hint: "Close the other tabs of Descent, or the browser if none is to be seen, and reload this page.",
      where: "database",
    },
    cause,
  );
}
