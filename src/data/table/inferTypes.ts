/**
 * What the columns of a table say, found while the rows go by. In: batches of cells. Out: each column's type, the cells that do not agree with it, and
 * the figures that roles are guessed by. One pass, little memory: counts, and the different values as long as they are few.
 */
import type { Cell, ColumnKind, ColumnType } from "../types/table";
import { type CellType, typeOfCell } from "./cellType";

export interface InferredColumn {
  readonly type: ColumnType;
  readonly rows: number;
  readonly missing: number;
  /** Cells that are there and say something else than `type`. */
  readonly disagreeing: number;
  /** Undefined above `MOST_DISTINCT`. */
  readonly distinct: number | undefined;
  /** UTF-16 units of the cells that are there, as they are spelled. */
  readonly meanLength: number;
  readonly notes: readonly string[];
}

export interface TypeInference {
  /** cells[column][row], as a sink gets them. */
  add(cells: readonly (readonly Cell[])[], count: number): void;
  finish(kinds: readonly ColumnKind[]): InferredColumn[];
}

/** A type is believed when this share of the cells agree. */
const AGREEMENT = 0.95;
const MOST_DISTINCT = 1000;
const MOST_CATEGORIES = 100;
const LONGEST_CATEGORY = 64;
/** Each category should come this often, on average. */
const REPEATS = 2;

interface Tally {
  rows: number;
  readonly counts: Map<CellType, number>;
  /** The first cell of each type, as it is spelled, for the notes. */
  readonly examples: Map<CellType, string>;
  units: number;
  distinct: Set<string> | undefined;
  /** Numbers beyond what a double can count exactly. */
  unsafe: number;
}

export function createTypeInference(): TypeInference {
  const tallies: Tally[] = [];
  let rows = 0;
  return {
    add(cells, count) {
      for (const [index, column] of cells.entries()) {
        tallies[index] ??= { rows, counts: new Map([["missing", rows]]), examples: new Map(), units: 0, distinct: new Set(), unsafe: 0 };
        tallyColumn(column, count, tallies[index]);
      }
      rows += count;
    },
    finish: (kinds) => kinds.map((kind, index) => judge(tallies[index], kind, rows)),
  };
}

function tallyColumn(cells: readonly Cell[], count: number, tally: Tally): void {
  for (let row = 0; row < count; row++) {
    const cell = cells[row];
    const type = typeOfCell(cell);
    tally.counts.set(type, (tally.counts.get(type) ?? 0) + 1);
    if (type === "missing") continue;
    const spelled = typeof cell === "string" ? cell : String(cell);
    tally.units += spelled.length;
    if (!tally.examples.has(type)) tally.examples.set(type, detach(spelled.slice(0, 24)));
    if (type === "integer" && spelled.length > 15 && !Number.isSafeInteger(Number(spelled))) tally.unsafe++;
    noteDistinct(spelled, tally);
  }
  tally.rows += count;
}

function noteDistinct(spelled: string, tally: Tally): void {
  if (!tally.distinct) return;
  if (spelled.length > LONGEST_CATEGORY) tally.distinct = undefined;
  else if (!tally.distinct.has(spelled)) {
    tally.distinct.add(detach(spelled));
    if (tally.distinct.size > MOST_DISTINCT) tally.distinct = undefined;
  }
}

/** A copy that does not keep the megabyte alive which the cell was cut out of (V8 cuts without copying). */
const detach = (text: string): string => ` ${text}`.slice(1);

const NOUNS: Readonly<Record<string, string>> = { integer: "whole numbers", number: "numbers", boolean: "true or false", date: "dates", json: "JSON" };

function judge(tally: Tally | undefined, kind: ColumnKind, rows: number): InferredColumn {
  // Rows that came before the column first appeared, or after it last did, do not have it.
  const count = (type: CellType): number => tally?.counts.get(type) ?? 0;
  const there = tally ? tally.rows - count("missing") : 0;
  const missing = rows - there;
  const distinct = tally?.distinct?.size;
  const meanLength = there > 0 ? tally!.units / there : 0;
  const agreeing: readonly (readonly [ColumnType, number])[] = [
    ["boolean", count("boolean")], ["integer", count("integer")], ["number", count("integer") + count("number")], ["date", count("date")], ["json", kind === "json" ? there : count("json")],
  ];
  const believed = there === 0 ? undefined : agreeing.find(([, cells]) => cells >= AGREEMENT * there);
  if (!believed) return { type: there === 0 ? "empty" : typeOfWords(there, distinct, meanLength), rows, missing, disagreeing: 0, distinct, meanLength, notes: [] };
  const [type, cells] = believed;
  const disagreeing = there - cells;
  const other = [...tally!.examples].find(([each]) => each !== type && !(type === "number" && each === "integer"))?.[1];
  const notes = [
    ...(disagreeing > 0 ? [`${disagreeing.toLocaleString("en")} of ${there.toLocaleString("en")} cells are not ${NOUNS[type]}, such as "${other}".`] : []),
    ...(tally!.unsafe > 0 ? [`${tally!.unsafe.toLocaleString("en")} of its numbers are too large for a double and stay text, exactly as they are spelled.`] : []),
  ];
  return { type, rows, missing, disagreeing, distinct, meanLength, notes };
}

function typeOfWords(there: number, distinct: number | undefined, meanLength: number): ColumnType {
  const isFew = distinct !== undefined && distinct <= MOST_CATEGORIES && there >= REPEATS * distinct && there > 2;
  return isFew && meanLength <= LONGEST_CATEGORY / 2 ? "category" : "text";
}
