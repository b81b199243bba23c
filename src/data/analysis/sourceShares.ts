/** Where the text comes from. In: a table, its column of sources, its text columns. Out: rows and characters per source, the largest share of characters first. */
import { countCharacters } from "../cleaning/textUnits";
import type { Table } from "../table/table";
import type { SourceShare } from "../types/analysis";
import { isMissing } from "../types/table";

/** More are counted together. */
const MOST_SOURCES = 10_000;
export const NO_SOURCE = "(no source)";
export const OTHER_SOURCES = "(other sources)";

export async function sourceShares(table: Table, source: number, texts: readonly number[], breathe: () => Promise<void> | undefined): Promise<SourceShare[]> {
  const shares = new Map<string, { rows: number; characters: number }>();
  let total = 0;
  for await (const batch of table.scan({ columns: [source, ...texts] })) {
    const [sources, ...columns] = batch.columns;
    for (let index = 0; index < batch.rows; index++) {
      const cell = sources![index];
      const name = isMissing(cell) ? NO_SOURCE : String(cell);
      const key = shares.has(name) || shares.size < MOST_SOURCES ? name : OTHER_SOURCES;
      const share = shares.get(key) ?? { rows: 0, characters: 0 };
      const characters = columns.reduce((sum, cells) => sum + (isMissing(cells[index]) ? 0 : countCharacters(String(cells[index]))), 0);
      share.rows++;
      share.characters += characters;
      total += characters;
      shares.set(key, share);
      if ((index & 63) === 0) await breathe();
    }
  }
  // Sources without any text are compared by their rows.
  const shareOf = ({ rows, characters }: { rows: number; characters: number }): number => (total > 0 ? characters / total : rows / table.rows);
  return Array.from(shares, ([name, counts]) => ({ source: name, ...counts, share: shareOf(counts) })).sort((a, b) => b.share - a.share || b.rows - a.rows);
}
