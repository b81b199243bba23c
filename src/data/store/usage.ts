/**
 * What takes room here. In: a store. Out: its parts, the biggest first, and the sentence that names three of them when there is no room
 * left. A blob that two datasets share is counted with both: removing one of them frees nothing of it.
 */
import { FailureError } from "../../settings/failure";
import type { StorageReport } from "../types/storage";
import type { Database } from "./database";
import { readRuns } from "./runs";

type Item = StorageReport["items"][number];

export function listUsage(database: Database): Item[] {
  const datasets = database.all(`
    SELECT d.id AS id, d.name AS name, (SELECT coalesce(sum(bytes), 0) FROM (SELECT DISTINCT c.blob, c.bytes FROM versions v JOIN chunks c ON c.version = v.id WHERE v.dataset = d.id)) AS bytes
    FROM datasets d`);
  const tokens = database.all(`
    SELECT s.path AS id, coalesce(min(d.name), 'a saved run') AS name, s.bytes AS bytes
    FROM shards s LEFT JOIN versions v ON v.hash = json_extract(s.versions, '$[0]') LEFT JOIN datasets d ON d.id = v.dataset GROUP BY s.path`);
  const tokenizers = database.all("SELECT id, name, length(CAST(content AS BLOB)) AS bytes FROM tokenizers");
  const read = (kind: Item["kind"], words: (name: string) => string) => (row: Readonly<Record<string, unknown>>): Item => ({
    id: String(row["id"]), kind, name: words(String(row["name"])), bytes: Number(row["bytes"]),
  });
  const items = [
    ...datasets.map(read("dataset", (name) => name)),
    ...tokens.map(read("tokens", (name) => `Tokens of ${name}`)),
    ...tokenizers.map(read("tokenizer", (name) => name)),
    ...readRuns(database).map(({ id, name, bytes }): Item => ({ id, kind: "run", name: `Run ${name}`, bytes })),
    { id: "database", kind: "other", name: "The database", bytes: database.bytes() } as const,
  ];
  return items.sort((a, b) => b.bytes - a.bytes);
}

const inWords = (bytes: number): string =>
  bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toLocaleString("en", { maximumFractionDigits: bytes < 1e7 ? 1 : 0 })} MB`;

/** `doing` completes "… failed". */
export function noRoom(doing: string, where: string, database: Database, cause?: unknown): FailureError {
  const biggest = listUsage(database).filter(({ kind }) => kind !== "other").slice(0, 3);
  const named = biggest.map(({ name, bytes }) => `${name} (${inWords(bytes)})`).join(", ");
  return new FailureError(
    {
      kind: "storage",
      message: `${doing} failed: the browser has no room left for this site.${named ? ` The biggest here: ${named}.` : ""} Nothing that was stored is lost.`,
      hint: "Remove a dataset or an old run, or free disk space, and try again.",
      where,
    },
    cause,
  );
}

/** Whether it is a full disk that made this fail. */
export function isQuota(error: unknown): boolean {
  const cause = error instanceof FailureError ? error.cause : error;
  return cause instanceof DOMException && cause.name === "QuotaExceededError";
}
