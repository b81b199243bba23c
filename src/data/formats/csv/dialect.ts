/**
 * Finds out how a table is written: delimiter, quotes, whether the first line holds names. In: the beginning of a file as text. Out: what the
 * settings leave open. A delimiter is believed where it cuts all lines into equally many fields; names are believed unless the
 * first line looks like the ones below it.
 */
import { AUTOMATIC } from "../openText";
import { type Dialect, createRecordScanner } from "./scan";
import type { CsvSettings } from "./settings";

export interface Layout {
  readonly dialect: Dialect;
  readonly hasNames: boolean;
}

export const DELIMITERS = { comma: ",", semicolon: ";", tab: "\t", pipe: "|" } as const;
type DelimiterName = keyof typeof DELIMITERS;
/** Of equally good ones the rarer in prose wins. */
const BY_RARITY: readonly DelimiterName[] = ["tab", "pipe", "semicolon", "comma"];
const SAMPLE_RECORDS = 200;

export interface Trial {
  readonly records: readonly (readonly string[])[];
  /** Share of the records that have the most frequent number of fields. */
  readonly consistency: number;
  readonly columns: number;
}

/** Reads the beginning with one dialect. The last record is not judged: the head may have cut it. */
export function tryDialect(head: string, dialect: Dialect, isWhole: boolean): Trial {
  const records: string[][] = [];
  const counts = new Map<number, number>();
  const scanner = createRecordScanner(dialect, (fields) => void records.push(fields));
  scanner.push({ text: head, byteAt: () => 0 });
  scanner.read(SAMPLE_RECORDS);
  if (isWhole || records.length === 0) {
    scanner.push(null);
    scanner.read(SAMPLE_RECORDS - records.length);
  }
  for (const { length } of records) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [columns, most] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [0, 0]);
  return { records, columns, consistency: records.length === 0 ? 0 : most / records.length };
}

/** What is left on automatic is found in `head`; `name` breaks ties. */
export function detectLayout(head: string, settings: CsvSettings, name: string, isWhole: boolean): Layout {
  const base = { comment: settings.comment, trim: settings.trim };
  const quote = settings.quote === AUTOMATIC.id ? detectQuote(head) : QUOTES[settings.quote];
  const escape = settings.escape === AUTOMATIC.id ? detectEscape(head, quote) : settings.escape;
  const dialects: Dialect[] = (settings.delimiter === AUTOMATIC.id ? BY_RARITY.map((each) => DELIMITERS[each]) : [chosenDelimiter(settings)]).map((delimiter) => ({ ...base, delimiter, quote, escape }));
  const trials = dialects.map((dialect) => ({ dialect, ...tryDialect(head, dialect, isWhole) }));
  const best = trials.reduce((one, other) => (score(other, name) > score(one, name) ? other : one));
  // Nothing cuts the lines: one column, whatever the delimiter; the comma is what a writer of one column means.
  const chosen = best.columns > 1 ? best : trials.at(-1)!;
  return { dialect: chosen.dialect, hasNames: settings.header === AUTOMATIC.id ? looksNamed(chosen.records) : settings.header === "first line" };
}

function chosenDelimiter(settings: CsvSettings): string {
  return settings.delimiter === "other" ? settings.otherDelimiter || "," : DELIMITERS[settings.delimiter as DelimiterName];
}

export const QUOTES = { double: '"', single: "'", none: "" } as const;

function score(trial: Trial & { readonly dialect: Dialect }, name: string): number {
  if (trial.columns < 2) return 0;
  const isExpected = trial.dialect.delimiter === "\t" ? /\.(tsv|tab)$/i.test(name) : trial.dialect.delimiter === "," && /\.csv$/i.test(name);
  return trial.consistency + (isExpected ? 0.05 : 0);
}

/** Single quotes only where fields are set in them and none in double quotes. */
function detectQuote(head: string): string {
  const count = (quote: string): number => head.match(new RegExp(`(?:^|[,;\\t|\\n\\r])${quote}[^${quote}\\n\\r]*${quote}(?=$|[,;\\t|\\n\\r])`, "g"))?.length ?? 0;
  return count("'") > 1 && !/(?:^|[,;\t|\n\r])"/.test(head) ? "'" : '"';
}

/** A backslash before a quote in the middle of a field, and nowhere a doubled quote in the middle of one. */
function detectEscape(head: string, quote: string): Dialect["escape"] {
  if (!quote) return "doubled";
  const hasBackslash = new RegExp(`\\\\${quote}(?![,;\\t|\\n\\r]|$)`).test(head);
  const hasDoubled = new RegExp(`[^,;\\t|\\n\\r${quote}]${quote}${quote}`).test(head);
  return hasBackslash && !hasDoubled ? "backslash" : "doubled";
}

const isNumeric = (cell: string): boolean => /^\s*[-+]?(?:\d[\d.,]*|\.\d+)(?:e[-+]?\d+)?\s*%?$/i.test(cell);
const isDate = (cell: string): boolean => /^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/.test(cell);
const isValue = (cell: string): boolean => isNumeric(cell) || isDate(cell);
const LONGEST_NAME = 80;

/** Names are short, differ, are no numbers, and do not come again below. */
function looksNamed(records: readonly (readonly string[])[]): boolean {
  const [first, ...rest] = records;
  if (!first || rest.length === 0) return first !== undefined && !first.some(isValue);
  const trimmed = first.map((cell) => cell.trim());
  if (trimmed.every((cell) => cell === "") || trimmed.some((cell) => cell.length > LONGEST_NAME)) return false;
  const columnOf = (column: number): string[] => rest.map((record) => record[column] ?? "").filter((cell) => cell.trim() !== "");
  // Years or ids may be names (a pivot table); below them then stand no values of the same kind, or the first name is a word.
  const asBelow = trimmed.filter((cell, column) => {
    const below = columnOf(column);
    return isValue(cell) ? below.every(isValue) : cell !== "" && below.some((other) => other.trim() === cell) && below.length > 1;
  });
  if (asBelow.length === 0) return true;
  const namesOverValues = trimmed.filter((cell, column) => cell !== "" && !isValue(cell) && columnOf(column).length > 0 && columnOf(column).every(isValue));
  return namesOverValues.length > 0 && asBelow.length * 2 <= trimmed.length;
}
