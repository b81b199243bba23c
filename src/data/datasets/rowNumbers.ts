/**
 * Where the rows of a cleaned version come from. A cleaned version keeps, behind its columns, one more that is not listed: the numbers of
 * its rows in the original. In: an open version. Out: those numbers, or none for rows as they were imported, which are their own.
 */
import type { Store } from "../store/store";
import { openStoredTable } from "../table/storedTable";
import type { ParsedColumn } from "../formats/format";
import type { OpenVersion } from "./listing";
import { readChunks } from "./rows";

export const ROW_NUMBERS: ParsedColumn = { name: "row", kind: "number", type: "integer" };

/** rowNumbers[row of the version] = row of the original; undefined where they are the same. */
export async function readRowNumbers({ database, blobs }: Store, { dataset, version }: OpenVersion): Promise<Uint32Array | undefined> {
  if (version.kind === "original") return undefined;
  const place = version.columns.length;
  const columns = [...version.columns, { name: ROW_NUMBERS.name, kind: ROW_NUMBERS.kind, type: "integer" as const, role: "none" as const }];
  const table = openStoredTable({ name: dataset.name, columns, joiner: version.joiner, chunks: readChunks(database, version.id), edits: [] }, blobs);
  const numbers = new Uint32Array(table.rows);
  for await (const { firstRow, columns: [cells = []] } of table.scan({ columns: [place] })) {
    cells.forEach((cell, index) => (numbers[firstRow + index] = Number(cell)));
  }
  return numbers;
}
