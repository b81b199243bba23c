/**
 * How a dataset is divided, as it is stored. In: settings that name columns. Out: a part for each row of the original (cleaned rows keep
 * the part of the row they were made from), and a summary. Without settings there is no split: training holds out the end of the text.
 */
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import { type Assignment, PARTS, assignParts } from "../splitting/assign";
import type { SplitRows } from "../splitting/rows";
import { summarizeSplit } from "../splitting/summarize";
import type { Database } from "../store/database";
import type { Table } from "../table/table";
import type { SplitSettings, SplitSummary } from "../types/splitting";
import type { Cell } from "../types/table";
import type { Part } from "../cleaning/step";

const settingsSchema: z.ZodType<SplitSettings> = z.object({
  by: z.enum(["end", "random", "column", "time"]),
  validation: z.number(),
  test: z.number(),
  seed: z.number(),
  stratify: z.string().exactOptional(),
  group: z.string().exactOptional(),
  column: z.string().exactOptional(),
  folds: z.number().exactOptional(),
  fold: z.number().exactOptional(),
});

/** What is proposed where nothing was chosen. */
export const PROPOSED_SPLIT: SplitSettings = { by: "random", validation: 0.1, test: 0.1, seed: 1337 };

export function readSplit(database: Database, dataset: string): SplitSettings | undefined {
  const [row] = database.all("SELECT settings FROM splits WHERE dataset = ?", dataset);
  return row && settingsSchema.parse(JSON.parse(String(row["settings"])));
}

export function writeSplit(database: Database, dataset: string, settings: SplitSettings): void {
  database.run("INSERT INTO splits VALUES (?, ?) ON CONFLICT (dataset) DO UPDATE SET settings = excluded.settings", dataset, JSON.stringify(settingsSchema.parse(settings)));
}

export function removeSplit(database: Database, dataset: string): void {
  database.run("DELETE FROM splits WHERE dataset = ?", dataset);
}

/** `table` holds the original rows. */
export async function assignRows(table: Table, settings: SplitSettings): Promise<Assignment> {
  return assignParts(settings, await readSplitRows(table, settings));
}

export async function summarizeRows(table: Table, settings: SplitSettings): Promise<SplitSummary> {
  const rows = await readSplitRows(table, settings);
  const labels = rows.labels ?? (await readLabels(table));
  const { parts, notes } = assignParts(settings, rows);
  return summarizeSplit(settings, { parts, notes }, { ...rows, ...(labels ? { labels } : {}) });
}

export const partName = (part: number | undefined): Part => PARTS[part ?? 0] ?? "train";

async function readLabels(table: Table): Promise<readonly Cell[] | undefined> {
  const label = table.columns.find(({ role }) => role === "label");
  return label && readColumn(table, label.name);
}

async function readSplitRows(table: Table, { by, stratify, group, column }: SplitSettings): Promise<SplitRows> {
  const needed = by === "column" || by === "time" ? column : undefined;
  if ((by === "column" || by === "time") && !needed) {
    throw new FailureError({ kind: "bad-settings", message: `Split: no column is chosen that says the ${by === "time" ? "time" : "part"} of a row.`, hint: "Choose a column.", where: "split" });
  }
  const read = async (name: string | undefined): Promise<readonly Cell[] | undefined> => (name ? readColumn(table, name) : undefined);
  const isDrawn = by === "random";
  const [labels, groups, cells] = [await read(isDrawn ? stratify : undefined), await read(isDrawn ? group : undefined), await read(needed)];
  return { rows: table.rows, ...(labels ? { labels } : {}), ...(groups ? { groups } : {}), ...(cells ? { column: cells } : {}) };
}

async function readColumn(table: Table, name: string): Promise<readonly Cell[]> {
  const place = table.columns.findIndex((column) => column.name === name);
  if (place < 0) {
    throw new FailureError({ kind: "bad-settings", message: `Split: there is no column "${name}" any more.`, hint: "Choose another column, or split at random.", where: "split" });
  }
  const cells: Cell[] = [];
  for await (const batch of table.scan({ columns: [place] })) for (const cell of batch.columns[0]!) cells.push(cell);
  return cells;
}
