/**
 * A table as JSON or JSON Lines. In: a table. Out: an object for each row, members in the order of the columns. Absent cells are left out, null is null,
 * JSON cells go in as they stand, so that what was read from JSON is written as it was.
 */
import type { Table } from "../../table/table";
import type { Cell, Column, ColumnKind } from "../../types/table";
import type { ByteSink, WriteSummary } from "../format";
import { createTextSink } from "../textSink";
import { isJson } from "./parse";

export interface RowSpelling {
  readonly begin: string;
  /** Before each row but the first. */
  readonly between: string;
  readonly end: string;
  /** Of an object: before its first member, between members, after the last, after a colon. */
  readonly object: readonly [open: string, between: string, close: string, colon: string];
}

interface Losses {
  /** NaN and infinities, which JSON does not have. */
  unwritable: number;
  /** Cells of JSON columns that are no JSON (typed by hand), written as text. */
  asText: number;
}

function spellCell(cell: Exclude<Cell, undefined>, kind: ColumnKind, losses: Losses): string {
  if (cell === null) return "null";
  if (typeof cell === "boolean") return String(cell);
  if (typeof cell === "number") {
    if (Number.isFinite(cell)) return Object.is(cell, -0) ? "-0" : String(cell);
    losses.unwritable++;
    return "null";
  }
  if (kind !== "json") return JSON.stringify(cell);
  if (isJson(cell)) return cell;
  losses.asText++;
  return JSON.stringify(cell);
}

export async function writeJsonRows(table: Table, sink: ByteSink, spelling: RowSpelling, options: { readonly signal?: AbortSignal; readonly onRows?: (rows: number) => void }): Promise<WriteSummary> {
  const losses: Losses = { unwritable: 0, asText: 0 };
  const [open, between, close, colon] = spelling.object;
  const keys = table.columns.map(({ name }: Column) => JSON.stringify(name) + colon);
  const out = createTextSink(sink);
  await out.write(spelling.begin);
  for await (const { firstRow, rows, columns } of table.scan()) {
    options.signal?.throwIfAborted();
    for (let row = 0; row < rows; row++) {
      const members: string[] = [];
      for (const [index, cells] of columns.entries()) {
        const cell = cells[row];
        if (cell !== undefined) members.push(keys[index]! + spellCell(cell, table.columns[index]!.kind, losses));
      }
      const text = members.length > 0 ? open + members.join(between) + close : "{}";
      await out.write(firstRow + row > 0 ? spelling.between + text : text);
    }
    options.onRows?.(firstRow + rows);
  }
  await out.write(table.rows > 0 ? spelling.end : spelling.begin.trimEnd() + spelling.end.trimStart());
  await out.finish();
  return {
    notes: [
      ...(losses.unwritable > 0 ? [`${losses.unwritable.toLocaleString("en")} cells were NaN or infinite, which JSON cannot say; they were written as null.`] : []),
      ...(losses.asText > 0 ? [`${losses.asText.toLocaleString("en")} cells of JSON columns are not JSON and were written as text.`] : []),
    ],
  };
}
