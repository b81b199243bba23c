/**
 * The rows of a backup beside the rows that are here. In: both databases, and the runs whose files have come. Out: rows copied, within the
 * caller's transaction; one sentence about whatever was left aside.
 */
import { z } from "zod";
import { findDataset, findVersion, readDatasets } from "../datasets/rows";
import type { Database, SqlValue } from "../store/database";
import type { RestoreSummary } from "../types/storage";

export function mergeRows(to: Database, from: Database, runs: readonly string[]): RestoreSummary {
  const ids = new Map<string, string>();
  const copied: string[] = [];
  const notes: string[] = [];
  for (const { id, name, origin } of readDatasets(from)) {
    const isHere = findDataset(to, id) !== undefined;
    if (isHere && (origin === "sample" || origin === "task" || isSame(to, from, id))) {
      ids.set(id, id);
      continue;
    }
    const given = freeOf(id, (other) => findDataset(to, other) !== undefined);
    ids.set(id, given);
    copyDataset(to, from, id, given, freeName(to, "datasets", name));
    copied.push(given);
  }
  mapMixes(to, copied, ids);
  copyRows(to, from, "pins", "");
  const recipes = copyNamed(to, from, "recipes", ["steps"]);
  const tokenizers = copyNamed(to, from, "tokenizers", ["content"]);
  for (const id of runs) copyRows(to, from, "runs", "WHERE id = ?", [id]);
  copyRows(to, from, "shards", "WHERE path IN (SELECT shard FROM runs)");
  if (recipes > 0) notes.push(`${recipes} saved ${recipes === 1 ? "recipe" : "recipes"} came back.`);
  return { datasets: copied.length, runs: runs.length, tokenizers, notes };
}

/** The same rows, and cleaned in the same way; of a mix, the same parts. */
function isSame(to: Database, from: Database, id: string): boolean {
  const partsIn = (database: Database): unknown => database.all("SELECT parts FROM mixes WHERE dataset = ?", id)[0]?.["parts"];
  return partsIn(to) === partsIn(from) && (["original", "cleaned"] as const).every((kind) => findVersion(to, id, kind)?.hash === findVersion(from, id, kind)?.hash);
}

function copyDataset(to: Database, from: Database, id: string, given: string, name: string): void {
  copyRows(to, from, "datasets", "WHERE id = ?", [id], { id: given, name, place: null });
  for (const table of ["notes", "drafts", "splits", "mixes"]) copyRows(to, from, table, "WHERE dataset = ?", [id], { dataset: given });
  for (const kind of ["original", "cleaned"] as const) {
    const old = findVersion(from, id, kind);
    if (!old) continue;
    copyRows(to, from, "versions", "WHERE id = ?", [old.id], { id: null, dataset: given });
    const version = findVersion(to, given, kind)!.id;
    for (const table of ["columns", "chunks", "edits"]) copyRows(to, from, table, "WHERE version = ?", [old.id], { version });
  }
}

/** Rows that are here under the same key stay. */
function copyRows(to: Database, from: Database, table: string, where: string, values: readonly SqlValue[] = [], changes: Readonly<Record<string, SqlValue>> = {}): void {
  for (const row of from.all(`SELECT * FROM ${table} ${where}`, ...values)) {
    const entries = Object.entries({ ...row, ...changes });
    const sql = `INSERT OR IGNORE INTO ${table} (${entries.map(([column]) => column).join(", ")}) VALUES (${entries.map(() => "?").join(", ")})`;
    to.run(sql, ...entries.map(([, value]) => value as SqlValue));
  }
}

/** Things with an id and a name, told apart by some columns. Returns how many came. */
function copyNamed(to: Database, from: Database, table: string, content: readonly string[]): number {
  let count = 0;
  for (const row of from.all(`SELECT * FROM ${table}`)) {
    const id = String(row["id"]);
    const [here] = to.all(`SELECT * FROM ${table} WHERE id = ?`, id);
    if (here && content.every((column) => here[column] === row[column])) continue;
    const given = freeOf(id, (other) => to.all(`SELECT id FROM ${table} WHERE id = ?`, other).length > 0);
    copyRows(to, from, table, "WHERE id = ?", [id], { id: given, name: freeName(to, table, String(row["name"])) });
    count++;
  }
  return count;
}

function freeOf(wanted: string, isTaken: (other: string) => boolean): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? wanted : `${wanted}-${number}`;
    if (!isTaken(free)) return free;
  }
}

function freeName(to: Database, table: string, name: string): string {
  const isTaken = (other: string): boolean => to.all(`SELECT name FROM ${table} WHERE name = ?`, other).length > 0;
  return isTaken(name) ? freeOf(`${name} (restored)`, isTaken) : name;
}

const partsSchema = z.array(z.looseObject({ dataset: z.string() }));

/** A mix that came back names its parts; those that came back under another id are named so. */
function mapMixes(to: Database, copied: readonly string[], ids: ReadonlyMap<string, string>): void {
  for (const id of copied) {
    const [mix] = to.all("SELECT parts FROM mixes WHERE dataset = ?", id);
    if (!mix) continue;
    const parts = partsSchema.parse(JSON.parse(String(mix["parts"]))).map((part) => ({ ...part, dataset: ids.get(part.dataset) ?? part.dataset }));
    to.run("UPDATE mixes SET parts = ? WHERE dataset = ?", JSON.stringify(parts), id);
  }
}
