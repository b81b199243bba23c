/**
 * Rows in the order of a column. In: row numbers and their cells in that column. Out: the row numbers sorted: numbers as numbers, texts by the
 * rules of the language (by code units in a huge table, where those would take minutes), missing ones last both ways, equals in
 * the order they had. Runs are sorted natively, then merged from the bottom up, with a breath every few thousand steps.
 */
import type { Cell, Column } from "../types/table";
import { isMissing } from "../types/table";
import { numberOf } from "./filter";

export type Direction = "ascending" | "descending";
/** Compares places in the list that is sorted. */
type Compare = (a: number, b: number) => number;
type Breathe = () => Promise<void> | undefined;

const RUN = 4096;
/** Up to this many rows texts are compared by the language's rules, at about half a microsecond each time. */
export const MOST_COLLATED = 50_000;

export async function sortRows(rows: Uint32Array, cells: readonly Cell[], column: Column, direction: Direction, breathe: Breathe): Promise<Uint32Array> {
  const isNumeric = column.kind === "number" || column.type === "number" || column.type === "integer";
  const sign = direction === "ascending" ? 1 : -1;
  const compare = await (isNumeric ? compareNumbers : compareTexts)(cells, sign, breathe);
  const places = await mergeSort(rows.length, compare, breathe);
  return places.map((place) => rows[place]!);
}

/** Numbers, then what is not a number, then what is missing. */
async function compareNumbers(cells: readonly Cell[], sign: number, breathe: Breathe): Promise<Compare> {
  const values = new Float64Array(cells.length);
  const ranks = new Uint8Array(cells.length);
  for (const [index, cell] of cells.entries()) {
    values[index] = numberOf(cell);
    ranks[index] = isMissing(cell) ? 2 : Number.isNaN(values[index]) ? 1 : 0;
    if ((index & (RUN - 1)) === 0) await breathe();
  }
  return (a, b) => {
    if (ranks[a] !== ranks[b]) return ranks[a]! - ranks[b]!;
    if (ranks[a] !== 0) return 0;
    const [one, two] = [values[a]!, values[b]!];
    return one < two ? -sign : one > two ? sign : 0;
  };
}

async function compareTexts(cells: readonly Cell[], sign: number, breathe: Breathe): Promise<Compare> {
  const texts: (string | undefined)[] = [];
  for (const [index, cell] of cells.entries()) {
    texts.push(isMissing(cell) ? undefined : String(cell));
    if ((index & (RUN - 1)) === 0) await breathe();
  }
  const collator = cells.length <= MOST_COLLATED ? new Intl.Collator(undefined, { numeric: true }) : undefined;
  const order = collator?.compare ?? ((one: string, two: string) => (one < two ? -1 : one > two ? 1 : 0));
  return (a, b) => {
    const [one, two] = [texts[a], texts[b]];
    if (one === undefined || two === undefined) return (one === undefined ? 1 : 0) - (two === undefined ? 1 : 0);
    return sign * order(one, two);
  };
}

async function mergeSort(length: number, compare: Compare, breathe: Breathe): Promise<Uint32Array> {
  let from = Uint32Array.from({ length }, (_, index) => index);
  let to = new Uint32Array(length);
  for (let start = 0; start < length; start += RUN) {
    from.subarray(start, start + RUN).sort(compare);
    await breathe();
  }
  for (let width = RUN; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(start + width, length);
      const end = Math.min(start + 2 * width, length);
      let [left, right] = [start, middle];
      for (let at = start; at < end; at++) {
        const takesLeft = right >= end || (left < middle && compare(from[left]!, from[right]!) <= 0);
        to[at] = from[takesLeft ? left++ : right++]!;
        if ((at & (RUN - 1)) === 0) await breathe();
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
