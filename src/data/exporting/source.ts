/** What is exported: a table, the parts it is split into, and what its card says about it. */
import type { Table } from "../table/table";

export interface ExportPart {
  readonly part: "train" | "validation" | "test";
  readonly table: Table;
}

export interface ExportSource {
  /** Of the dataset; the file is named after it. */
  readonly name: string;
  readonly table: Table;
  /** Where a split was chosen; they have the table's columns. */
  readonly parts?: readonly ExportPart[];
  /** For the card of a dataset folder; sentences as they are to stand there. */
  readonly about?: {
    readonly summary?: string;
    readonly source?: string;
    /** The cleaning steps that were applied, in order. */
    readonly cleaning?: readonly string[];
    /** What the import changed or decided. */
    readonly notes?: readonly string[];
  };
}

export interface ExportContext {
  readonly signal?: AbortSignal;
  readonly onRows?: (rows: number) => void;
}

/** What a dataset's name ends in where it was named after a file. */
const EXTENSIONS = /(\.(csv|tsv|txt|jsonl?|ndjson|parquet|tfrecords?|zip|gz|md))+$/i;

/** A name that every file system takes: no path, no reserved sign, not too long; without the extension of the file it came from. */
export function fileNameOf(name: string): string {
  const plain = name.replace(EXTENSIONS, "").replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]+/gu, "-").replace(/^[.\s-]+|[.\s-]+$/g, "").slice(0, 100);
  return plain === "" ? "dataset" : plain;
}
