/** Filters as tests of a cell. In: a filter of a query. Out: a function that says whether a row with this cell stays. */
import { FailureError } from "../../settings/failure";
import { countCharacters } from "../cleaning/textUnits";
import type { Filter, SearchQuery } from "../types/analysis";
import { isMissing, type Cell } from "../types/table";
import { fold } from "./fold";
import { compilePattern } from "./pattern";

export type CellTest = (cell: Cell) => boolean;

export function testOf(filter: Filter): CellTest {
  switch (filter.is) {
    case "missing":
      return isMissing;
    case "present":
      return (cell) => !isMissing(cell);
    case "one of": {
      const values = new Set(filter.values);
      return (cell) => cell !== null && cell !== undefined && values.has(String(cell));
    }
    case "between":
      return within(filter, numberOf);
    case "length between":
      return within(filter, (cell) => (isMissing(cell) ? 0 : countCharacters(String(cell))));
    default:
      throw new FailureError({ kind: "bad-settings", message: `There is no filter "${String((filter as Filter).is)}".`, hint: "Remove the filter.", where: (filter as Filter).column });
  }
}

function within({ from, to }: { readonly from: number | null; readonly to: number | null }, measure: (cell: Cell) => number): CellTest {
  const [low, high] = [from ?? -Infinity, to ?? Infinity];
  return (cell) => {
    const value = measure(cell);
    return value >= low && value <= high;
  };
}

/** What a cell is as a number; NaN where it is none. "0x10" and "" are none. */
export function numberOf(cell: Cell): number {
  if (typeof cell === "number") return cell;
  return typeof cell === "string" && /^\s*[-+]?(?:\d|\.\d)[\d.]*(?:e[-+]?\d+)?\s*$/i.test(cell) ? Number(cell) : NaN;
}

/** Whether a cell holds what is searched for; null where everything does. */
export function searchTest({ text, mode, matchCase }: SearchQuery): CellTest | null {
  if (text === "") return null;
  const readCell = (test: (text: string) => boolean): CellTest => (cell) => {
    if (typeof cell === "string") return test(cell);
    return cell !== null && cell !== undefined && test(String(cell));
  };
  if (mode === "regex") return readCell(compilePattern(text, matchCase));
  if (matchCase) return readCell((one) => one.includes(text));
  const wanted = fold(text);
  return readCell((one) => fold(one).includes(wanted));
}
