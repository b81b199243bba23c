/**
 * How much new a longer text brings. In: a table's text. Out: how many different words there were after how many words, and Heaps' law through the points:
 * distinct = scale · words^exponent, by least squares on the logarithms (Heaps 1978). Words are lower-cased.
 */
import { findWords } from "../cleaning/textUnits";
import { createDistinctTexts } from "../duplicates/distinctTexts";
import type { Table } from "../table/table";
import type { VocabularyGrowth } from "../types/analysis";

/** Points per tenfold of words. */
const PER_DECADE = 16;
/** The law is about long texts; the first words are all new. */
const FIRST_POINT = 10;

export async function vocabularyGrowth(table: Table, columns: readonly number[], breathe: () => Promise<void> | undefined): Promise<VocabularyGrowth> {
  const seen = createDistinctTexts();
  const points: { words: number; distinct: number }[] = [];
  let words = 0;
  let next = FIRST_POINT;
  const read = (text: string): void => {
    for (const word of findWords(text)) {
      seen.numberOf(word.toLowerCase());
      if (++words < next) continue;
      points.push({ words, distinct: seen.size });
      next = Math.max(words + 1, Math.round(FIRST_POINT * 10 ** (points.length / PER_DECADE)));
    }
  };
  for await (const batch of table.scan({ columns })) {
    for (let index = 0; index < batch.rows; index++) {
      for (const { [index]: cell } of batch.columns) if (typeof cell === "string") read(cell);
      if ((index & 31) === 0) await breathe();
    }
  }
  if (words > (points.at(-1)?.words ?? 0)) points.push({ words, distinct: seen.size });
  return { points, ...fitHeaps(points) };
}

export function fitHeaps(points: readonly { readonly words: number; readonly distinct: number }[]): { readonly scale: number; readonly exponent: number } {
  const [xs, ys] = [points.map(({ words }) => Math.log(words)), points.map(({ distinct }) => Math.log(distinct))];
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(xs), mean(ys)];
  const spread = xs.reduce((sum, value) => sum + (value - x) ** 2, 0);
  if (!(spread > 0)) return { scale: points[0]?.distinct ?? 0, exponent: 0 };
  const exponent = xs.reduce((sum, value, index) => sum + (value - x) * (ys[index]! - y), 0) / spread;
  return { scale: Math.exp(y - exponent * x), exponent };
}
