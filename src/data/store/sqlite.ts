/**
 * SQLite as WebAssembly, loaded once in a worker. In: nothing. Out: the library, without the file systems that Descent does not use (one of
 * them would start a worker of its own) and without its own log: what goes wrong is thrown, and told by whoever asked.
 */
import initSqlite, { type Sqlite3Static } from "@sqlite.org/sqlite-wasm";

const quiet = (): void => undefined;

let loading: Promise<Sqlite3Static> | undefined;

export function loadSqlite(): Promise<Sqlite3Static> {
  const disable = { vfs: { opfs: true, "opfs-vfs": true, "opfs-wl": true, kvvfs: true } };
  Object.assign(globalThis, { sqlite3ApiConfig: { disable, warn: quiet, error: quiet, debug: quiet, log: quiet } });
  return (loading ??= initSqlite());
}
