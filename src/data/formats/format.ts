/**
 * The faces of a file format. In: a stream of bytes. Out: rows in batches, and one report line per thing that was not as
 * expected. Out again: a table as bytes. A format is one file and one line in `formats/index.ts`; it knows nothing of the store.
 */
import type { z } from "zod";
import type { FieldValue } from "../../settings/field";
import type { Table } from "../table/table";
import type { Cell, ColumnKind, ColumnType } from "../types/table";
import type { RowProblem } from "../types/importing";
import type { ByteSource, ReadOptions } from "./readBytes";

/** A column as a file names it. Text columns get their type by looking at their cells (`table/inferTypes.ts`). */
export interface ParsedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Set where the file itself says it (Parquet's schema). */
  readonly type?: ColumnType;
}

/** Takes what a format reads. A sink may refuse (cancel, a problem the user wants to stop at) by throwing. */
export interface RowSink {
  /**
   * Before the first row, and again whenever columns were added at the end, one had to become wider (number → text, any → json), or one that
   * held nothing but missing cells shows its kind.
   */
  columns(columns: readonly ParsedColumn[]): void;
  /** cells[column][row]; columns that came later than the batch may be absent. Await it: this is how a slow disk holds a fast file back. */
  rows(cells: readonly (readonly Cell[])[], count: number): Promise<void> | void;
  /** One thing wrong in one place; reading goes on unless this throws. */
  problem(problem: Omit<RowProblem, "file">): void;
}

/** Takes bytes; await it. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void> | void;
}

export type FormatSettings = Readonly<Record<string, FieldValue>>;

export interface ReadContext extends ReadOptions {
  readonly settings: FormatSettings;
  /** Stop after this many rows: the preview. The format then ends without complaint. */
  readonly rowLimit?: number;
  /** Files that this import reads one after another; absent: this one. */
  readonly fileCount?: number;
}

/** What a format made of a file beyond its rows: "Read as windows-1252.", "Fields are separated by semicolons." */
export interface ReadSummary {
  readonly notes: readonly string[];
  /** What stands between rows, where the rows are pieces of one text; default "\n". */
  readonly joiner?: string;
}

export interface TableFormat {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  /** Lower case, without the dot; the first is the one written. */
  readonly extensions: readonly string[];
  readonly mediaType: string;
  /** Set where files hold one text and nothing about it, so that only the folder can say what it is (ham/1.txt, spam/2.txt). */
  readonly isBareText?: true;
  /** Fields made with settings/field.ts: the import dialog's form. Every field has an "automatic" default where detection is possible. */
  readonly settings: z.ZodObject;
  /** How surely these bytes (the first 64 KB) and this name are of this format: 0 no, 0.5 by its name, 1 by its content. */
  detect(head: Uint8Array, name: string): number;
  /** The settings that suit this file, for fields that were left on automatic: shown in the form, changeable. */
  suggest?(head: Uint8Array, name: string): FormatSettings;
  read(source: ByteSource, sink: RowSink, context: ReadContext): Promise<ReadSummary>;
  /** Absent where a format can only be read. */
  readonly write?: TableWriter;
}

export interface TableWriter {
  readonly settings: z.ZodObject;
  /** The file is packed already: gzip around it would gain nothing, so it is not offered. */
  readonly isPacked?: true;
  /** Writes the whole table; calls `onRows` with the number of rows written so far, and stops when `signal` says so. */
  write(table: Table, sink: ByteSink, context: { readonly settings: FormatSettings; readonly signal?: AbortSignal; readonly onRows?: (rows: number) => void }): Promise<WriteSummary>;
}

/** What the file could not carry, one sentence each: "3 cells were null; CSV writes them as nothing." */
export interface WriteSummary {
  readonly notes: readonly string[];
}
