/**
 * Labels by group. In: the group and the class of every labeled row. Out: per group the rate of each class with Wilson's interval, and per class how far the
 * groups are apart: largest minus smallest rate (demographic parity difference) and smallest over largest (its ratio; below 0.8 fails the
 * four-fifths rule). Groups of fewer than thirty rows say nothing about themselves and may name a person, so they are only counted.
 */
import type { BalanceReport } from "../types/analysis";
import { isMissing } from "../types/table";
import type { BalanceReader } from "./balance";
import { wilson } from "./statistics";

export const SMALLEST_GROUP = 30;
const MOST_GROUPS = 100_000;
const NO_GROUP = "(none)";

type Groups = NonNullable<BalanceReport["groups"]>;

export function groupReader(column: number, name: string): BalanceReader & { result(): Groups } {
  let labels: readonly string[] = [];
  const counts = new Map<string, Uint32Array>();
  /** Rows of groups beyond those counted; each may be a group of its own. */
  let beyond = 0;

  return {
    begin: (classes) => void (labels = classes.map(({ label }) => label)),
    cross(cells, label) {
      const cell = cells[column];
      const group = isMissing(cell) ? NO_GROUP : String(cell);
      const row = counts.get(group) ?? (counts.size < MOST_GROUPS ? new Uint32Array(labels.length) : undefined);
      if (!row) {
        beyond++;
        return;
      }
      row[label]!++;
      counts.set(group, row);
    },
    result() {
      const all = Array.from(counts, ([group, byLabel]) => ({ group, byLabel, rows: byLabel.reduce((sum, count) => sum + count, 0) }));
      const shown = all.filter(({ rows }) => rows >= SMALLEST_GROUP).sort((a, b) => b.rows - a.rows || (a.group < b.group ? -1 : 1));
      const hidden = all.filter(({ rows }) => rows < SMALLEST_GROUP);
      const table = shown.map(({ group, byLabel, rows }) => ({
        group, rows, rates: Array.from(byLabel, (count) => ({ rows: count, rate: count / rows, interval: wilson(count, rows) })),
      }));
      return {
        column: name, smallest: SMALLEST_GROUP, table,
        suppressed: { groups: hidden.length + beyond, rows: hidden.reduce((sum, { rows }) => sum + rows, beyond) },
        disparities: table.length < 2 ? [] : labels.map((label, index) => compareRates(label, table.map(({ rates }) => rates[index]!.rate))),
      };
    },
  };
}

function compareRates(label: string, rates: readonly number[]): Groups["disparities"][number] {
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  return { label, difference: high - low, ratio: high > 0 ? low / high : 1 };
}
