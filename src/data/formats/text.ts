/**
 * Plain text as a table format. In: a text of any common encoding. Out: one column `text`, a row for each paragraph of one document (kept with the
 * blank lines behind it, so that joining the rows gives the text back), for each file, for each paragraph, or for each line. Out again: a column as
 * text.
 */
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import { choice, text as textField } from "../../settings/field";
import { createParagraphCutter } from "../table/paragraphs";
import type { Table } from "../table/table";
import { hasExtension } from "./extension";
import type { ReadContext, ReadSummary, RowSink, TableFormat, TableWriter } from "./format";
import { AUTOMATIC, decodeHead, encodingField, openText, suggestEncoding } from "./openText";
import { createTextTally, emptyFile } from "./plainText";
import { createPacer } from "./readBytes";
import { createBatchLimit } from "./rowBatch";
import { createTextSink } from "./textSink";

const EXTENSIONS = ["txt", "text", "md", "markdown", "log"] as const;
/** UTF-16 units of a row that is meant to be whole: a file, a paragraph or a line. */
const LONGEST_ROW = 2 ** 24;

const settings = z.object({
  rows: choice({
    label: "Rows", help: "One document for a book or a log; files, paragraphs or lines where each stands for itself.", group: "Data", default: AUTOMATIC.id,
    options: [
      { id: AUTOMATIC.id, label: AUTOMATIC.label, summary: "One file is one document; of several files each is a row." },
      { id: "document", label: "One document", summary: "The text stays exactly as it is; it is only kept in pieces." },
      { id: "files", label: "One row per file", summary: "A file is a row, whatever is in it: a letter, a review." },
      { id: "paragraphs", label: "By paragraph", summary: "What stands between blank lines is a row." },
      { id: "lines", label: "By line", summary: "Each line that is not blank is a row." },
    ],
  }),
  encoding: encodingField,
});

type RowMode = Exclude<z.infer<typeof settings>["rows"], typeof AUTOMATIC.id>;

interface RowCutter {
  push(text: string): string[];
  finish(): string[];
}

const CUTTERS: Readonly<Record<RowMode, (file: string) => RowCutter>> = {
  document: () => createParagraphCutter(),
  files(file) {
    const parts: string[] = [];
    let units = 0;
    return {
      push(text) {
        parts.push(text);
        units += text.length;
        if (units > LONGEST_ROW) throw tooLong(file);
        return [];
      },
      finish: () => [parts.join("")],
    };
  },
  paragraphs() {
    const cutter = createParagraphCutter(LONGEST_ROW);
    const trim = (paragraphs: readonly string[]): string[] => paragraphs.map((paragraph) => paragraph.trimEnd().replace(/^(?:[^\S\n]*\n)+/, "")).filter((paragraph) => paragraph !== "");
    return { push: (text) => trim(cutter.push(text)), finish: () => trim(cutter.finish()) };
  },
  lines() {
    let held = "";
    const isKept = (line: string): boolean => /\S/.test(line);
    return {
      push(text) {
        const lines = (held + text).split("\n");
        held = lines.pop() ?? "";
        if (held.length > LONGEST_ROW) {
          lines.push(held);
          held = "";
        }
        return lines.filter(isKept);
      },
      finish: () => [held].filter(isKept),
    };
  },
};

const tooLong = (file: string): FailureError =>
  new FailureError({
    kind: "bad-file",
    message: `${file} is too long for one row: it has more than ${LONGEST_ROW.toLocaleString("en")} characters. Nothing was imported.`,
    hint: "Set Rows to By paragraph or By line, or add this file by itself as one document.",
    where: file,
  });

async function readRows(source: Parameters<typeof openText>[0], sink: RowSink, context: ReadContext): Promise<ReadSummary> {
  const { rows: chosen, encoding } = settings.parse(context.settings);
  const mode = chosen !== AUTOMATIC.id ? chosen : (context.fileCount ?? 1) > 1 ? "files" : "document";
  if (source.size === 0) throw emptyFile(source.name, "it has 0 bytes");
  const reading = await openText(source, encoding, context);
  const [tally, cutter, batch, pace] = [createTextTally(), CUTTERS[mode](source.name), createBatchLimit(), createPacer()];
  const limit = context.rowLimit ?? Infinity;
  let given = 0;
  let waiting: string[] = [];
  const flush = async (what: "full" | "all"): Promise<void> => {
    const units = waiting.reduce((sum, row) => sum + row.length, 0);
    if (waiting.length === 0 || (what === "full" && given > 0 && !batch.isFull(waiting.length, units))) return;
    const rows = waiting.slice(0, limit - given);
    waiting = [];
    given += rows.length;
    batch.next();
    await sink.rows([rows], rows.length);
  };
  const take = async (rows: readonly string[], isLast: boolean): Promise<void> => {
    for (const row of rows) waiting.push(row);
    await flush(isLast ? "all" : "full");
    await pace();
  };
  const summary = (notes: readonly string[]): ReadSummary => ({ notes: [...(chosen !== mode && mode === "files" ? ["Each file is one row."] : []), ...notes], joiner: mode === "document" ? "" : "\n" });
  sink.columns([{ name: "text", kind: "text" }]);
  for await (const { text } of reading.pieces()) {
    await take(cutter.push(tally.push(text)), false);
    if (given >= limit) return summary(reading.because ? [reading.because] : []);
  }
  const last = [...cutter.push(tally.end()), ...cutter.finish()];
  // Before the last rows go out: a short file of nothing but spaces shall leave none behind.
  const { notes } = tally.report(source.name, reading);
  await take(last, true);
  return summary(notes);
}

const writeSettings = z.object({
  column: textField({ label: "Column", help: "The column that is written; empty for the text column.", group: "Data", maxLength: 200, default: "" }),
  joiner: choice({
    label: "Between rows", help: "What stands between two rows in the file.", group: "Data", default: "as imported",
    options: [
      { id: "as imported", label: "As imported", summary: "Documents come out as they were; other rows stand on lines of their own." },
      { id: "line", label: "A line end", summary: "One row a line, as far as rows hold no line ends." },
      { id: "blank line", label: "A blank line", summary: "Rows are paragraphs." },
      { id: "nothing", label: "Nothing", summary: "Rows follow one another." },
    ],
  }),
});

const JOINERS = { line: "\n", "blank line": "\n\n", nothing: "" } as const;

function chooseColumn(table: Table, wanted: string): number {
  const isText = (role: "text" | undefined): number => table.columns.findIndex((column) => (role ? column.role === role : column.kind === "text"));
  const index = wanted ? table.columns.findIndex(({ name }) => name === wanted) : Math.max(isText("text"), isText("text") < 0 ? isText(undefined) : -1);
  if (index >= 0) return index;
  throw new FailureError({
    kind: "bad-settings",
    message: wanted ? `There is no column "${wanted}" to write.` : "There is no text column to write.",
    hint: `Choose one of: ${table.columns.slice(0, 8).map(({ name }) => name).join(", ")}.`,
    where: "column",
  });
}

const writer: TableWriter = {
  settings: writeSettings,
  async write(table, sink, { settings: given, signal, onRows }) {
    const { column: wanted, joiner: chosen } = writeSettings.parse(given);
    const index = chooseColumn(table, wanted);
    const joiner = chosen === "as imported" ? table.joiner : JOINERS[chosen];
    const out = createTextSink(sink);
    let broken = 0;
    for await (const { firstRow, rows, columns } of table.scan({ columns: [index] })) {
      signal?.throwIfAborted();
      for (const [row, cell] of columns[0]!.entries()) {
        const text = cell === null || cell === undefined ? "" : String(cell);
        if (joiner === "\n" && text.includes("\n")) broken++;
        await out.write(firstRow + row > 0 ? joiner + text : text);
      }
      onRows?.(firstRow + rows);
    }
    await out.finish();
    const others = table.columns.length - 1;
    return {
      notes: [
        ...(others > 0 ? [`Only the column "${table.columns[index]!.name}" was written; plain text cannot hold the other ${others.toLocaleString("en")}.`] : []),
        ...(broken > 0 ? [`${broken.toLocaleString("en")} rows hold line ends; read again by line, each becomes several rows.`] : []),
      ],
    };
  },
};

export const text: TableFormat = {
  id: "text",
  label: "Plain text",
  summary: "A book, a log, a list: text without columns.",
  extensions: EXTENSIONS,
  mediaType: "text/plain",
  isBareText: true,
  settings,
  // Every table of text is also a text: whoever knows more about the file goes first.
  detect: (head, name) => (decodeHead(head) === undefined ? 0 : hasExtension(name, EXTENSIONS) ? 0.5 : 0.1),
  suggest(head) {
    const encoding = suggestEncoding(head);
    return encoding ? { encoding } : {};
  },
  read: readRows,
  write: writer,
};
