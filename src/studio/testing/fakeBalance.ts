/** A balance report acted out: a spam filter's labels by sender group, with one group too small to be told about. */
import type { BalanceReport, BalanceRequest } from "../../worker/protocol";

const CLASSES = [
  { label: "ham", rows: 80_642 }, { label: "spam", rows: 12_604 }, { label: "promotion", rows: 871 },
];
const GROUPS: readonly (readonly [string, number, readonly number[]])[] = [
  ["forum", 58_100, [0.905, 0.09, 0.005]], ["newsletter", 24_420, [0.74, 0.24, 0.02]], ["שלום list", 11_020, [0.87, 0.125, 0.005]], ["helpdesk", 577, [0.95, 0.04, 0.01]],
];

/** Wilson score interval at 95%. */
function wilson(rate: number, n: number): { low: number; high: number } {
  const z = 1.959964;
  const middle = (rate + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n));
  return { low: middle - half, high: middle + half };
}

export function fakeBalance({ label, group }: BalanceRequest): BalanceReport {
  const labeled = CLASSES.reduce((sum, { rows }) => sum + rows, 0);
  const shares = CLASSES.map(({ rows }) => rows / labeled);
  const entropy = -shares.reduce((sum, share) => sum + share * Math.log(share), 0);
  return {
    label, rows: 100_000, unlabeled: 100_000 - labeled,
    classes: CLASSES.map((one, index) => ({ ...one, share: shares[index] ?? 0, weight: labeled / (CLASSES.length * one.rows) })),
    imbalance: 80_642 / 871, evenness: entropy / Math.log(CLASSES.length),
    findings: [
      "ham is 93 times as frequent as promotion: a model that always says ham is right in 86% of the rows.", "5,883 rows have no label and are left out here.",
      ...(group ? [`Rows of newsletter are labeled spam 2.7 times as often as those of forum (24% and 9.0%).`] : []),
      "“unsubscribe” gives spam away: 94% of the rows with it are spam.",
    ],
    ...(group
      ? {
          groups: {
            column: group, smallest: 30, suppressed: { groups: 2, rows: 41 },
            table: GROUPS.map(([name, rows, rates]) => ({ group: name, rows, rates: rates.map((rate) => ({ rows: Math.round(rate * rows), rate, interval: wilson(rate, rows) })) })),
            disparities: [{ label: "ham", difference: 0.21, ratio: 0.779 }, { label: "spam", difference: 0.2, ratio: 0.167 }, { label: "promotion", difference: 0.015, ratio: 0.25 }],
          },
        }
      : {}),
    shortcuts: [
      { token: "unsubscribe", label: "spam", pmi: 2.81, rows: 4120, share: 0.94 }, { token: "winner", label: "spam", pmi: 2.62, rows: 1204, share: 0.82 }, { token: "voucher", label: "promotion", pmi: 5.92, rows: 214, share: 0.56 },
    ],
    associations: [{ column: "headers", cramersV: 0.71 }, { column: "is_reply", cramersV: 0.38 }, { column: "received", cramersV: 0.06 }],
  };
}
