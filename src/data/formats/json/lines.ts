/**
 * JSON Lines as rows. In: a walker over the file. Out: a row for each value, line by line, so that a line that is not JSON costs itself and no other. Blank
 * lines are passed; several values on one line are taken one by one, and counted.
 */
import { FailureError } from "../../../settings/failure";
import type { Cut, JsonWalker } from "./cutValues";
import type { Wish } from "./document";
import { JsonFlaw, readJson } from "./parse";
import type { JsonParts } from "./read";

const NEXT = "Correct the line, or keep the rows that are sound.";
const OVER_LINES = "Each line should be one whole value. Where values span several lines, import the file as JSON.";

export function* readLines(file: string, { walker, taker, note }: JsonParts): Generator<Wish, void, undefined> {
  let crowded = 0;
  for (let line = 1; ; line++) {
    const found = yield* nextLine(walker);
    if (!found) break;
    const { text } = found;
    let { from, to } = found;
    while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
    while (from < to && isSpace(text.charCodeAt(from))) from++;
    if (from === to) continue;
    if (line === 1) refuseArray(file, text, from, to);
    const start = found.from;
    const place = {
      row: line,
      byteAt: (at: number) => walker.byteAt(at),
      where: (at: number) => `character ${(at - start + 1).toLocaleString("en")} of line ${line.toLocaleString("en")}`,
      next: line === 1 ? OVER_LINES : NEXT,
    };
    let values = 0;
    while (from < to) {
      const end = endOfValue(text, from, to);
      // Something else than another value behind a value: the whole rest of the line is judged, and refused, with its place.
      const isCrowded = end !== undefined && end < to && (text[end] === "{" || text[end] === "[");
      if (taker.take(text, from, isCrowded ? end : to, place, "must end") < 0) break;
      values++;
      from = isCrowded ? end : to;
    }
    if (values > 1) crowded++;
    yield "row";
  }
  if (crowded > 0) note(`${crowded.toLocaleString("en")} ${crowded === 1 ? "line holds" : "lines hold"} several values; each became a row.`);
}

function* nextLine(walker: JsonWalker): Generator<Wish, Cut | undefined, undefined> {
  for (;;) {
    const found = walker.cutLine();
    if (found) return found;
    if (walker.isDone()) return undefined;
    yield "more";
  }
}

const isSpace = (code: number): boolean => code === 32 || code === 9 || code === 13;

/** Where the next value on a line begins, if this one is an object or array that ends before the line does. */
function endOfValue(text: string, from: number, to: number): number | undefined {
  if (text[from] !== "{" && text[from] !== "[") return undefined;
  // Most lines end with their value; only where a second opens right behind a first is it worth reading twice.
  if (!/[}\]]\s*[{[]/.test(text.slice(from, to))) return undefined;
  try {
    const reader = readJson(text, from, to);
    reader.value();
    reader.skipSpace();
    return reader.at();
  } catch (error) {
    if (error instanceof JsonFlaw) return undefined;
    throw error;
  }
}

/** The whole file is one array: not a line a row, but JSON. */
function refuseArray(file: string, text: string, from: number, to: number): void {
  const inside = /^\[\s*(?:\{|\[|$)/.test(text.slice(from, Math.min(to, from + 200)));
  if (!inside) return;
  throw new FailureError({ kind: "bad-file", message: `${file} is a JSON array, not one value on each line. Nothing was imported.`, hint: "Import it as JSON.", where: file });
}
