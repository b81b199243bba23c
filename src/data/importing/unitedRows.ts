/**
 * The rows of several files as one table. In: for each file a sink that its format fills. Out: one writer that sees the union of the columns (those
 * that come later are added at the end, those that differ in kind become the wider one) without the columns left out, and with those that say
 * something about each row's file.
 */
import type { ParsedColumn, RowSink } from "../formats/format";
import { freeName } from "../formats/columnNames";
import { widenCells, widerKind } from "../table/widen";
import { type Cell, type Column, type ColumnKind, isMissing } from "../types/table";

/** Takes the rows; what the store's writer offers. */
export interface RowWriter {
  columns(columns: readonly ParsedColumn[]): void;
  rows(cells: readonly (readonly Cell[])[], count: number): Promise<void> | void;
}

/** A column of text that all rows of a file share a cell of. */
export interface FileColumn extends Pick<Column, "name" | "role">, Partial<Pick<Column, "type">> {
  cellOf(file: string): Cell;
}

export interface UnitedRows {
  /** The sink of one file; the one before is finished. */
  open(file: string, onProblem: RowSink["problem"]): RowSink;
  columns(): readonly ParsedColumn[];
  /** The columns about files, by the names they got. */
  fileColumns(): ReadonlyMap<string, FileColumn>;
  rows(): number;
}

interface UnitedColumn {
  readonly name: string;
  kind: ColumnKind;
  readonly type?: ParsedColumn["type"];
  /** Until a cell says something, the kind is free. */
  hasCells: boolean;
}

export function uniteRows(writer: RowWriter, options: { readonly fileColumns: readonly FileColumn[]; readonly isLeftOut: (column: string) => boolean }): UnitedRows {
  const { isLeftOut } = options;
  const united: UnitedColumn[] = [];
  const places = new Map<string, number>();
  let aboutFiles: ReadonlyMap<number, FileColumn> | undefined;
  let total = 0;

  const declare = (): void => writer.columns(united.map(({ name, kind, type }) => ({ name, kind, ...(type ? { type } : {}) })));

  const addColumn = (column: UnitedColumn): number => {
    places.set(column.name, united.length);
    return united.push(column) - 1;
  };

  const place = ({ name, kind, type }: ParsedColumn): number | undefined => {
    if (isLeftOut(name)) return undefined;
    const known = places.get(name);
    if (known === undefined) return addColumn({ name, kind, hasCells: false, ...(type ? { type } : {}) });
    const column = united[known]!;
    column.kind = column.hasCells ? widerKind(column.kind, kind) : kind;
    return known;
  };

  /** After the first file's columns, where people look for what is special about a row. */
  const placeFileColumns = (names: readonly string[]): ReadonlyMap<number, FileColumn> => {
    const taken = new Set(names);
    const placed = new Map<number, FileColumn>();
    for (const column of options.fileColumns) {
      const name = freeName(column.name, taken);
      taken.add(name);
      if (!isLeftOut(name)) placed.set(addColumn({ name, kind: "text", hasCells: true, ...(column.type ? { type: column.type } : {}) }), column);
    }
    return placed;
  };

  const open = (file: string, onProblem: RowSink["problem"]): RowSink => {
    let here: readonly ParsedColumn[] = [];
    let targets: readonly (number | undefined)[] = [];
    return {
      columns(columns) {
        here = columns;
        targets = columns.map(place);
        aboutFiles ??= placeFileColumns(columns.map(({ name }) => name));
        declare();
      },
      async rows(cells, count) {
        const given: (readonly Cell[])[] = united.map(() => []);
        for (const [index, target] of targets.entries()) {
          if (target === undefined) continue;
          const column = united[target]!;
          const kind = here[index]!.kind;
          const part = cells[index] ?? [];
          column.hasCells ||= kind !== column.kind || part.some((cell) => !isMissing(cell) || cell === "");
          given[target] = widenCells(part, kind, column.kind);
        }
        for (const [target, column] of aboutFiles ?? []) given[target] = new Array<Cell>(count).fill(column.cellOf(file));
        total += count;
        await writer.rows(given, count);
      },
      problem: onProblem,
    };
  };

  return {
    open,
    columns: () => united.map(({ name, kind, type }) => ({ name, kind, ...(type ? { type } : {}) })),
    fileColumns: () => new Map([...(aboutFiles ?? [])].map(([target, column]) => [united[target]!.name, column])),
    rows: () => total,
  };
}
