/**
 * Brings rows in. In: files, text or addresses, a format or none, choices about columns, and a writer for the rows. Out: the finished columns with
 * types and roles, and the report. The writer gets everything read; whether it is kept is for whoever owns it to decide.
 */
import { noRows } from "../formats/openText";
import { canceled } from "../formats/readBytes";
import { createTypeInference } from "../table/inferTypes";
import type { ImportProgress, ImportReport, ImportRequest } from "../types/importing";
import type { Column } from "../types/table";
import { describeColumns } from "./describeColumns";
import { describeFiles } from "./fileColumns";
import { type GatherContext, gatherFiles } from "./gatherFiles";
import { collectNotes } from "./notes";
import { type ProblemList, collectProblems } from "./problems";
import { WrongEncodingOf, readFile } from "./readFile";
import { readSettings } from "./readSettings";
import { type RowWriter, uniteRows } from "./unitedRows";

/** What the store's writer offers: it can forget everything and begin anew. */
export interface ImportWriter extends RowWriter {
  restart(): void;
}

export interface ImportContext extends Omit<GatherContext, "onProgress"> {
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface ImportedRows {
  readonly format: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  /** What stands between rows where they are read as one text. */
  readonly joiner: string;
  readonly report: ImportReport;
}

/** Milliseconds between two reports of progress: at most twelve a second. */
const PROGRESS_MS = 90;

export async function importData(request: ImportRequest, writer: ImportWriter, context: ImportContext = {}): Promise<ImportedRows> {
  const tell = throttle(context.onProgress);
  const onDownload = (bytesRead: number, bytesTotal: number): void => tell({ name: request.name, bytesRead, bytesTotal });
  const gathered = await gatherFiles(request.sources, request.format ?? null, { ...context, onProgress: onDownload });
  const problems = collectProblems(request.onProblems);
  // Files whose encoding was guessed wrong and found out late; then all begins anew.
  const encodings = new Map<string, string>();
  for (;;) {
    const pass = createPass(request, gathered, writer, problems, encodings);
    try {
      return await pass.run(tell, context.signal);
    } catch (error) {
      if (!(error instanceof WrongEncodingOf) || encodings.has(error.file)) throw error;
      encodings.set(error.file, error.encoding);
      problems.clear();
      writer.restart();
    }
  }
}

interface Pass {
  run(tell: (progress: ImportProgress, urgent?: "now") => void, signal: AbortSignal | undefined): Promise<ImportedRows>;
}

function createPass(request: ImportRequest, gathered: Awaited<ReturnType<typeof gatherFiles>>, writer: RowWriter, problems: ProblemList, encodings: ReadonlyMap<string, string>): Pass {
  const { format, files, leftOut } = gathered;
  const aboutFiles = describeFiles(format, files.map(({ source }) => source.name));
  const choices = new Map((request.columns ?? []).map((choice) => [choice.name, choice]));
  const types = createTypeInference();
  const inferring: RowWriter = {
    columns: (columns) => writer.columns(columns),
    rows(cells, count) {
      types.add(cells, count);
      return writer.rows(cells, count);
    },
  };
  const united = uniteRows(inferring, { fileColumns: aboutFiles.columns, isLeftOut: (name) => choices.get(name)?.include === false });
  const bytesTotal = files.reduce((sum, { source }) => sum + source.size, 0);
  const notes = collectNotes();
  return {
    async run(tell, signal) {
      let bytesBefore = 0;
      let joiner = "\n";
      for (const file of files) {
        const onProgress = (bytes: number): void => tell({ name: request.name, bytesRead: bytesBefore + bytes, bytesTotal, rows: united.rows() });
        const { name } = file.source;
        const settings = { ...readSettings(format, request.settings ?? {}), ...(encodings.has(name) ? { encoding: encodings.get(name)! } : {}) };
        const summary = await readFile(format, file.source, { united, problems, isOnly: files.length === 1, context: { settings, fileCount: files.length, onProgress, ...(signal ? { signal } : {}) } });
        notes.add(summary?.notes ?? []);
        joiner = summary?.joiner ?? joiner;
        bytesBefore += file.source.size;
      }
      if (signal?.aborted) throw canceled(request.name);
      if (united.rows() === 0) throw noRows(request.name, "nothing in it could be read as a row");
      tell({ name: request.name, bytesRead: bytesTotal, bytesTotal, rows: united.rows() }, "now");
      const columns = describeColumns(united, types.finish(united.columns().map(({ kind }) => kind)), choices);
      const left = leftOut.map(({ name, why }) => `${name} was left out: ${why}.`);
      return { format: format.id, columns, rows: united.rows(), joiner, report: problems.report(united.rows(), [...notes.list(files.length), ...aboutFiles.notes, ...left]) };
    },
  };
}

function throttle(onProgress: ImportContext["onProgress"]): (progress: ImportProgress, urgent?: "now") => void {
  let last = -Infinity;
  return (progress, urgent) => {
    const now = performance.now();
    if (urgent === undefined && now - last < PROGRESS_MS) return;
    last = now;
    onProgress?.(progress);
  };
}
