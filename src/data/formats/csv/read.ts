/**
 * Delimited text into rows. In: decoded pieces and settings. Out: names, batches of text cells, and a problem for each record that does not
 * fit: too few fields are padded with nothing, extra ones are cut, quotes that never close end the file.
 */
import { FailureError } from "../../../settings/failure";
import type { Cell } from "../../types/table";
import type { RowProblem } from "../../types/importing";
import { nameColumns } from "../columnNames";
import type { TextPiece, TextReading } from "../decodeText";
import type { ReadContext, ReadSummary, RowSink } from "../format";
import { countReplaced, encodingNotes, noRows } from "../openText";
import { createPacer } from "../readBytes";
import { createBatchLimit, emptyColumns } from "../rowBatch";
import { type Layout, detectLayout } from "./dialect";
import { type Flaw, LONGEST_FIELD, MOST_COLUMNS, createRecordScanner } from "./scan";
import type { CsvSettings } from "./settings";

/** UTF-16 units of the beginning that the layout is found in. */
const HEAD_UNITS = 2 ** 16;
/** Finding a byte takes time; beyond the problems that are listed nobody reads it. */
const MOST_PLACES = 1000;
const NAMED = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars" } as const;

export async function readDelimited(name: string, reading: TextReading, sink: RowSink, context: ReadContext, settings: CsvSettings): Promise<ReadSummary> {
  const pieces = reading.pieces();
  try {
    const { head, isWhole } = await takeHead(pieces);
    const layout = detectLayout(head.map(({ text }) => text).join("").slice(0, HEAD_UNITS), settings, name, isWhole);
    const rows = createRows(name, layout, sink, context.rowLimit ?? Infinity);
    const scanner = createRecordScanner(layout.dialect, rows.take);
    const pace = createPacer();
    let replaced = 0;
    for await (const piece of chain(head, pieces)) {
      if (piece) replaced += countReplaced(piece.text);
      scanner.push(piece);
      while (!rows.isDone() && scanner.read(rows.room()) > 0) {
        await rows.flush("full");
        await pace();
      }
      await rows.flush("first");
      if (rows.isDone()) break;
    }
    await rows.flush("all");
    return { notes: [...encodingNotes(reading, replaced), ...layoutNotes(layout), ...rows.finish(), ...leftOutNotes(scanner.blankLines(), scanner.commentLines())] };
  } finally {
    await pieces.return();
  }
}

async function takeHead(pieces: AsyncGenerator<TextPiece, void, undefined>): Promise<{ readonly head: TextPiece[]; readonly isWhole: boolean }> {
  const head: TextPiece[] = [];
  for (let units = 0; units < HEAD_UNITS; ) {
    const { done, value } = await pieces.next();
    if (done) return { head, isWhole: true };
    head.push(value);
    units += value.text.length;
  }
  return { head, isWhole: false };
}

async function* chain(head: readonly TextPiece[], rest: AsyncGenerator<TextPiece, void, undefined>): AsyncGenerator<TextPiece | null, void, undefined> {
  yield* head;
  yield* rest;
  yield null;
}

interface Rows {
  take(fields: string[], count: number, flaws: readonly Flaw[], byte: () => number): void;
  /** Records that may come before the next flush. */
  room(): number;
  isDone(): boolean;
  flush(what: "full" | "first" | "all"): Promise<void>;
  /** Throws where there were none. */
  finish(): string[];
}

function createRows(file: string, { dialect, hasNames }: Layout, sink: RowSink, limit: number): Rows {
  const batch = createBatchLimit();
  let names: readonly string[] | undefined;
  let nameNotes: readonly string[] = [];
  let cells: Cell[][] = [];
  let rows = 0;
  let units = 0;
  let flushed = 0;
  let records = 0;
  let trailing = 0;
  let problems = 0;

  const start = (given: readonly string[], count: number): void => {
    if (count > MOST_COLUMNS) throw tooManyColumns(file, count, dialect.delimiter);
    ({ names, notes: nameNotes } = nameColumns(given));
    cells = emptyColumns(names.length);
    sink.columns(names.map((each) => ({ name: each, kind: "text" })));
  };

  const report = (problem: Omit<RowProblem, "file" | "row" | "byte">, byte: () => number): void => {
    sink.problem({ row: records, ...(problems++ < MOST_PLACES ? { byte: byte() } : {}), ...problem });
  };

  /** False where the row cannot be kept. */
  const isSound = (flaws: readonly Flaw[]): boolean => {
    const nameOf = (field: number): string => names?.[field] ?? `column ${field + 1}`;
    for (const { kind, field, byte } of flaws) report({ column: nameOf(field), ...FLAWS[kind] }, () => byte);
    return !flaws.some(({ kind }) => FLAWS[kind].action === "skipped");
  };

  const keep = (fields: readonly string[], count: number, byte: () => number): void => {
    const wanted = names!.length;
    if (count < wanted) report({ expected: fieldCount(wanted), found: fieldCount(count), action: "padded", next: "Look at the line: a delimiter may be missing, or a line end may stand inside the text without quotes." }, byte);
    else if (count > wanted) {
      const isEmpty = fields.length === count && fields.slice(wanted).every((field) => field === "");
      if (isEmpty) trailing++;
      else report({ expected: fieldCount(wanted), found: fieldCount(count), action: "cut", next: "Look at the line: text that holds the delimiter needs quotes around it." }, byte);
    }
    for (let column = 0; column < wanted; column++) {
      const field = fields[column];
      cells[column]!.push(field);
      if (field !== undefined) units += field.length;
    }
    rows++;
  };

  return {
    take(fields, count, flaws, byte) {
      if (names === undefined) {
        start(hasNames ? fields : fields.map(() => ""), count);
        if (hasNames) {
          isSound(flaws);
          return;
        }
        nameNotes = [];
      }
      records++;
      if (isSound(flaws)) keep(fields, count, byte);
    },
    room: () => Math.max(1, Math.min(256, limit - flushed - rows)),
    isDone: () => flushed + rows >= limit,
    async flush(what) {
      const isDue = what === "all" || batch.isFull(rows, units) || (what === "first" && flushed === 0);
      if (rows === 0 || !isDue) return;
      const [given, count] = [cells, rows];
      cells = emptyColumns(names!.length);
      flushed += rows;
      rows = units = 0;
      batch.next();
      await sink.rows(given, count);
    },
    finish() {
      if (records === 0) throw noRows(file, names ? "it holds names of columns and nothing below them" : "it holds nothing but blank lines");
      return [...nameNotes, ...(trailing > 0 ? [`Empty fields at the end of ${counted(trailing, "row")} were left out.`] : [])];
    },
  };
}

const FLAWS: Readonly<Record<Flaw["kind"], Pick<RowProblem, "expected" | "found" | "action" | "next">>> = {
  "unclosed quote": { expected: "a quote that closes the field", found: "the end of the file; the quote opened here is never closed", action: "skipped", next: "Close the quote in the file, or set Quotes to None to read quotes as text." },
  "text after a quote": { expected: "a delimiter or a line end after the closing quote", found: "more text", action: "kept", next: "Double the quotes inside the field, or set Quotes to None to read quotes as text." },
  "too long": { expected: `at most ${LONGEST_FIELD.toLocaleString("en")} characters in a field`, found: "more", action: "skipped", next: "A quote may be missing its partner: set Quotes to None, or cut the text into rows." },
};

const counted = (count: number, noun: string): string => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
const fieldCount = (count: number): string => counted(count, "field");

function tooManyColumns(file: string, count: number, delimiter: string): FailureError {
  return new FailureError({
    kind: "bad-file",
    message: `${file} has ${counted(count, "column")}; Descent reads at most ${MOST_COLUMNS.toLocaleString("en")}. Nothing was imported.`,
    hint: `Choose another delimiter if ${nameOfDelimiter(delimiter)} do not separate its fields, or keep only the columns you need.`,
    where: file,
  });
}

const nameOfDelimiter = (delimiter: string): string => new Map<string, string>(Object.entries(NAMED)).get(delimiter) ?? `the characters "${delimiter}"`;

function layoutNotes({ dialect, hasNames }: Layout): string[] {
  const quotes = dialect.quote === "'" ? ", quoted with '" : "";
  const escape = dialect.escape === "backslash" ? ", with \\ before quotes inside" : "";
  return [`Fields are separated by ${nameOfDelimiter(dialect.delimiter)}${quotes}${escape}; ${hasNames ? "the first line names the columns" : "the first line is a row"}.`];
}

function leftOutNotes(blank: number, comments: number): string[] {
  return [
    ...(blank > 0 ? [`${counted(blank, "blank line")} ${blank === 1 ? "was" : "were"} left out.`] : []),
    ...(comments > 0 ? [`${counted(comments, "comment line")} ${comments === 1 ? "was" : "were"} left out.`] : []),
  ];
}
