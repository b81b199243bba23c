/**
 * A stored dataset as something to export. In: which one, original or cleaned, perhaps only the rows of a view. Out: its table, the parts
 * of its split, and what the card of a dataset folder says about it.
 */
import { FailureError } from "../../settings/failure";
import { recipeSchema } from "../datasets/cleaned";
import { readNotes } from "../datasets/rows";
import { readRowNumbers } from "../datasets/rowNumbers";
import { assignRows, readSplit } from "../datasets/splits";
import type { Datasets, OpenVersion } from "../datasets";
import { findStep } from "../cleaning";
import { PARTS } from "../splitting/assign";
import { chooseRows } from "../table/chooseRows";
import type { ExportRequest } from "../types/importing";
import type { ExportPart, ExportSource } from "./source";

/** Rows that were found: their numbers mean something in this version only. */
export interface RowsOfView {
  readonly opened: OpenVersion;
  readonly rows: Uint32Array;
}

/** `view`: row numbers in that version, in the order to write them. */
export async function createExportSource(datasets: Datasets, { dataset: id, version }: Pick<ExportRequest, "dataset" | "version">, view: RowsOfView | undefined): Promise<ExportSource> {
  const opened = await datasets.open(id, version === "cleaned" ? "training" : "original");
  const { dataset, table } = opened;
  if (view && view.opened.version.hash !== opened.version.hash) throw rowsChanged(dataset.name);
  const { database } = await datasets.store();
  const parts = view ? [] : await partsOf(datasets, opened);
  return {
    name: dataset.name,
    table: view ? chooseRows(table, view.rows) : table,
    ...(parts.length > 0 ? { parts } : {}),
    about: {
      summary: dataset.summary,
      ...(dataset.source === undefined ? {} : { source: dataset.source }),
      cleaning: stepsOf(opened),
      notes: readNotes(database, id),
    },
  };
}

function rowsChanged(name: string): FailureError {
  return new FailureError({ kind: "bad-settings", message: `The rows of ${name} have changed since they were searched, so it is not known any more which ones were found.`, hint: "Look at the rows again, and export then.", where: name });
}

async function partsOf(datasets: Datasets, opened: OpenVersion): Promise<ExportPart[]> {
  const store = await datasets.store();
  const split = readSplit(store.database, opened.dataset.id);
  if (!split) return [];
  const { parts } = await assignRows((await datasets.open(opened.dataset.id, "original")).table, split);
  const numbers = await readRowNumbers(store, opened);
  const rows = Array.from({ length: opened.table.rows }, (_, row) => row);
  return PARTS.map((part, index) => ({ part, table: chooseRows(opened.table, Uint32Array.from(rows.filter((row) => parts[numbers?.[row] ?? row] === index))) }));
}

function stepsOf({ version }: OpenVersion): string[] {
  if (version.recipe === undefined) return [];
  return recipeSchema.parse(JSON.parse(version.recipe)).filter(({ on }) => on).map(({ step, settings }) => {
    const values = Object.entries(settings).map(([name, value]) => `${name} ${String(value)}`).join(", ");
    return `${findStep(step).label}${values ? ` (${values})` : ""}`;
  });
}
