/** What of a balance report matters, in plain words. In: its numbers. Out: one sentence each; none where all is even. */
import type { BalanceReport } from "../types/analysis";

/** From this imbalance on a model may do well by naming the largest class. */
const NOTABLE_IMBALANCE = 1.5;
/** A class is rare below a tenth of an equal share (cleanlab's rule). */
const RARE_SHARE = 0.1;
/** The four-fifths rule. */
const FAIR_RATIO = 0.8;
const TELLING_SHARE = 0.9;
const STRONG_ASSOCIATION = 0.5;

const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`;
const count = (number: number, one: string, many: string): string => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
const times = (ratio: number): string => (ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1).replace(/\.0$/, ""));

export function describeBalance(report: Omit<BalanceReport, "findings">): string[] {
  return [...describeClasses(report), ...describeGroups(report), ...describeShortcuts(report)];
}

function describeClasses({ classes, imbalance, unlabeled, rows }: Omit<BalanceReport, "findings">): string[] {
  const found: string[] = [];
  const [largest, smallest] = [classes[0], classes.at(-1)];
  if (!largest || !smallest) return ["No row has a label."];
  if (unlabeled > 0) found.push(`${count(unlabeled, "row has", "rows have")} no label (${percent(unlabeled / rows)}).`);
  if (classes.length === 1) return [...found, `All labeled rows are ${largest.label}: there is nothing to tell apart.`];
  if (imbalance >= NOTABLE_IMBALANCE) {
    found.push(`${largest.label} is ${times(imbalance)} times as frequent as ${smallest.label}.`);
    found.push(`Always answering ${largest.label} is right for ${percent(largest.share)} of the rows; compare accuracy with that.`);
  }
  const rare = classes.filter(({ share }) => share < RARE_SHARE / classes.length);
  if (rare.length > 0) found.push(`${rare.slice(0, 3).map(({ label }) => label).join(", ")}${rare.length > 3 ? ` and ${rare.length - 3} more` : ""} ${rare.length === 1 ? "is" : "are"} rare: less than a tenth of an equal share.`);
  return found;
}

function describeGroups({ groups, classes }: Omit<BalanceReport, "findings">): string[] {
  if (!groups) return [];
  const found = groups.disparities.flatMap(({ label, ratio }) => {
    const place = classes.findIndex((one) => one.label === label);
    const rates = groups.table.map(({ group, rates: byClass }) => ({ group, ...byClass[place]! })).sort((a, b) => b.rate - a.rate);
    const [high, low] = [rates[0]!, rates.at(-1)!];
    if (ratio >= FAIR_RATIO || high.interval.low <= low.interval.high) return [];
    return [`${percent(high.rate)} of ${high.group} but ${percent(low.rate)} of ${low.group} are ${label}: a ratio of ${ratio.toFixed(2)}, below four fifths, and more than chance.`];
  });
  const { groups: hidden, rows } = groups.suppressed;
  if (hidden > 0) found.push(`${count(hidden, "group", "groups")} of fewer than ${groups.smallest} rows (${count(rows, "row", "rows")} in all) ${hidden === 1 ? "is" : "are"} not shown.`);
  return found;
}

function describeShortcuts({ shortcuts, associations }: Omit<BalanceReport, "findings">): string[] {
  const telling = shortcuts.find(({ share }) => share >= TELLING_SHARE);
  const [strongest] = associations;
  return [
    ...(telling ? [`The word "${telling.token}" gives ${telling.label} away: ${percent(telling.share)} of its ${telling.rows.toLocaleString("en")} rows have that label.`] : []),
    ...(strongest && strongest.cramersV >= STRONG_ASSOCIATION ? [`The column "${strongest.column}" goes closely with the label (Cramér's V ${strongest.cramersV.toFixed(2)}); is it known when the model is used?`] : []),
  ];
}
