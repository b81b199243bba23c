/**
 * Examples as rows. In: a TFRecord file. Out: a column for each feature that any example has; a list of one value is that value, an empty
 * one null, a longer one JSON. A record that is no Example is left out and reported; where a checksum fails the places of all records
 * after it are unknown, so reading ends there with the good records before it.
 */
import { FailureError } from "../../../settings/failure";
import { nameColumns } from "../columnNames";
import type { ReadContext, ReadSummary, RowSink } from "../format";
import type { ByteSource } from "../readBytes";
import { createBatchLimit } from "../rowBatch";
import { type Feature, SequenceExampleError, readExample } from "./example";
import { type FeatureColumn, type Spelled, createFeatureColumn } from "./column";
import { type RecordDamage, type TfRecord, readRecords } from "./records";

const MOST_COLUMNS = 10_000;

export async function readTfRecord(source: ByteSource, sink: RowSink, context: ReadContext): Promise<ReadSummary> {
  const table = createRows(sink);
  const limit = context.rowLimit ?? Infinity;
  const records = readRecords(source, context);
  try {
    for (let next = await records.next(); table.rows() < limit; next = await records.next()) {
      if (next.done) {
        if (next.value) reportDamage(next.value, source.name, sink);
        break;
      }
      const example = decode(next.value, source.name, sink);
      if (example && table.add(example)) await table.flush();
    }
  } finally {
    await records.return(undefined);
  }
  await table.flush();
  if (table.rows() === 0 && limit > 0) throw new FailureError({ kind: "bad-file", message: `${source.name} holds no records that are examples. Nothing was imported.`, hint: "Choose a TFRecord file of tf.train.Example messages.", where: source.name });
  return { notes: table.notes() };
}

function reportDamage({ index, byte, expected, found }: RecordDamage, name: string, sink: RowSink): void {
  const good = `${index.toLocaleString("en")} good ${index === 1 ? "record" : "records"}`;
  if (index === 0) throw new FailureError({ kind: "bad-file", message: `${name} cannot be read as TFRecord: at byte 0, ${expected} was expected and ${found} found. Nothing was imported.`, hint: "Fetch or write the file again, or choose its format in the import dialog.", where: name });
  sink.problem({ row: index + 1, byte, expected, found, action: "skipped", next: `Keep the ${good} before it, or fetch the file again: where the next record begins cannot be known.` });
}

function decode(record: TfRecord, name: string, sink: RowSink): Map<string, Feature> | undefined {
  try {
    return readExample(record.contents);
  } catch (error) {
    if (error instanceof SequenceExampleError) {
      throw new FailureError({ kind: "bad-file", message: `${name} holds SequenceExamples (record ${record.index + 1}), whose features are lists of lists. Nothing was imported.`, hint: "Write them as tf.train.Example, or as JSON lines, and import that.", where: name }, error);
    }
    sink.problem({ row: record.index + 1, byte: record.byte, expected: "a tf.train.Example", found: error instanceof Error ? error.message : String(error), action: "skipped", next: "Leave this record out, or write the file again from its source." });
    return undefined;
  }
}

interface Rows {
  rows(): number;
  /** True when the batch should go. */
  add(example: ReadonlyMap<string, Feature>): boolean;
  flush(): Promise<void>;
  notes(): string[];
}

function createRows(sink: RowSink): Rows {
  const columns = new Map<string, FeatureColumn>();
  const limit = createBatchLimit();
  let batch: Map<string, Spelled>[] = [];
  let units = 0;
  let total = 0;
  let announced = "";
  const announce = (): void => {
    const { names } = nameColumns([...columns.keys()]);
    const parsed = [...columns.values()].map((column, index) => column.parsed(names[index]!));
    const shape = JSON.stringify(parsed);
    if (shape !== announced) sink.columns(parsed);
    announced = shape;
  };
  const columnOf = (name: string): FeatureColumn => {
    const column = columns.get(name) ?? createFeatureColumn();
    if (columns.size >= MOST_COLUMNS && !columns.has(name)) throw new FailureError({ kind: "bad-file", message: `The records have more than ${MOST_COLUMNS.toLocaleString("en")} different features. Nothing was imported.`, hint: "Put what belongs together into lists, and import that." });
    columns.set(name, column);
    return column;
  };
  return {
    rows: () => total,
    add(example) {
      const row = new Map<string, Spelled>();
      for (const [name, feature] of example) {
        const spelled = columnOf(name).see(feature);
        row.set(name, spelled);
        units += typeof spelled.cell === "string" ? spelled.cell.length : 0;
      }
      batch.push(row);
      total++;
      return limit.isFull(batch.length, units);
    },
    async flush() {
      if (batch.length === 0) return;
      announce();
      const rows = batch;
      [batch, units] = [[], 0];
      limit.next();
      await sink.rows([...columns].map(([name, column]) => rows.map((row) => column.cell(row.get(name)))), rows.length);
    },
    notes: () => [...nameColumns([...columns.keys()]).notes, ...[...columns].flatMap(([name, column]) => column.notes(name))],
  };
}
