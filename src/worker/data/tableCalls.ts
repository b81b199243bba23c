/**
 * Looking into a dataset, as the page calls it. In: the datasets of one store. Out: TableCalls: views with their rows, statistics, reports.
 * The columns of the tables looked at last stay in memory, so that the next search or sort reads no file.
 */
import { balanceReport } from "../../data/analysis/balance";
import { columnStatistics } from "../../data/analysis/columnStatistics";
import { sourceShares } from "../../data/analysis/sourceShares";
import { vocabularyGrowth } from "../../data/analysis/vocabularyGrowth";
import { createBreath } from "../../data/breath";
import type { Datasets, OpenVersion } from "../../data/datasets";
import { findDuplicates } from "../../data/duplicates/report";
import { planRowText } from "../../data/preparing/rowText";
import { indexOfColumn, type Table } from "../../data/table/table";
import { type Cell, LONGEST_SHOWN } from "../../data/types/table";
import { rememberColumns } from "../../data/views/rememberColumns";
import { openView } from "../../data/views/view";
import { FailureError } from "../../settings/failure";
import { asResult } from "../failure";
import type { RowWindow, TableCalls } from "../protocol";
import { createTurns } from "./turns";
import { type Works, telling } from "./works";

const REMEMBERED_BYTES = 256 * 2 ** 20;
const VIEWS_KEPT = 4;

export interface View {
  readonly opened: OpenVersion;
  readonly rows: Uint32Array;
}

export interface Views {
  /** Throws a FailureError where it is not open any more. */
  viewOf(view: number): View;
}

export function createTableCalls(datasets: Datasets, works: Works): TableCalls & Views {
  const views = new Map<number, View>();
  let nextView = 1;
  const turns = createTurns();
  /** The version looked at last, with the columns that were read of it. */
  let looked: { readonly hash: string; readonly table: Table } | undefined;

  const remembering = ({ version, table }: OpenVersion): Table => {
    if (looked?.hash !== version.hash || looked.table.columns !== table.columns) looked = looked?.hash === version.hash ? { hash: version.hash, table: withColumns(looked.table, table) } : { hash: version.hash, table: rememberColumns(table, REMEMBERED_BYTES) };
    return looked.table;
  };
  const openTable = async (id: string): Promise<Table> => remembering(await datasets.open(id, "training"));
  const countingBreath = (signal: AbortSignal, what: string): ReturnType<typeof createBreath> => turns.afterSearches(createBreath(signal, what));
  const requireView = (view: number): View => {
    const found = views.get(view);
    if (found) return found;
    throw new FailureError({ kind: "bad-settings", message: "This view of the table is not open any more.", hint: "Search or sort again.", where: "table" });
  };

  return {
    viewOf: requireView,
    renameDataset: (id, name) => asResult(() => datasets.rename(id, name), id),
    describeColumns: (id, columns) => asResult(() => datasets.describeColumns(id, columns), id),
    openView: (id, version, query, work) =>
      works.run(work, id, async (signal) => {
        const began = performance.now();
        const opened = await datasets.open(id, version);
        const rows = await turns.search(() => openView(remembering(opened), query, createBreath(signal, "The search")));
        for (const [number, view] of views) if (view.opened.dataset.id === id || views.size >= VIEWS_KEPT) views.delete(number);
        views.set(nextView, { opened, rows });
        return { view: nextView++, rows: rows.length, of: opened.table.rows, milliseconds: performance.now() - began };
      }),
    readRows: (view, from, count, columns) => asResult(() => readWindow(requireView(view), from, count, columns), "table"),
    readCell: (view, row, column) =>
      asResult(async (): Promise<Cell> => {
        const { table } = requireView(view).opened;
        const { columns } = await table.readRows(row, 1, [indexOfColumn(table, column)]);
        return columns[0]?.[0];
      }, column),
    editCell: (id, row, column, text) => asResult(() => datasets.editCell(id, { row, column }, text), id),
    columnStatistics: (id, column, work) => works.run(work, column, async (signal) => columnStatistics(await openTable(id), column, countingBreath(signal, "The counting"))),
    vocabularyGrowth: (id, work) =>
      works.run(work, id, async (signal) => {
        const table = await openTable(id);
        return vocabularyGrowth(table, planRowText(table.columns).columns, countingBreath(signal, "The counting"));
      }),
    sourceShares: (id, work) =>
      works.run(work, id, async (signal) => {
        const table = await openTable(id);
        const source = table.columns.findIndex(({ role }) => role === "source");
        return source < 0 ? [] : sourceShares(table, source, planRowText(table.columns).columns, countingBreath(signal, "The counting"));
      }),
    findDuplicates: (id, work, onProgress) =>
      works.run(work, id, async (signal) => {
        const table = await openTable(id);
        const label = table.columns.findIndex(({ role }) => role === "label");
        const search = { columns: planRowText(table.columns).columns, breathe: countingBreath(signal, "The search for duplicates"), onProgress: telling(onProgress) };
        return findDuplicates(table, label < 0 ? search : { ...search, label });
      }),
    balance: (id, request, work) => works.run(work, id, async (signal) => balanceReport(await openTable(id), request, countingBreath(signal, "The counting"))),
  };
}

/** The same rows, read and remembered as before, described anew. */
const withColumns = (remembered: Table, { columns }: Table): Table => ({ ...remembered, columns, scan: (options) => remembered.scan(options) });

/** Rows of a window that lie near each other in the table are read together. */
async function readWindow({ opened: { table }, rows }: View, from: number, count: number, names: readonly string[]): Promise<RowWindow> {
  const columns = names.map((name) => indexOfColumn(table, name));
  const ids = [...rows.subarray(from, from + count)];
  const cells: Cell[][] = ids.map(() => []);
  const places = ids.map((id, place) => ({ id, place })).sort((a, b) => a.id - b.id);
  for (let first = 0; first < places.length; ) {
    let last = first;
    while (last + 1 < places.length && places[last + 1]!.id - places[last]!.id <= 16) last++;
    const start = places[first]!.id;
    const read = await table.readRows(start, places[last]!.id - start + 1, columns);
    for (const { id, place } of places.slice(first, last + 1)) cells[place] = read.columns.map((column) => shorten(column[id - start]));
    first = last + 1;
  }
  return { from, ids, cells };
}

/** Never in the middle of a character. */
function shorten(cell: Cell): Cell {
  if (typeof cell !== "string" || cell.length <= LONGEST_SHOWN) return cell;
  const splits = (cell.charCodeAt(LONGEST_SHOWN - 1) & 0xfc00) === 0xd800;
  return cell.slice(0, splits ? LONGEST_SHOWN - 1 : LONGEST_SHOWN);
}
