/**
 * The nouns of bringing data in: what is brought, what it was taken for, what was wrong with it. Plain data; `File` crosses to the worker as
 * it is.
 */
import type { Field, FieldValue } from "../../settings/field";
import type { Cell, Column, ColumnRole, ColumnType } from "./table";
import type { DatasetSummary } from "./dataset";

export type ImportSource =
  | { readonly kind: "file"; readonly file: File; /** Within the folder that was chosen. */ readonly path?: string }
  | { readonly kind: "text"; readonly name: string; readonly content: string }
  | { readonly kind: "url"; readonly url: string };

/** One thing wrong in one place, in the words of the report: file, row, column, byte, expected, found, next step. */
export interface RowProblem {
  readonly file: string;
  /** 1-based, as people count; the header is not a row. 0 when it is about the file. */
  readonly row: number;
  readonly column?: string;
  /** Offset in the file (unpacked, where it was packed), 0-based. */
  readonly byte?: number;
  /** "2 fields" */
  readonly expected: string;
  /** "3 fields" */
  readonly found: string;
  /** What happens to the row if the import is accepted. */
  readonly action: "skipped" | "padded" | "cut" | "kept as text" | "kept";
  /** What to do about it: "Read quotes literally, or close the quote." */
  readonly next: string;
}

export interface ImportProgress {
  readonly name: string;
  readonly bytesRead: number;
  readonly bytesTotal: number;
  /** Rows read so far. */
  readonly rows?: number;
}

/** What a set of sources was taken for, before anything is kept. */
export interface ImportPreview {
  /** A name to suggest. */
  readonly name: string;
  readonly format: string;
  /** All formats to choose from. */
  readonly formats: readonly { readonly id: string; readonly label: string; readonly summary: string }[];
  readonly fields: readonly Field[];
  /** The settings in force: what was detected, laid under what the user chose. */
  readonly settings: Readonly<Record<string, FieldValue>>;
  /** "Fields are separated by semicolons; text is windows-1252." */
  readonly notes: readonly string[];
  readonly columns: readonly Column[];
  /** The first rows, cells[row][column], long text cut. */
  readonly rows: readonly (readonly Cell[])[];
  readonly problems: readonly RowProblem[];
  /** The files inside (of a folder, of an archive), in the order they are read; those left out say why. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly leftOut?: string }[];
  readonly totalBytes: number;
}

/** What the user decided about one column. */
export interface ColumnChoice {
  readonly name: string;
  readonly role: ColumnRole;
  readonly type: ColumnType;
  readonly include: boolean;
}

export interface ImportRequest {
  readonly sources: readonly ImportSource[];
  readonly name: string;
  /** Absent: detected. */
  readonly format?: string;
  readonly settings?: Readonly<Record<string, FieldValue>>;
  /** Absent: all columns, with the roles that were guessed. */
  readonly columns?: readonly ColumnChoice[];
  /** "ask" keeps nothing until the report was accepted; "keep" takes the good rows; "stop" refuses at the first problem. */
  readonly onProblems: "ask" | "keep" | "stop";
}

/** What an import found wrong; at most `problems.length` are listed, the counts are of all. */
export interface ImportReport {
  readonly rowsRead: number;
  readonly rowsKept: number;
  readonly problemCount: number;
  /** The first thousand. */
  readonly problems: readonly RowProblem[];
  readonly notes: readonly string[];
}

export type ImportOutcome =
  | { readonly state: "added"; readonly dataset: DatasetSummary; readonly report: ImportReport }
  /** Everything was read and waits aside; `acceptImport` keeps the good rows, `discardImport` forgets all. */
  | { readonly state: "waiting"; readonly pending: number; readonly report: ImportReport };

/** A file made for the user to keep. */
export interface ExportedFile {
  readonly name: string;
  /** A file of the private file system: the browser streams it to the disk when it is saved. */
  readonly file: File;
  readonly notes: readonly string[];
}

export interface ExportRequest {
  readonly dataset: string;
  readonly format: string;
  readonly settings: Readonly<Record<string, FieldValue>>;
  /** "original" as imported, "cleaned" with the recipe applied (the same where there is none). */
  readonly version: "original" | "cleaned";
  /** Only the rows of this view (a filter); default all. */
  readonly view?: number;
}

export interface FormatInfo {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly canWrite: boolean;
  readonly extensions: readonly string[];
  readonly writeFields: readonly Field[];
}

