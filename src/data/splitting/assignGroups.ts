/**
 * A split that keeps groups whole. In: each row's group (and label), the shares of the bins. Out: a bin per row, such that no group
 * is in two. Greedy, largest group first: each goes where the bins' sizes, or per label their counts, end nearest to their shares.
 * Source: the idea of scikit-learn's StratifiedGroupKFold, for bins of unequal size. Rows without a group are groups of one.
 */
import type { Cell } from "../types/table";
import { drawRank } from "./draw";
import { type SplitRows, gatherRows } from "./rows";

interface Group {
  readonly rows: readonly number[];
  /** Rows per label. */
  readonly labels: ReadonlyMap<string, number>;
}

export function assignGroups({ rows, groups = [], labels }: SplitRows, shares: readonly number[], seed: number): Uint8Array {
  const totals = new Map<string, number>();
  const listed: Group[] = [];
  for (const [name, members] of gatherRows(groups, rows)) {
    for (const list of name === "" ? members.map((row) => [row]) : [members]) {
      const group = { rows: list, labels: countLabels(list, labels) };
      for (const [label, count] of group.labels) totals.set(label, (totals.get(label) ?? 0) + count);
      listed.push(group);
    }
  }
  // Equal sizes go in an order drawn by the seed.
  const ordered = listed.map((group) => ({ group, rank: drawRank(seed, group.rows[0]!) })).sort((a, b) => b.group.rows.length - a.group.rows.length || a.rank - b.rank);
  const sum = shares.reduce((total, share) => total + share, 0);
  const filled = shares.map(() => new Map<string, number>());
  const bins = new Uint8Array(rows);
  for (const { group } of ordered) {
    const bin = nearestBin(group, filled, shares.map((share) => share / sum), totals);
    for (const [label, count] of group.labels) filled[bin]!.set(label, (filled[bin]!.get(label) ?? 0) + count);
    for (const row of group.rows) bins[row] = bin;
  }
  return bins;
}

function countLabels(rows: readonly number[], labels: readonly Cell[] | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const label = labels ? String(labels[row] ?? "") : "";
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

/**
 * Minimizes Σ over the group's labels of the squared distance between bin and share, as the change that putting the group there
 * makes: ((c + g)/n − s)² − (c/n − s)², per label of n rows in total, c of them in the bin already, g in the group. Relative to s,
 * so that a small bin is filled as eagerly as a large one.
 */
function nearestBin(group: Group, filled: readonly ReadonlyMap<string, number>[], shares: readonly number[], totals: ReadonlyMap<string, number>): number {
  let best = 0;
  let least = Infinity;
  shares.forEach((share, bin) => {
    if (share <= 0) return;
    let cost = 0;
    for (const [label, count] of group.labels) {
      const total = totals.get(label)!;
      const before = (filled[bin]!.get(label) ?? 0) / total - share;
      const after = before + count / total;
      cost += (after * after - before * before) / share;
    }
    if (cost < least - 1e-12) [best, least] = [bin, cost];
  });
  return best;
}
