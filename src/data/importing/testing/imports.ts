/** For tests of imports: files as a person would bring them, and a writer that keeps all rows. */
import { FailureError, type Failure } from "../../../settings/failure";
import type { ParsedColumn } from "../../formats/format";
import { widenCells } from "../../table/widen";
import type { ImportRequest, ImportSource } from "../../types/importing";
import type { Cell, ColumnKind } from "../../types/table";
import { type ImportContext, type ImportWriter, type ImportedRows, importData } from "../importData";

export const fileOf = (content: string | Uint8Array, name: string, path?: string): ImportSource => ({
  kind: "file",
  file: new File([typeof content === "string" ? content : Uint8Array.from(content)], name),
  ...(path === undefined ? {} : { path }),
});

export interface KeptTable extends ImportWriter {
  names(): string[];
  kinds(): ColumnKind[];
  /** rows[row][column], cells as the columns are kept in the end. */
  table(): Cell[][];
  restarts(): number;
}

export function keepTable(): KeptTable {
  let columns: readonly ParsedColumn[] = [];
  let cells: Cell[][] = [];
  let rows = 0;
  let restarts = 0;
  return {
    columns(next) {
      cells = next.map(({ kind }, index) => [...(cells[index] ? widenCells(cells[index], columns[index]!.kind, kind) : new Array<Cell>(rows).fill(undefined))]);
      columns = next;
    },
    rows(given, count) {
      for (const [index, kept] of cells.entries()) for (let row = 0; row < count; row++) kept.push(given[index]?.[row]);
      rows += count;
    },
    restart() {
      [columns, cells, rows] = [[], [], 0];
      restarts++;
    },
    names: () => columns.map(({ name }) => name),
    kinds: () => columns.map(({ kind }) => kind),
    table: () => Array.from({ length: rows }, (_, row) => cells.map((column) => column[row])),
    restarts: () => restarts,
  };
}

export type Imported = ImportedRows & { readonly names: string[]; readonly kinds: ColumnKind[]; readonly table: Cell[][]; readonly roles: Record<string, string>; readonly restarts: number };

export async function importAll(sources: readonly ImportSource[], request: Partial<ImportRequest> = {}, context: ImportContext = {}): Promise<Imported> {
  const kept = keepTable();
  const imported = await importData({ sources, name: "test", onProblems: "keep", ...request }, kept, context);
  return { ...imported, names: kept.names(), kinds: kept.kinds(), table: kept.table(), restarts: kept.restarts(), roles: Object.fromEntries(imported.columns.map(({ name, role }) => [name, role])) };
}

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("It should have failed.");
}
