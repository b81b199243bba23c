/**
 * Looks at what a person brought before anything is kept. In: files, text or addresses, a format or none, settings. Out: what they were taken for, the
 * first rows, the columns with types and roles guessed from them, and what was wrong so far.
 */
import { describeFields } from "../../settings/field";
import type { FormatSettings } from "../formats/format";
import { formats as allFormats } from "../formats/index";
import { createTypeInference } from "../table/inferTypes";
import type { ImportPreview, ImportSource } from "../types/importing";
import { type Cell, LONGEST_SHOWN } from "../types/table";
import { describeColumns } from "./describeColumns";
import { describeFiles } from "./fileColumns";
import { type FoundFile, type GatherContext, gatherFiles } from "./gatherFiles";
import { collectNotes } from "./notes";
import { collectProblems } from "./problems";
import { WrongEncodingOf, readFile } from "./readFile";
import { readSettings, suggestSettings } from "./readSettings";
import { uniteRows } from "./unitedRows";

/** Rows that types are guessed from, and how many of them are shown. */
const LOOKED_AT = 500;
const SHOWN = 50;
/** Of several files; where each file is one row, hundreds of them can be very much. */
const LOOKED_AT_BYTES = 2 ** 25;

export async function inspect(sources: readonly ImportSource[], formatId: string | null, chosen: FormatSettings, context: GatherContext = {}): Promise<ImportPreview> {
  const { formats = allFormats, signal } = context;
  const { format, files, leftOut } = await gatherFiles(sources, formatId, context);
  const settings = readSettings(format, chosen, suggestSettings(format, files));
  const rows: Cell[][] = [];
  const types = createTypeInference();
  const problems = collectProblems("keep");
  const aboutFiles = describeFiles(format, files.map(({ source }) => source.name));
  const notes = collectNotes();
  let [width, bytes, read] = [0, 0, 0];
  const united = uniteRows({
    columns: (columns) => void (width = columns.length),
    rows(cells, count) {
      types.add(cells, count);
      for (let row = 0; row < count && rows.length < SHOWN; row++) rows.push(cells.map((column) => shorten(column[row])));
    },
  }, { fileColumns: aboutFiles.columns, isLeftOut: () => false });
  for (const { source } of files) {
    const readWith = (values: FormatSettings): ReturnType<typeof readFile> =>
      readFile(format, source, { united, problems, isOnly: files.length === 1, context: { settings: values, fileCount: files.length, rowLimit: LOOKED_AT - united.rows(), ...(signal ? { signal } : {}) } });
    const summary = await readWith(settings).catch((error: unknown) => {
      // The rows before the place where it shows are few and stay as they are; the import itself begins anew.
      if (error instanceof WrongEncodingOf) return readWith({ ...settings, encoding: error.encoding });
      throw error;
    });
    notes.add(summary?.notes ?? []);
    read++;
    bytes += source.size;
    if (united.rows() >= LOOKED_AT || (united.rows() > 0 && bytes >= LOOKED_AT_BYTES)) break;
  }
  const { problems: listed } = problems.report(united.rows(), []);
  return {
    name: suggestName(sources, files),
    format: format.id,
    formats: formats.map(({ id, label, summary }) => ({ id, label, summary })),
    fields: describeFields(format.settings),
    settings: format.settings.parse(settings) as FormatSettings,
    notes: [...notes.list(read), ...aboutFiles.notes],
    columns: describeColumns(united, types.finish(united.columns().map(({ kind }) => kind)), new Map()),
    rows: rows.map((row) => Array.from({ length: width }, (_, column) => row[column])),
    problems: listed,
    files: [...files.map(({ source: { name, size } }) => ({ name, bytes: size })), ...leftOut.map(({ name, bytes, why }) => ({ name, bytes, leftOut: why }))],
    totalBytes: files.reduce((sum, { source }) => sum + source.size, 0),
  };
}

const shorten = (cell: Cell): Cell => (typeof cell === "string" && cell.length > LONGEST_SHOWN ? `${cell.slice(0, LONGEST_SHOWN - 1)}…` : cell);

/** The file without its ending; the folder or archive that several came out of. */
function suggestName(sources: readonly ImportSource[], files: readonly FoundFile[]): string {
  const [first] = sources;
  if (sources.length === 1 && first?.kind === "text") return first.name;
  const paths = files.map(({ source }) => source.name);
  const folder = paths[0]?.split("/")[0] ?? "";
  const isShared = paths.length > 1 && paths.every((path) => path.startsWith(`${folder}/`));
  const name = isShared ? folder : (paths[0] ?? "").split("/").at(-1)!;
  return name.replace(/\.(?:gz|zip)$/i, "").replace(/\.[a-z0-9]{1,8}$/i, "") || name || "Data";
}
