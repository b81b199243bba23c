/**
 * How the rows of one dataset are looked at: version, search, filters, sort. In: what the person asks. Out: a store with the
 * question and the worker's answer, and the windows on its rows. A newer question calls off the one before. It outlives the
 * tab, so that an export can take the rows that were found.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { DatasetSummary, Failure, Filter, ImportCalls, Result, SearchQuery, TableCalls, ViewInfo, ViewQuery } from "../../worker/protocol";
import { columnsOf, refreshDatasets } from "./datasets";
import { formatCount } from "./format";
import { RowWindows } from "./rowWindows";
import { settle } from "./settle";
import { report, type Studio } from "./studio";
import { LatestWork } from "./work";

export interface TableState {
  readonly version: "original" | "cleaned";
  readonly search: SearchQuery;
  readonly filters: readonly Filter[];
  readonly sort: ViewQuery["sort"];
  readonly status: "new" | "opening" | "open" | "failed";
  /** The version that `view` and `windows` are of; null before there are any. */
  readonly shows: "original" | "cleaned" | null;
  /** The newest answer; it stays in sight while another is on its way. */
  readonly view: ViewInfo | null;
  /** The question that `view` answers, which may be older than the one above. */
  readonly answered: ViewQuery | null;
  readonly windows: RowWindows | null;
  readonly failure: Failure | null;
  /** Widths in px that the person chose, by column. */
  readonly widths: ReadonlyMap<string, number>;
}

export const NO_SEARCH: SearchQuery = { text: "", mode: "plain", matchCase: false, columns: [] };
const NEW: TableState = { version: "original", search: NO_SEARCH, filters: [], sort: null, status: "new", shows: null, view: null, answered: null, windows: null, failure: null, widths: new Map<string, number>() };

export interface TableView {
  readonly dataset: string;
  readonly store: StoreApi<TableState>;
  readonly work: LatestWork;
}

type Calls = Pick<TableCalls, "openView" | "readRows"> & Pick<ImportCalls, "cancelWork">;

/** One per dataset; the worker keeps one view of each as well. */
export class TableViews {
  readonly #data: Calls;
  readonly #views = new Map<string, TableView>();

  constructor(data: Calls) {
    this.#data = data;
  }

  of(dataset: string): TableView {
    const known = this.#views.get(dataset);
    if (known) return known;
    const view: TableView = { dataset, store: createStore(() => NEW), work: new LatestWork(this.#data) };
    this.#views.set(dataset, view);
    return view;
  }

  /** Forgets the rows, which have changed; what was asked stays. */
  forget(dataset: string): void {
    const view = this.#views.get(dataset);
    if (!view) return;
    view.work.cancel();
    view.store.setState({ status: "new" });
  }
}

export const queryOf = ({ search, filters, sort }: Pick<TableState, "search" | "filters" | "sort">): ViewQuery => ({ search: search.text === "" ? null : search, filters, sort });

/** True where the view leaves rows out. */
export const isFiltered = ({ search, filters }: Pick<TableState, "search" | "filters">): boolean => search.text !== "" || filters.length > 0;

const datasetOf = ({ session }: Studio, id: string): DatasetSummary | undefined => session.getState().datasets.find((dataset) => dataset.id === id);

/** Asks the worker for the rows as they are wanted now. */
export async function openTable(studio: Studio, table: TableView): Promise<void> {
  const { data } = studio.connection;
  // Where the recipe was taken away meanwhile, there is only one version left to look at.
  if (datasetOf(studio, table.dataset)?.cleaned !== true) table.store.setState({ version: "original" });
  const asked = table.store.getState();
  table.store.setState({ status: "opening" });
  const answer = await table.work.run((work) => data.openView(table.dataset, asked.version, queryOf(asked), work));
  if (!answer) return;
  if (!answer.ok) return table.store.setState({ status: "failed", failure: answer.failure });
  // A sample is read, and its columns found, when it is first opened, which this may have been.
  if (datasetOf(studio, table.dataset)?.columns === undefined) await refreshDatasets(studio);
  const { view, rows } = answer.value;
  const dataset = datasetOf(studio, table.dataset);
  const columns = (dataset ? columnsOf(dataset, asked.version) : []).map(({ name }) => name);
  const before = table.store.getState().windows;
  const windows = new RowWindows((from, count, names) => data.readRows(view, from, count, names), rows, columns);
  // The rows that are in sight change in one stroke.
  if (before?.sight) await windows.fill(before.sight);
  if (table.store.getState().status !== "opening") return windows.close();
  before?.close();
  table.store.setState({ status: "open", failure: null, shows: asked.version, view: answer.value, answered: queryOf(asked), windows });
}

/** Changes the question; whoever shows the table asks it. */
export function askTable({ store }: TableView, part: Partial<Pick<TableState, "version" | "search" | "filters" | "sort">>): void {
  store.setState({ ...part, status: "new" });
}

/** Ascending, descending, as it was. */
export function toggleSort(table: TableView, column: string): void {
  const { sort } = table.store.getState();
  if (sort?.column !== column) askTable(table, { sort: { column, direction: "ascending" } });
  else askTable(table, { sort: sort.direction === "ascending" ? { column, direction: "descending" } : null });
}

export const NARROWEST = 56;
export const WIDEST = 1600;

export function setWidth({ store }: TableView, column: string, width: number): void {
  store.setState(({ widths }) => ({ widths: new Map(widths).set(column, Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)))) }));
}

/** Sets a cell, or adds a row where `row` is their number. True when it is kept. */
export async function editCell(studio: Studio, dataset: string, row: number, column: string, text: string): Promise<boolean> {
  const answer: Result<DatasetSummary> = await settle(studio.connection.data.editCell(dataset, row, column, text));
  if (!answer.ok) {
    report(studio, answer.failure);
    return false;
  }
  const { datasets } = studio.session.getState();
  studio.session.setState({ datasets: datasets.map((one) => (one.id === dataset ? answer.value : one)) });
  studio.previewer.forget(dataset);
  studio.columnFacts.forget(dataset);
  studio.tables.forget(dataset);
  return true;
}

/** "1,204 of 100,000 rows · 38 ms": of the newest answer, never of a question that is still open. */
export function foundText({ status, view, answered }: Pick<TableState, "status" | "view" | "answered">): string {
  if (!view || status === "failed") return "";
  if (answered && (answered.search !== null || answered.filters.length > 0)) return `${formatCount(view.rows)} of ${formatCount(view.of)} rows · ${Math.max(1, Math.round(view.milliseconds))} ms`;
  return view.of === 1 ? "1 row" : `${formatCount(view.of)} rows`;
}

/** "length of text between 10 and 80", for the chips. */
export function filterText(filter: Filter): string {
  switch (filter.is) {
    case "missing":
    case "present":
      return `${filter.column} is ${filter.is}`;
    case "one of":
      return `${filter.column} is ${filter.values.map((value) => `“${value}”`).join(" or ")}`;
    case "between":
      return `${filter.column} ${rangeText(filter.from, filter.to)}`;
    case "length between":
      return `length of ${filter.column} ${rangeText(filter.from, filter.to)}`;
    default:
      return filter satisfies never;
  }
}

function rangeText(from: number | null, to: number | null): string {
  if (from !== null && to !== null) return `from ${from} to ${to}`;
  if (from !== null) return `at least ${from}`;
  return to === null ? "any" : `at most ${to}`;
}
