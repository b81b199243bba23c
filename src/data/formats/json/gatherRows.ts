/**
 * JSON rows into columns. In: rows as members, elements or single values. Out: batches whose columns are the union of all keys, added as they appear.
 * A key that a row does not have is absent, which is not null. A column keeps the narrowest kind that loses nothing: numbers that a double
 * would change and nested values stay JSON; numbers among text are spelled as text, and counted.
 */
import { FailureError } from "../../../settings/failure";
import { widenCells } from "../../table/widen";
import type { Cell, ColumnKind } from "../../types/table";
import { MOST_COLUMNS } from "../csv/scan";
import type { RowSink } from "../format";
import { createBatchLimit } from "../rowBatch";
import type { JsonValue } from "./parse";

export interface RowGatherer {
  /** False where the row has this column already. */
  set(name: string, value: JsonValue): boolean;
  endRow(): void;
  rows(): number;
  isDue(): boolean;
  flush(): Promise<void>;
  notes(): string[];
}

interface GatheredColumn {
  readonly name: string;
  /** Undefined as long as nothing but null came. */
  kind: ColumnKind | undefined;
  cells: Cell[];
  /** Numbers and true or false spelled as text. */
  spelled: number;
  /** As the sink knows it. */
  declared: ColumnKind | undefined;
}

const KIND_OF = { boolean: "boolean", number: "number", spelled: "json", text: "text", array: "json", object: "json" } as const;

export function gatherRows(file: string, sink: RowSink): RowGatherer {
  const columns: GatheredColumn[] = [];
  const places = new Map<string, number>();
  const batch = createBatchLimit();
  let rows = 0;
  let units = 0;
  let total = 0;
  /** Where the next key most likely is: keys mostly come in the same order. */
  let likely = 0;

  const find = (name: string): GatheredColumn => {
    if (columns[likely]?.name === name) return columns[likely++]!;
    const known = places.get(name);
    likely = (known ?? columns.length) + 1;
    if (known !== undefined) return columns[known]!;
    if (columns.length === MOST_COLUMNS) throw tooManyColumns(file);
    const column: GatheredColumn = { name, kind: undefined, cells: new Array<Cell>(rows).fill(undefined), spelled: 0, declared: undefined };
    places.set(name, columns.push(column) - 1);
    return column;
  };

  const endRow = (): void => {
    rows++;
    likely = 0;
    for (const { cells } of columns) if (cells.length < rows) cells.push(undefined);
  };

  const declare = (): void => {
    if (columns.every(({ kind, declared }) => declared !== undefined && declared === (kind ?? declared))) return;
    for (const column of columns) column.declared = column.kind ?? column.declared ?? "text";
    sink.columns(columns.map(({ name, declared }) => ({ name, kind: declared! })));
  };

  return {
    set(name, value) {
      const column = find(name);
      if (column.cells.length > rows) {
        column.cells.pop();
        put(column, value);
        return false;
      }
      put(column, value);
      units += typeof value.cell === "string" ? value.cell.length : 8;
      return true;
    },
    endRow,
    rows: () => total + rows,
    isDue: () => batch.isFull(rows, units),
    async flush() {
      if (rows === 0) return;
      declare();
      const given = columns.map(({ cells }) => cells);
      const count = rows;
      for (const column of columns) column.cells = [];
      total += count;
      rows = units = 0;
      batch.next();
      await sink.rows(given, count);
    },
    notes: () => columns.filter(({ spelled }) => spelled > 0).map(({ name, spelled }) => `Column "${name}" holds text and ${spelled.toLocaleString("en")} other ${spelled === 1 ? "value" : "values"} (numbers, true or false), kept as text.`),
  };
}

/** Adds a cell, widening the column where it must be. */
function put(column: GatheredColumn, { kind, cell }: JsonValue): void {
  if (kind === "null") return void column.cells.push(null);
  const own = KIND_OF[kind];
  const joined = column.kind === undefined ? own : joinKinds(column.kind, kind);
  if (column.kind !== undefined && joined !== column.kind) {
    if (joined === "text") column.spelled += column.cells.filter((each) => each !== null && each !== undefined).length;
    column.cells = [...widenCells(column.cells, column.kind, joined)];
  }
  column.kind = joined;
  if (joined === "text" && kind !== "text") column.spelled++;
  column.cells.push(joined === own ? cell : spell(kind, cell, joined));
}

/** Text stays readable text beside numbers; where no text is, JSON keeps numbers and true apart. */
function joinKinds(known: ColumnKind, kind: Exclude<JsonValue["kind"], "null">): ColumnKind {
  const own = KIND_OF[kind];
  if (known === own) return known;
  if (known === "text") return kind === "array" || kind === "object" ? "json" : "text";
  return kind === "text" && known !== "json" ? "text" : "json";
}

function spell(kind: JsonValue["kind"], cell: JsonValue["cell"], into: ColumnKind): string {
  if (into === "json" && kind === "text") return JSON.stringify(cell);
  return Object.is(cell, -0) ? "-0" : String(cell);
}

function tooManyColumns(file: string): FailureError {
  return new FailureError({
    kind: "bad-file",
    message: `The rows of ${file} have more than ${MOST_COLUMNS.toLocaleString("en")} different keys. Nothing was imported.`,
    hint: "Keys may hold what should be values (an id, a date); put those into a field of their own.",
    where: file,
  });
}
