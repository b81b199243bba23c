/** Small formulas of the balance report, each with its source; all on counts, all pure. */
import type { Interval } from "../types/analysis";

/** Quantile of the normal distribution at 97.5%: intervals at 95%. */
const Z = 1.959963984540054;

/** Wilson's score interval of a share at 95% (Wilson 1927): never outside [0, 1], and honest for few rows. */
export function wilson(successes: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const scale = 1 + Z ** 2 / trials;
  const center = (share + Z ** 2 / (2 * trials)) / scale;
  const reach = (Z / scale) * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2));
  // At the ends the bound is the share itself; rounding must not put it a hair beyond.
  return { low: successes === 0 ? 0 : center - reach, high: successes === trials ? 1 : center + reach };
}

/** H / ln K of K counts: 1 where all are equal, and for one class alone. */
export function evenness(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.length < 2 || total === 0) return 1;
  const entropy = counts.reduce((sum, count) => (count > 0 ? sum - (count / total) * Math.log(count / total) : sum), 0);
  return entropy / Math.log(counts.length);
}

/** χ² of a table of counts against independence; rows and columns without counts do not count as such. */
export function chiSquared(table: readonly (readonly number[])[]): { readonly statistic: number; readonly total: number; readonly rows: number; readonly columns: number } {
  const rowSums = table.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columnSums = (table[0] ?? []).map((_, column) => table.reduce((sum, row) => sum + row[column]!, 0));
  const total = rowSums.reduce((sum, count) => sum + count, 0);
  let statistic = 0;
  for (const [row, counts] of table.entries()) {
    for (const [column, count] of counts.entries()) {
      const expected = (rowSums[row]! * columnSums[column]!) / total;
      if (expected > 0) statistic += (count - expected) ** 2 / expected;
    }
  }
  return { statistic, total, rows: rowSums.filter((sum) => sum > 0).length, columns: columnSums.filter((sum) => sum > 0).length };
}

/** Cramér's V corrected for bias (Bergsma 2013): near 0 for independent columns, however many values they have. */
export function cramersV(table: readonly (readonly number[])[]): number {
  const { statistic, total, rows, columns } = chiSquared(table);
  if (total < 2 || rows < 2 || columns < 2) return 0;
  const phi = Math.max(0, statistic / total - ((rows - 1) * (columns - 1)) / (total - 1));
  const rowsLeft = rows - (rows - 1) ** 2 / (total - 1);
  const columnsLeft = columns - (columns - 1) ** 2 / (total - 1);
  const most = Math.min(rowsLeft, columnsLeft) - 1;
  return most > 0 ? Math.min(1, Math.sqrt(phi / most)) : 0;
}

/** Pointwise mutual information in bits: log₂ p(both) / (p(one) · p(other)). */
export const pointwiseInformation = (both: number, one: number, other: number, total: number): number => Math.log2((both * total) / (one * other));

/** Dunning's log-likelihood ratio of a 2 × 2 table (1993); as χ² with one degree of freedom, but right for rare words too. */
export function likelihoodRatio(both: number, one: number, other: number, total: number): number {
  const cells = [both, one - both, other - both, total - one - other + both];
  const expected = [one * other, one * (total - other), (total - one) * other, (total - one) * (total - other)];
  return 2 * cells.reduce((sum, count, index) => (count > 0 ? sum + count * Math.log((count * total) / expected[index]!) : sum), 0);
}

/** The chance of a χ² with one degree of freedom above `statistic`: erfc(√(x/2)), by Numerical Recipes' approximation (relative error 1.2·10⁻⁷). */
export function chanceAbove(statistic: number): number {
  const x = Math.sqrt(Math.max(0, statistic) / 2);
  const t = 1 / (1 + x / 2);
  const series = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];
  return t * Math.exp(-x * x + series.reduceRight((sum, factor) => sum * t + factor, 0));
}
