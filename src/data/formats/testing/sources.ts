/** For tests of formats: bytes as a source in pieces of any size, and a sink that keeps everything. */
import type { Cell } from "../../types/table";
import type { RowProblem } from "../../types/importing";
import type { TextSource } from "../decodeText";
import type { FormatSettings, ParsedColumn, ReadSummary, RowSink, TableFormat } from "../format";
import type { Table } from "../../table/table";

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** `sizes` are the lengths of the pieces, taken in turns. */
export function sourceOf(content: string | Uint8Array, name: string, sizes: readonly number[] = []): TextSource {
  const bytes = typeof content === "string" ? utf8(content) : content;
  return {
    name,
    size: bytes.length,
    stream() {
      let at = 0;
      let turn = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at >= bytes.length) return controller.close();
          const size = Math.max(1, sizes[turn++ % sizes.length] ?? bytes.length);
          controller.enqueue(bytes.slice(at, at + size));
          at += size;
        },
      });
    },
  };
}

export interface KeptRows extends RowSink {
  readonly names: string[];
  readonly kinds: string[];
  readonly cells: Cell[][];
  readonly problems: Omit<RowProblem, "file">[];
  readonly batches: number[];
}

/** Keeps cells[row][column]; columns that came later than a row are absent there. */
export function keepRows(): KeptRows {
  const [names, kinds, cells, problems, batches]: [string[], string[], Cell[][], Omit<RowProblem, "file">[], number[]] = [[], [], [], [], []];
  return {
    names, kinds, cells, problems, batches,
    columns(columns: readonly ParsedColumn[]) {
      names.splice(0, names.length, ...columns.map(({ name }) => name));
      kinds.splice(0, kinds.length, ...columns.map(({ kind }) => kind));
    },
    rows(given, count) {
      batches.push(count);
      for (let row = 0; row < count; row++) cells.push(names.map((_, column) => given[column]?.[row]));
    },
    problem: (problem) => void problems.push(problem),
  };
}

export interface ReadResult extends ReadSummary {
  readonly names: readonly string[];
  readonly kinds: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly problems: readonly Omit<RowProblem, "file">[];
}

export async function readAll(format: TableFormat, content: string | Uint8Array, options: { readonly name?: string; readonly settings?: FormatSettings; readonly sizes?: readonly number[]; readonly rowLimit?: number } = {}): Promise<ReadResult> {
  const sink = keepRows();
  const { rowLimit } = options;
  const source = sourceOf(content, options.name ?? `rows.${format.extensions[0]}`, options.sizes);
  const summary = await format.read(source, sink, { settings: options.settings ?? {}, ...(rowLimit === undefined ? {} : { rowLimit }) });
  return { ...summary, names: sink.names, kinds: sink.kinds, rows: sink.cells.map((row) => sink.names.map((_, column) => row[column])), problems: sink.problems };
}

export async function writeAll(format: TableFormat, table: Table, settings: FormatSettings = {}): Promise<{ readonly bytes: Uint8Array; readonly notes: readonly string[] }> {
  const parts: Uint8Array[] = [];
  const { notes } = await format.write!.write(table, { write: (bytes) => void parts.push(bytes) }, { settings });
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return { bytes, notes };
}
