/** A dataset in a few words. In: its summary. Out: its origin and its size as the list, the headings and the dialogs say them. */
import type { DatasetSummary } from "../../worker/protocol";
import { formatBytes, formatCount, formatLarge } from "./format";

export const ORIGINS: Record<DatasetSummary["origin"], string> = { sample: "Sample", task: "Exercise", user: "Yours", mix: "Mix" };

/** Of what has no rows yet, or none of its own. */
function sizeWithoutRows({ bytes, rows, parts }: DatasetSummary): string | undefined {
  if (parts !== undefined) return `${formatCount(parts)} datasets`;
  return bytes === 0 && !rows ? "opened on first use" : undefined;
}

/** A table of one column is text: its paragraphs are no rows to anybody. */
const isTable = ({ rows, columns }: DatasetSummary): boolean => rows !== undefined && (columns?.length ?? 0) > 1;

/** "1,204 rows, 83,020 characters, 84 KB" */
export function sizeText(dataset: DatasetSummary): string {
  const { bytes, characters, rows = 0 } = dataset;
  return sizeWithoutRows(dataset) ?? [...(isTable(dataset) ? [`${formatCount(rows)} rows`] : []), `${formatCount(characters)} characters`, formatBytes(bytes)].join(", ");
}

/** The same for a narrow place: rows of a table, else characters. */
export function shortSize(dataset: DatasetSummary): string {
  const { bytes, characters, rows = 0 } = dataset;
  return sizeWithoutRows(dataset) ?? `${isTable(dataset) ? `${formatLarge(rows)} rows` : `${formatLarge(characters)} characters`} · ${formatBytes(bytes)}`;
}
