/**
 * One JSON value as one row. In: its text. Out: cells in a gatherer: an object's members by their keys, an array's elements as "column 1" and so on, any
 * other value as "value"; a problem for keys that come twice and for what is not JSON, which costs the row.
 */
import type { RowProblem } from "../../types/importing";
import type { RowSink } from "../format";
import type { RowGatherer } from "./gatherRows";
import { JsonFlaw, type JsonReader, type JsonValue, readJson } from "./parse";

export interface RowPlace {
  /** As the report names it. */
  readonly row: number;
  /** Byte of a place in the text that was handed over; slow. */
  byteAt(place: number): number;
  /** "character 7 of line 5" */
  where?(place: number): string;
  /** What to do about a value that is not JSON. */
  readonly next: string;
}

export interface RowTaker {
  /** Takes the value in text[from, to); returns where it ends, or -1 where it is none. White space around is skipped. */
  take(text: string, from: number, to: number, place: RowPlace, rest: "may follow" | "must end"): number;
  report(problem: Omit<RowProblem, "file" | "byte">, byte: () => number): void;
  /** Names for the elements of rows that are arrays. */
  names: readonly string[] | undefined;
}

const MOST_PLACES = 1000;

export function createRowTaker(gatherer: RowGatherer, sink: RowSink): RowTaker {
  let problems = 0;
  const report: RowTaker["report"] = (problem, byte) => sink.problem({ ...problem, ...(problems++ < MOST_PLACES ? { byte: byte() } : {}) });

  /** Of the row that is read; a row goes to the columns only once all of it is sound. */
  let [keys, values, places]: [string[], JsonValue[], number[]] = [[], [], []];
  const add = (key: string, value: JsonValue, place: number): void => {
    keys.push(key);
    values.push(value);
    places.push(place);
  };

  const readRow = (reader: JsonReader, text: string, names: readonly string[] | undefined): void => {
    const open = text[reader.at()];
    if (open === "{") reader.members(add);
    else if (open === "[") reader.elements((value, place) => add(names?.[keys.length] ?? `column ${keys.length + 1}`, value, place));
    else add("value", reader.value(), reader.at());
  };

  const setRow = (place: RowPlace): void => {
    for (const [index, key] of keys.entries()) {
      if (gatherer.set(key, values[index]!)) continue;
      report({ row: place.row, column: key, expected: "each key once", found: `"${key.slice(0, 40)}" twice`, action: "cut", next: "Rename one of the two in the file; the last one is kept." }, () => place.byteAt(places[index]!));
    }
    gatherer.endRow();
  };

  const taker: RowTaker = {
    names: undefined,
    report,
    take(text, from, to, place, rest) {
      const reader = readJson(text, from, to);
      [keys, values, places] = [[], [], []];
      try {
        reader.skipSpace();
        readRow(reader, text, taker.names);
        reader.skipSpace();
        if (rest === "must end" && !reader.atEnd()) throw new JsonFlaw(reader.at(), "the end of the value", text.slice(reader.at(), reader.at() + 1));
      } catch (error) {
        if (!(error instanceof JsonFlaw)) throw error;
        const where = place.where?.(error.place);
        report({ row: place.row, expected: error.expected, found: where === undefined ? error.found : `${error.found} at ${where}`, action: "skipped", next: place.next }, () => place.byteAt(error.place));
        return -1;
      }
      setRow(place);
      return reader.at();
    },
  };
  return taker;
}
