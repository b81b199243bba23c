/** The columns that say what a row's file says of it: its label, where the folders of texts are labels, and its path, where there are several files. */
import type { TableFormat } from "../formats/format";
import { labelByFolder } from "./folderLabels";
import type { FileColumn } from "./unitedRows";

export interface FileColumns {
  readonly columns: readonly FileColumn[];
  readonly notes: readonly string[];
}

export function describeFiles(format: TableFormat, paths: readonly string[]): FileColumns {
  if (paths.length < 2) return { columns: [], notes: [] };
  const source: FileColumn = { name: "source", role: "source", cellOf: (path) => path };
  const labels = format.isBareText ? labelByFolder(paths) : undefined;
  if (!labels) return { columns: [source], notes: [] };
  return { columns: [{ name: "label", role: "label", type: "category", cellOf: labels.labelOf }, source], notes: [labels.note] };
}
