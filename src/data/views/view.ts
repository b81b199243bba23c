/**
 * A view of a table: which rows, in which order. In: a table (one that remembers its columns is fast) and a query. Out: row numbers.
 * Only the columns that the query names are read, in one scan: cheap tests first, then the search, then the sort.
 */
import { indexOfColumn, type Table } from "../table/table";
import type { ViewQuery } from "../types/analysis";
import type { Cell } from "../types/table";
import { searchTest, testOf, type CellTest } from "./filter";
import { sortRows } from "./sort";

interface Plan {
  /** Columns read, by index in the table; the tests below name them by their place in this list. */
  readonly columns: readonly number[];
  readonly filters: readonly { readonly at: number; readonly test: CellTest }[];
  readonly search: { readonly at: readonly number[]; readonly test: CellTest } | null;
  readonly sortAt: number;
}

export async function openView(table: Table, query: ViewQuery, breathe: () => Promise<void> | undefined): Promise<Uint32Array> {
  const plan = planView(table, query);
  if (plan.columns.length === 0) return Uint32Array.from({ length: table.rows }, (_, row) => row);
  const rows = new Uint32Array(table.rows);
  const keys: Cell[] = [];
  let found = 0;
  for await (const batch of table.scan({ columns: plan.columns })) {
    for (let index = 0; index < batch.rows; index++) {
      if ((index & 63) === 0) await breathe();
      if (!isWanted(plan, batch.columns, index)) continue;
      rows[found++] = batch.firstRow + index;
      if (plan.sortAt >= 0) keys.push(batch.columns[plan.sortAt]![index]);
    }
  }
  const wanted = rows.slice(0, found);
  if (!query.sort) return wanted;
  return sortRows(wanted, keys, table.columns[plan.columns[plan.sortAt]!]!, query.sort.direction, breathe);
}

function planView(table: Table, { search, filters, sort }: ViewQuery): Plan {
  const test = search && searchTest(search);
  const searched = !test || !search ? [] : search.columns.length > 0 ? search.columns.map((name) => indexOfColumn(table, name)) : table.columns.map((_, index) => index);
  const filtered = filters.map((filter) => indexOfColumn(table, filter.column));
  const sorted = sort ? [indexOfColumn(table, sort.column)] : [];
  const columns = [...new Set([...filtered, ...searched, ...sorted])];
  return {
    columns,
    filters: filters.map((filter, index) => ({ at: columns.indexOf(filtered[index]!), test: testOf(filter) })),
    search: test ? { at: searched.map((column) => columns.indexOf(column)), test } : null,
    sortAt: sorted.length > 0 ? columns.indexOf(sorted[0]!) : -1,
  };
}

function isWanted({ filters, search }: Plan, columns: readonly (readonly Cell[])[], index: number): boolean {
  for (const { at, test } of filters) if (!test(columns[at]![index])) return false;
  if (!search) return true;
  for (const at of search.at) if (search.test(columns[at]![index])) return true;
  return false;
}
