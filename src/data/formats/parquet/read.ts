/**
 * Reads a Parquet file into rows. In: a source of which any range can be read. Out: batches of cells, row group by row group, never the
 * whole file in memory; columns that cannot be read are left out and reported; anything else that is wrong is one FailureError that
 * names file, column, type and next step.
 */
import { FailureError } from "../../../settings/failure";
import type { Cell } from "../../types/table";
import { nameColumns } from "../columnNames";
import type { ReadContext, ReadSummary, RowSink } from "../format";
import { type ByteSource, type RangedSource, canceled, createPacer, withRanges } from "../readBytes";
import { typeName } from "./cells";
import { type ColumnReader, createColumn } from "./column";
import { type Footer, damaged, readFooter, reasonOf } from "./footer";
import { ColumnError, type RowGroupReader, decompressorOf, openRowGroup } from "./rowGroup";
import { JSON_COLUMNS } from "./shape";
import { isAnnotated, leavesOf, type SchemaNode } from "./schema";

/** A file inside an archive is unpacked to memory, because Parquet begins at its end. */
const IN_MEMORY = 2 ** 28;
/** Unpacked bytes decoded at once, and the rows and bytes handed on at once. */
const WINDOW_BYTES = 2 ** 26;
const BATCH_ROWS = 4096;
const BATCH_BYTES = 2 ** 23;

export async function readParquet(source: ByteSource, sink: RowSink, context: ReadContext): Promise<ReadSummary> {
  const ranged = await withRanges(source, IN_MEMORY, context);
  if (!ranged) {
    throw new FailureError({
      kind: "bad-file", where: source.name,
      message: `${source.name} is a Parquet file of more than 256 MB inside an archive, and Parquet is read from its end. Nothing was imported.`,
      hint: "Unpack the archive and add the Parquet file itself.",
    });
  }
  const footer = await readFooter(ranged);
  const { columns, notes } = chooseColumns(footer, sink, source.name);
  try {
    await readRows(ranged, footer, { columns, sink, context });
    return { notes: [...notes, ...columns.flatMap((column) => column.notes())] };
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const column = error instanceof ColumnError ? error.column : undefined;
    const place = column ? `column "${column.name}" (${describe(column, footer)}): ` : "";
    throw damaged(source.name, place + reasonOf(error), error);
  }
}

/** "STRING, SNAPPY" */
function describe(column: SchemaNode, { metadata, schema }: Footer): string {
  const place = schema.leaves.indexOf(leavesOf(column)[0]!);
  return [typeName(column.element), metadata.row_groups[0]?.columns[place]?.meta_data?.codec].filter(Boolean).join(", ");
}

/** Columns of a kind or codec that cannot be read are left out, each with a line in the report. */
function chooseColumns({ metadata, schema }: Footer, sink: RowSink, file: string): { readonly columns: ColumnReader[]; readonly notes: readonly string[] } {
  const { names, notes } = nameColumns(schema.columns.map(({ name }) => name));
  const json = jsonColumns(metadata);
  const codecs = new Map(schema.leaves.map((leaf, place) => [leaf, new Set(metadata.row_groups.map((group) => String(group.columns[place]!.meta_data!.codec)))]));
  const columns = schema.columns.flatMap((node, index) => {
    const name = names[index]!;
    const codec = leavesOf(node).flatMap((leaf) => [...codecs.get(leaf)!]).find((each) => !decompressorOf(each));
    try {
      if (codec !== undefined) throw new Error(`the codec ${codec}`);
      if (isAnnotated(node, "VARIANT")) throw new Error("the type VARIANT");
      return [createColumn(node, name, json.has(node.name) ? "json" : "as declared")];
    } catch (error) {
      sink.problem({ row: 0, column: name, expected: "a type and codec that can be read here", found: reasonOf(error), action: "skipped", next: "Import without this column, or write it again as text or numbers, packed with Snappy or Zstandard." });
      return [];
    }
  });
  if (columns.length > 0) return { columns, notes };
  throw damaged(file, "none of its columns is of a type and codec that can be read here");
}

/** Columns that Descent wrote as text and knows to be JSON. */
function jsonColumns({ key_value_metadata: entries = [] }: Footer["metadata"]): ReadonlySet<unknown> {
  try {
    const names: unknown = JSON.parse(entries.find(({ key }) => key === JSON_COLUMNS)?.value ?? "[]");
    return new Set(Array.isArray(names) ? names : []);
  } catch {
    return new Set();
  }
}

interface Reading {
  readonly columns: readonly ColumnReader[];
  readonly sink: RowSink;
  readonly context: ReadContext;
}

async function readRows(source: RangedSource, footer: Footer, reading: Reading): Promise<void> {
  const { columns, sink, context } = reading;
  const limit = Math.min(Number(footer.metadata.num_rows), context.rowLimit ?? Infinity);
  const groups = footer.metadata.row_groups;
  let rows = 0;
  let announced = "";
  const announce = (): void => {
    const parsed = columns.map((column) => column.parsed());
    const shape = JSON.stringify(parsed);
    if (shape !== announced) sink.columns(parsed);
    announced = shape;
  };
  for (let index = 0; index < groups.length && rows < limit; index++) {
    if (groups[index]!.num_rows === 0n) continue;
    const group = await openRowGroup(source, footer, index, columns.map(({ node }) => node));
    const wanted = Math.min(group.rows, limit - rows);
    for await (const batch of readBatches(source.name, group, wanted, reading)) {
      announce();
      await sink.rows(batch, batch[0]?.length ?? 0);
    }
    rows += wanted;
    context.onProgress?.(Math.round((source.size * (index + 1)) / groups.length));
  }
  if (announced === "") announce();
  if (rows === 0 && limit === 0 && context.rowLimit !== 0) {
    throw new FailureError({ kind: "bad-file", message: `${source.name} has columns but no rows. Nothing was imported.`, hint: "Choose a file with rows in it.", where: source.name });
  }
}

async function* readBatches(name: string, group: RowGroupReader, wanted: number, { columns, context }: Reading): AsyncGenerator<Cell[][], void, undefined> {
  const breathe = createPacer();
  const perRow = Math.max(1, group.bytes / group.rows);
  const windowRows = Math.max(1, Math.floor(WINDOW_BYTES / perRow));
  const batchRows = Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_BYTES / perRow)));
  for (let from = 0; from < wanted; from += windowRows) {
    const to = Math.min(wanted, from + windowRows);
    const values: ArrayLike<unknown>[] = [];
    for (const { node } of columns) {
      values.push(await group.read(node, from, to));
      await breathe();
      if (context.signal?.aborted) throw canceled(name);
    }
    for (let at = 0; at < to - from; at += batchRows) {
      const cells = columns.map((column, index) => column.cells(part(values[index]!, at, Math.min(at + batchRows, to - from))));
      yield cells;
      await breathe();
      if (context.signal?.aborted) throw canceled(name);
    }
  }
}

const part = (values: ArrayLike<unknown>, from: number, to: number): ArrayLike<unknown> => (Array.isArray(values) ? values.slice(from, to) : (values as Float64Array).subarray(from, to));
