/**
 * Writes a table as Parquet. In: a table, read twice: once to see what its columns hold, once to write. Out: row groups, each sent on when
 * it is whole, then the footer with the columns' features as Hugging Face `datasets` reads them. Text is STRING, numbers are DOUBLE or
 * INT64; nested values are lists where all are lists of texts or of numbers, else STRING (a column annotated JSON is an extension type to
 * pyarrow, which `datasets` does not know), named in the footer so that Descent reads them as JSON again. Encoding: hyparquet-writer.
 */
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { z } from "zod";
import { choice } from "../../../settings/field";
import type { RowBatch, Table } from "../../table/table";
import type { Cell } from "../../types/table";
import type { ByteSink, TableWriter } from "../format";
import { canceled } from "../readBytes";
import { type ColumnShape, JSON_COLUMNS, type Shape, describeFeatures, examineColumns } from "./shape";

const GROUP_ROWS = 100_000;
/** UTF-16 units of text in a row group. */
const GROUP_UNITS = 2 ** 25;

const settings = z.object({
  compression: choice({
    label: "Compression", help: "Snappy is read by everything and about halves text; none is larger and a little faster.", group: "Data", default: "snappy",
    options: [{ id: "snappy", label: "Snappy", summary: "Smaller files." }, { id: "none", label: "None", summary: "Plain pages." }],
  }),
});

export const parquetWriter: TableWriter = {
  settings,
  isPacked: true,
  async write(table, sink, { settings: given, signal, onRows }) {
    const stop = (): void => {
      if (signal?.aborted) throw canceled("the Parquet file");
    };
    const shapes = await examineColumns([table], stop);
    const codec = settings.parse(given).compression === "none" ? "UNCOMPRESSED" : "SNAPPY";
    const told = (rows: number): void => {
      stop();
      onRows?.(rows);
    };
    await writeRows(table, sink, { shapes, codec, onRows: told });
    return { notes: shapes.flatMap((shape) => shape.notes) };
  },
};

export interface RowsPlan {
  readonly shapes: readonly ColumnShape[];
  readonly codec: "UNCOMPRESSED" | "SNAPPY";
  /** After each row group; it may throw to stop. */
  readonly onRows: (rows: number) => void;
}

/** A table whose columns were examined, alone or with the other parts of its dataset. */
export async function writeRows(table: Table, sink: ByteSink, { shapes, codec, onRows }: RowsPlan): Promise<void> {
  const writer = new SinkWriter(sink);
  const file = new ParquetWriter({
    writer, schema: schemaOf(shapes), codec, createdBy: "Descent",
    kvMetadata: [
      { key: "huggingface", value: JSON.stringify({ info: { features: describeFeatures(shapes) } }) },
      { key: JSON_COLUMNS, value: JSON.stringify(shapes.filter(({ shape }) => shape === "json").map(({ name }) => name)) },
    ],
  });
  let rows = 0;
  for await (const group of gatherGroups(table)) {
    await file.write({ columnData: shapes.map((shape, index) => ({ name: shape.name, data: encode(group.columns[index]!, shape.shape) })), rowGroupSize: group.rows });
    rows += group.rows;
    onRows(rows);
  }
  await file.finish();
  await writer.flush();
}

/** Hands bytes on after each row group and at the end; `offset` goes on counting from the file's start. */
class SinkWriter extends ByteWriter {
  readonly #sink: ByteSink;
  constructor(sink: ByteSink) {
    super(2 ** 16);
    this.#sink = sink;
  }
  async flush(): Promise<void> {
    const bytes = this.getBytes().slice();
    this.index = 0;
    if (bytes.length > 0) await this.#sink.write(bytes);
  }
}

interface Group {
  readonly rows: number;
  readonly columns: readonly Cell[][];
}

async function* gatherGroups(table: Table): AsyncGenerator<Group, void, undefined> {
  let columns: Cell[][] = table.columns.map(() => []);
  let rows = 0;
  let units = 0;
  for await (const batch of table.scan()) {
    for (const [index, cells] of batch.columns.entries()) for (const cell of cells) columns[index]!.push(cell);
    rows += batch.rows;
    units += textUnits(batch);
    if (rows < GROUP_ROWS && units < GROUP_UNITS) continue;
    yield { rows, columns };
    columns = table.columns.map(() => []);
    [rows, units] = [0, 0];
  }
  if (rows > 0) yield { rows, columns };
}

const textUnits = (batch: RowBatch): number =>
  batch.columns.reduce((sum, cells) => sum + cells.reduce<number>((total, cell) => total + (typeof cell === "string" ? cell.length : 0), 0), 0);

function schemaOf(columns: readonly ColumnShape[]): SchemaElement[] {
  return [{ name: "schema", num_children: columns.length }, ...columns.flatMap(({ name, shape }) => elementsOf(name, shape))];
}

function elementsOf(name: string, shape: Shape): SchemaElement[] {
  const optional = { name, repetition_type: "OPTIONAL" } as const;
  switch (shape) {
    case "text":
    case "json":
      return [{ ...optional, type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } }];
    case "boolean":
      return [{ ...optional, type: "BOOLEAN" }];
    case "integer":
      return [{ ...optional, type: "INT64" }];
    case "number":
      return [{ ...optional, type: "DOUBLE" }];
    case "texts":
    case "numbers":
      return [
        { ...optional, converted_type: "LIST", logical_type: { type: "LIST" }, num_children: 1 },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        ...elementsOf("element", shape === "texts" ? "text" : "number"),
      ];
    default:
      return shape satisfies never;
  }
}

function encode(cells: readonly Cell[], shape: Shape): unknown[] {
  switch (shape) {
    case "integer":
      return cells.map((cell) => (typeof cell === "number" ? BigInt(cell) : null));
    case "texts":
    case "numbers":
      return cells.map((cell) => (typeof cell === "string" ? (JSON.parse(cell) as unknown) : null));
    case "text":
    case "json":
    case "boolean":
    case "number":
      return cells.map((cell) => cell ?? null);
    default:
      return shape satisfies never;
  }
}
