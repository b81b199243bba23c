/**
 * How each column of a table is written to Parquet. In: one scan over the table, or over the parts it is split into. Out: a shape per column that holds every cell exactly,
 * notes on what Parquet cannot say, and the columns as Hugging Face `datasets` describes them.
 * https://huggingface.co/docs/datasets/about_dataset_features
 */
import type { Table } from "../../table/table";
import type { Cell, Column } from "../../types/table";

export type Shape = "text" | "json" | "boolean" | "integer" | "number" | "texts" | "numbers";

export interface ColumnShape {
  readonly name: string;
  readonly shape: Shape;
  /** Of a label column with few different texts: its classes in alphabetical order, and how many rows have each. */
  readonly classes?: readonly { readonly label: string; readonly rows: number }[];
  readonly notes: readonly string[];
}

/** Key in the footer: names of the columns whose text is JSON. */
export const JSON_COLUMNS = "descent.json_columns";

const MOST_CLASSES = 1000;

/** All tables have the columns of the first. */
export async function examineColumns(tables: readonly Table[], stop: () => void): Promise<ColumnShape[]> {
  const tallies = (tables[0]?.columns ?? []).map(createTally);
  for (const table of tables) {
    for await (const batch of table.scan()) {
      stop();
      for (const [index, cells] of batch.columns.entries()) for (const cell of cells) tallies[index]!.see(cell);
    }
  }
  return tallies.map((tally) => tally.finish());
}

interface Tally {
  see(cell: Cell): void;
  finish(): ColumnShape;
}

function createTally(column: Column): Tally {
  let absent = 0;
  let unpaired = 0;
  let notNumbers = 0;
  let shape: Shape | "empty list" | undefined;
  const classes = new Map<string, number>();
  const kind = column.kind;
  return {
    see(cell) {
      if (cell === undefined) absent++;
      if (cell === null || cell === undefined) return;
      if (typeof cell === "string" && !cell.isWellFormed()) unpaired++;
      if (Number.isNaN(cell)) notNumbers++;
      if (column.role === "label" && typeof cell === "string" && classes.size <= MOST_CLASSES) classes.set(cell, (classes.get(cell) ?? 0) + 1);
      const own = shapeOf(cell, kind);
      // An empty list goes with either kind of list.
      if (shape === undefined || shape === "empty list") shape = own;
      else if (own !== shape && own !== "empty list") shape = kind === "number" ? "number" : "json";
      else if (own === "empty list" && shape !== "texts" && shape !== "numbers") shape = "json";
    },
    finish() {
      const count = (number: number): string => `Column "${column.name}": ${number.toLocaleString("en")}`;
      return {
        name: column.name,
        shape: shape === "empty list" ? "texts" : (shape ?? (kind === "boolean" || kind === "number" || kind === "json" ? kind : "text")),
        ...(column.role === "label" && kind === "text" && classes.size > 0 && classes.size <= MOST_CLASSES ? { classes: [...classes].map(([label, rows]) => ({ label, rows })).sort((a, b) => (a.label < b.label ? -1 : 1)) } : {}),
        notes: [
          ...(absent > 0 ? [`${count(absent)} cells were absent; Parquet writes them as null.`] : []),
          ...(unpaired > 0 ? [`${count(unpaired)} texts have half a surrogate pair; UTF-8 cannot hold it and writes \uFFFD.`] : []),
          ...(notNumbers > 0 ? [`${count(notNumbers)} cells are "not a number", which reads as missing.`] : []),
        ],
      };
    },
  };
}

/** The narrowest shape that brings this cell back as it is. */
function shapeOf(cell: Exclude<Cell, null | undefined>, kind: Column["kind"]): Shape | "empty list" {
  if (kind === "number") return Number.isSafeInteger(cell) && !Object.is(cell, -0) ? "integer" : "number";
  if (kind !== "json" || typeof cell !== "string") return kind === "boolean" ? "boolean" : kind === "json" ? "json" : "text";
  return listShape(cell);
}

function listShape(cell: string): Shape | "empty list" {
  if (!cell.startsWith("[")) return "json";
  if (cell === "[]") return "empty list";
  try {
    const parsed: unknown = JSON.parse(cell);
    // Only a list that is spelled as it will be read again: [1.50] or [1, 2] stays JSON.
    if (!Array.isArray(parsed) || JSON.stringify(parsed) !== cell || !cell.isWellFormed() || /\\ud[89a-f]/i.test(cell)) return "json";
    if (parsed.every((item) => typeof item === "string" || item === null)) return "texts";
    return parsed.every((item) => (typeof item === "number" && !Object.is(item, -0)) || item === null) ? "numbers" : "json";
  } catch {
    return "json";
  }
}

/** A feature in the spelling of `datasets`' JSON; also what the card's YAML is made of. */
export type Feature = { readonly dtype: string; readonly _type: "Value" } | { readonly feature: Feature; readonly _type: "Sequence" };

const DTYPES: Record<Exclude<Shape, "texts" | "numbers">, string> = { text: "string", json: "string", boolean: "bool", integer: "int64", number: "float64" };

/** `fromEntries` defines its keys, so that a column called "__proto__" is one. */
export function describeFeatures(columns: readonly ColumnShape[]): Readonly<Record<string, Feature>> {
  return Object.fromEntries(columns.map(({ name, shape }) => [name, featureOf(shape)]));
}

function featureOf(shape: Shape): Feature {
  if (shape === "texts" || shape === "numbers") return { feature: featureOf(shape === "texts" ? "text" : "number"), _type: "Sequence" };
  return { dtype: DTYPES[shape], _type: "Value" };
}
