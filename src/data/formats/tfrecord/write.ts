/**
 * Writes rows as tf.train.Example records. In: a table, read twice: once to see what its columns hold, once to write. Out: a TFRecord file.
 * Text becomes bytes, whole numbers int64, other numbers 32-bit floats (the format has no others), lists of one kind lists; null is a
 * feature without values, an absent cell no feature.
 */
import { z } from "zod";
import { choice } from "../../../settings/field";
import type { Table } from "../../table/table";
import type { Cell, Column } from "../../types/table";
import { crc32c, maskCrc } from "../crc32c";
import type { TableWriter } from "../format";
import { canceled } from "../readBytes";
import { type Feature, writeExample } from "./example";
import { RECORD_OVERHEAD } from "./records";

const settings = z.object({
  numbers: choice({
    label: "Numbers with a fraction", help: "TFRecord holds floats of 32 bits; as text nothing is rounded.", group: "Data", default: "floats",
    options: [{ id: "floats", label: "32-bit floats", summary: "Rounded to seven digits." }, { id: "text", label: "Text", summary: "Exact, read as text by others." }],
  }),
});

const encoder = new TextEncoder();

type Shape = "bytes" | "floats" | "integers" | "bytes list" | "floats list" | "integers list";

interface ColumnPlan {
  readonly name: string;
  readonly shape: Shape;
  readonly notes: readonly string[];
}

export const tfRecordWriter: TableWriter = {
  settings,
  async write(table, sink, { settings: given, signal, onRows }) {
    const stop = (): void => {
      if (signal?.aborted) throw canceled("the TFRecord file");
    };
    const plans = await planColumns(table, settings.parse(given).numbers, stop);
    let rows = 0;
    for await (const batch of table.scan()) {
      stop();
      const records: Uint8Array[] = [];
      for (let row = 0; row < batch.rows; row++) {
        const features = new Map<string, Feature>();
        for (const [index, { name, shape }] of plans.entries()) {
          const cell = batch.columns[index]![row];
          if (cell !== undefined) features.set(name, featureOf(cell, shape));
        }
        records.push(frame(writeExample(features)));
      }
      await sink.write(concatenate(records));
      rows += batch.rows;
      onRows?.(rows);
    }
    return { notes: plans.flatMap(({ notes }) => notes) };
  },
};

function frame(contents: Uint8Array): Uint8Array {
  const record = new Uint8Array(contents.length + RECORD_OVERHEAD);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(contents.length), true);
  view.setUint32(8, maskCrc(crc32c(record.subarray(0, 8))), true);
  record.set(contents, 12);
  view.setUint32(12 + contents.length, maskCrc(crc32c(contents)), true);
  return record;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

async function planColumns(table: Table, numbers: "floats" | "text", stop: () => void): Promise<ColumnPlan[]> {
  const tallies = table.columns.map((column) => createTally(column, numbers));
  for await (const batch of table.scan()) {
    stop();
    for (const [index, cells] of batch.columns.entries()) for (const cell of cells) tallies[index]!.see(cell);
  }
  return tallies.map((tally) => tally.finish());
}

function createTally(column: Column, numbers: "floats" | "text"): { see(cell: Cell): void; finish(): ColumnPlan } {
  let shape: Shape | undefined;
  let rounded = 0;
  let unpaired = 0;
  return {
    see(cell) {
      if (cell === null || cell === undefined) return;
      const own = shapeOf(cell, column);
      shape = shape === undefined || shape === own ? own : joinShapes(shape, own);
      if (typeof cell === "number" && Math.fround(cell) !== cell && !Number.isNaN(cell)) rounded++;
      if (typeof cell === "string" && !cell.isWellFormed()) unpaired++;
    },
    finish() {
      const asText = shape === "floats" && numbers === "text";
      const notes = [
        ...(rounded > 0 && shape === "floats" && !asText ? [`Column "${column.name}": ${rounded.toLocaleString("en")} numbers were rounded to 32-bit floats; write them as text to keep all digits.`] : []),
        ...(unpaired > 0 ? [`Column "${column.name}": ${unpaired.toLocaleString("en")} texts have half a surrogate pair; UTF-8 cannot hold it and writes \uFFFD.`] : []),
        ...(column.kind === "boolean" ? [`Column "${column.name}": true and false are written as 1 and 0.`] : []),
        ...(column.kind === "json" && shape === "bytes" ? [`Column "${column.name}": nested values are written as JSON text.`] : []),
      ];
      return { name: column.name, shape: asText ? "bytes" : (shape ?? "bytes"), notes };
    },
  };
}

function shapeOf(cell: Exclude<Cell, null | undefined>, { kind, type }: Column): Shape {
  if (typeof cell === "boolean") return "integers";
  if (typeof cell === "number") return Number.isSafeInteger(cell) && !Object.is(cell, -0) ? "integers" : "floats";
  // Whole numbers that a double cannot hold are text here, and int64 there.
  if (kind === "text" && type === "integer" && isInt64(cell)) return "integers";
  return kind === "json" ? listShape(cell) : "bytes";
}

const isInt64 = (cell: string): boolean => /^(0|-?[1-9]\d{0,18})$/.test(cell) && BigInt.asIntN(64, BigInt(cell)) === BigInt(cell);

/** A list of one value reads as that value, so it stays JSON. */
function listShape(cell: string): Shape {
  try {
    const items: unknown = JSON.parse(cell);
    if (!Array.isArray(items) || items.length < 2 || JSON.stringify(items) !== cell) return "bytes";
    if (items.every((item) => typeof item === "string" && item.isWellFormed())) return "bytes list";
    if (items.every((item) => Number.isSafeInteger(item) && !Object.is(item, -0))) return "integers list";
    return items.every((item) => typeof item === "number" && Math.fround(item) === item) ? "floats list" : "bytes";
  } catch {
    return "bytes";
  }
}

const NUMBERS: readonly Shape[] = ["integers", "floats"];
const NUMBER_LISTS: readonly Shape[] = ["integers list", "floats list"];

function joinShapes(a: Shape, b: Shape): Shape {
  if (NUMBERS.includes(a) && NUMBERS.includes(b)) return "floats";
  // Whole numbers above 2^24 would lose digits among floats.
  return NUMBER_LISTS.includes(a) && NUMBER_LISTS.includes(b) ? "floats list" : "bytes";
}

function featureOf(cell: Exclude<Cell, undefined>, shape: Shape): Feature {
  switch (shape) {
    case "bytes":
      return { kind: "bytes", values: cell === null ? [] : [encoder.encode(String(cell))] };
    case "floats":
      return { kind: "floats", values: cell === null ? [] : [Number(cell)] };
    case "integers":
      return { kind: "integers", values: cell === null ? [] : [BigInt(cell)] };
    case "bytes list":
      return { kind: "bytes", values: itemsOf(cell).map((item) => encoder.encode(String(item))) };
    case "floats list":
      return { kind: "floats", values: itemsOf(cell).map(Number) };
    case "integers list":
      return { kind: "integers", values: itemsOf(cell).map((item) => BigInt(item as number)) };
    default:
      return shape satisfies never;
  }
}

const itemsOf = (cell: Exclude<Cell, undefined>): readonly unknown[] => (cell === null ? [] : (JSON.parse(String(cell)) as unknown[]));
