/**
 * Imports acted out. In: sources. Out: previews, progress, datasets and reports that look like the real ones: `problems` in a
 * file's name makes an import with two hundred problems that asks, `slow` one that takes long, `bad` one that fails, an empty
 * file is refused.
 */
import { z } from "zod";
import { choice, describeFields, text, toggle } from "../../settings/field";
import type { DatasetSummary, Failure, FormatInfo, ImportCalls, ImportPreview, ImportReport, ImportSource, Result, RowProblem } from "../../worker/protocol";
import { type FakeShelf, type FakeTable, tableOf } from "./fakeTables";

const done = <T>(value: T): Promise<Result<T>> => Promise.resolve({ ok: true, value });
const refused = (failure: Failure): Result<never> => ({ ok: false, failure });

const csv = z.object({
  encoding: choice({ label: "Encoding", help: "How bytes become letters.", group: "Data", default: "automatic", options: [{ id: "automatic", label: "Automatic", summary: "Found from the bytes." }, { id: "utf-8", label: "UTF-8", summary: "What most files are." }, { id: "windows-1252", label: "windows-1252", summary: "Old files of western Europe." }] }),
  separator: choice({ label: "Separator", help: "What stands between fields.", group: "Data", default: "automatic", options: [{ id: "automatic", label: "Automatic", summary: "Found from the rows." }, { id: ",", label: "Comma", summary: "" }, { id: ";", label: "Semicolon", summary: "" }, { id: "\t", label: "Tab", summary: "" }] }),
  header: choice({ label: "Header", help: "Whether the first row names the columns.", group: "Data", default: "automatic", options: [{ id: "automatic", label: "Automatic", summary: "" }, { id: "yes", label: "First row", summary: "" }, { id: "no", label: "None", summary: "" }] }),
  quote: text({ label: "Quote", help: "What wraps fields that hold separators.", group: "Data", default: '"', maxLength: 1 }),
});
const csvWrite = z.object({
  separator: choice({ label: "Separator", help: "What stands between fields.", group: "Data", default: ",", options: [{ id: ",", label: "Comma", summary: "" }, { id: ";", label: "Semicolon", summary: "" }, { id: "\t", label: "Tab", summary: "" }] }),
  safe: toggle({ label: "Safe for spreadsheets", help: "Puts an apostrophe before cells that a spreadsheet would run as a formula; such cells then differ from the original.", group: "Data", default: false }),
});

const FORMATS: readonly FormatInfo[] = [
  { id: "csv", label: "CSV", summary: "Rows of fields with separators.", canWrite: true, extensions: ["csv", "tsv"], writeFields: describeFields(csvWrite) },
  { id: "jsonl", label: "JSON Lines", summary: "One object per line.", canWrite: true, extensions: ["jsonl"], writeFields: [] },
  { id: "parquet", label: "Parquet", summary: "Columns, packed; read by pandas, DuckDB and others.", canWrite: true, extensions: ["parquet"], writeFields: [] },
  { id: "hugging-face", label: "Hugging Face folder", summary: "A zip with Parquet files and a dataset card.", canWrite: true, extensions: ["zip"], writeFields: [] },
  { id: "text", label: "Plain text", summary: "One document, paragraphs or lines.", canWrite: true, extensions: ["txt"], writeFields: [] },
];

const nameOf = (source: ImportSource): string => (source.kind === "file" ? (source.path ?? source.file.name) : source.kind === "text" ? source.name : source.url);
const sizeOf = (source: ImportSource): number => (source.kind === "file" ? source.file.size : source.kind === "text" ? source.content.length : 120_000);
const totalOf = (sources: readonly ImportSource[]): number => sources.reduce((sum, source) => sum + sizeOf(source), 0);

function problemAt(index: number, file: string): RowProblem {
  const row = 12 + index * 37;
  const kinds: RowProblem[] = [
    { file, row, byte: row * 61, expected: "6 fields", found: "7 fields", action: "skipped", next: "Quote the field that holds a comma." },
    { file, row, byte: row * 61, expected: "6 fields", found: "4 fields", action: "padded", next: "Fill in the missing fields, or keep the row with empty ones." },
    { file, row, column: "length", byte: row * 61 + 40, expected: "a whole number", found: "“about 300”", action: "kept as text", next: "Make length a text column, or correct the cell." },
    { file, row, column: "text", byte: row * 61 + 8, expected: "text in UTF-8", found: "the byte 0x9F", action: "kept", next: "Read the file as windows-1252." },
  ];
  return kinds[(index * index) % 4] ?? (kinds[0] as RowProblem);
}

const isTableName = (name: string): boolean => /\.(csv|tsv|jsonl|json|parquet)|messages/i.test(name);

export function fakeImports(shelf: FakeShelf, tables: Map<string, FakeTable>, stepMs: number): ImportCalls {
  const canceled = new Set<number>();
  const waiting = new Map<number, DatasetSummary>();
  let nextPending = 1;
  let nextId = 1;
  const pause = () => new Promise((resolve) => setTimeout(resolve, stepMs));

  const build = (name: string, sources: readonly ImportSource[]): DatasetSummary => {
    const id = `own-${nextId++}`;
    const first = sources[0];
    const typed = first?.kind === "text" && /^\{[^\n]*\}\n$/.test(first.content) ? Object.keys(JSON.parse(first.content) as object) : null;
    const table: FakeTable = typed
      ? { columns: typed.map((column) => ({ name: column, kind: "text", type: "text", role: "none" })), rows: 1, cell: () => "", edits: new Map() }
      : tableOf(isTableName(name) ? "messages" : id);
    tables.set(id, table);
    const bytes = totalOf(sources);
    return { id, name, origin: "user", summary: "Read as UTF-8.", bytes, characters: bytes, rows: table.rows, columns: [...table.columns], prompt: "The", addedAt: Date.now() };
  };

  return {
    listFormats: () => done([...FORMATS]),
    async inspect(sources, format, settings, work): Promise<Result<ImportPreview>> {
      await pause();
      if (canceled.has(work)) return refused({ kind: "canceled", message: "Canceled.", hint: "" });
      const name = sources[0] ? nameOf(sources[0]) : "Nothing";
      if (/bad/.test(name)) return refused({ kind: "bad-file", message: `${name} is not a table: it looks like a PNG image.`, hint: "Choose another file, or another format.", where: name });
      const isText = format === "text" || (format === null && !isTableName(name));
      const table = tableOf(isText ? "" : "messages");
      return {
        ok: true,
        value: {
          name, format: format ?? (isText ? "text" : "csv"), formats: FORMATS.map(({ id, label, summary }) => ({ id, label, summary })), fields: isText ? [] : describeFields(csv),
          settings: { encoding: "windows-1252", separator: ";", header: "yes", quote: '"', ...settings }, notes: isText ? ["Read as UTF-8."] : ["Fields are separated by semicolons.", "Text is windows-1252."],
          columns: table.columns, rows: Array.from({ length: 20 }, (_, row) => table.columns.map((_column, at) => table.cell(row, at))),
          problems: /problems/.test(name) ? Array.from({ length: 4 }, (_, index) => problemAt(index, name)) : [],
          files: sources.map((source) => ({ name: nameOf(source), bytes: sizeOf(source) })), totalBytes: totalOf(sources),
        },
      };
    },
    async importData({ sources, name, onProblems }, work, onProgress) {
      const bytesTotal = totalOf(sources);
      const steps = /slow/.test(name) ? 60 : 4;
      for (let step = 1; step <= steps; step++) {
        await pause();
        if (canceled.has(work)) return refused({ kind: "canceled", message: "Canceled.", hint: "" });
        onProgress({ name, bytesRead: Math.round((bytesTotal * step) / steps), bytesTotal, rows: step * 2500 });
      }
      if (bytesTotal === 0) return refused({ kind: "bad-file", message: `There is no text in ${name}: it has 0 bytes. Nothing was imported.`, hint: "Choose a file with text in it, or paste text.", where: name });
      if (/bad/.test(name)) return refused({ kind: "bad-file", message: `${name} is not a text file: it looks like a PNG image. Nothing was imported.`, hint: "Choose another file, or paste text.", where: name });
      const dataset = build(name, sources);
      const count = /problems/.test(name) ? 200 : 0;
      const report: ImportReport = {
        rowsRead: (dataset.rows ?? 0) + Math.floor(count / 2), rowsKept: dataset.rows ?? 0, problemCount: count, problems: Array.from({ length: count }, (_, index) => problemAt(index, name)), notes: ["Fields are separated by semicolons."],
      };
      if (count > 0 && onProblems === "ask") {
        waiting.set(nextPending, dataset);
        return { ok: true, value: { state: "waiting", pending: nextPending++, report } };
      }
      shelf.put(dataset);
      return { ok: true, value: { state: "added", dataset, report } };
    },
    acceptImport(pending) {
      const dataset = waiting.get(pending);
      if (!dataset) return Promise.resolve(refused({ kind: "busy", message: "This import is over.", hint: "Add the file again." }));
      waiting.delete(pending);
      shelf.put(dataset);
      return done(dataset);
    },
    discardImport(pending) {
      waiting.delete(pending);
      return done(null);
    },
    async exportData({ dataset, format }, work, onProgress) {
      const rows = tables.get(dataset)?.rows ?? 1000;
      for (let step = 1; step <= 5; step++) {
        await pause();
        if (canceled.has(work)) return refused({ kind: "canceled", message: "Canceled.", hint: "" });
        onProgress(Math.round((rows * step) / 5));
      }
      const info = FORMATS.find(({ id }) => id === format);
      return { ok: true, value: { name: `${dataset}.${info?.extensions[0] ?? "txt"}`, file: new File(["text,label\n"], "export"), notes: ["3 cells were null; CSV writes them as nothing."] } };
    },
    cancelWork(work) {
      canceled.add(work);
      return Promise.resolve();
    },
  };
}
