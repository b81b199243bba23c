/** A dataset in a few words. In: its summary. Out: its origin and its size as the list, the headings and the dialogs say them. */
import type { DatasetSummary } from "../../worker/protocol";
import { formatBytes, formatCount, formatLarge } from "./format";

export const ORIGINS: Record<DatasetSummary["origin"], string> = { sample: "Sample", task: "Exercise", user: "Yours", mix: "Mix" };

const isUnopened = ({ bytes, rows }: DatasetSummary): boolean => bytes === 0 && !rows;
/** A table of one column is text: its paragraphs are no rows to anybody. */
const isTable = ({ rows, columns }: DatasetSummary): boolean => rows !== undefined && (columns?.length ?? 0) > 1;

/** "1,204 rows, 83,020 characters, 84 KB" */
export function sizeText(dataset: DatasetSummary): string {
  if (isUnopened(dataset)) return "opened on first use";
  const { bytes, characters, rows = 0 } = dataset;
  return [...(isTable(dataset) ? [`${formatCount(rows)} rows`] : []), `${formatCount(characters)} characters`, formatBytes(bytes)].join(", ");
}

/** The same for a narrow place: rows of a table, else characters. */
export function shortSize(dataset: DatasetSummary): string {
  if (isUnopened(dataset)) return "opened on first use";
  const { bytes, characters, rows = 0 } = dataset;
  return `${isTable(dataset) ? `${formatLarge(rows)} rows` : `${formatLarge(characters)} characters`} · ${formatBytes(bytes)}`;
}
