/**
 * How evenly a table is labeled. In: a table, the column of labels, on wish a column of groups. Out: classes and their weights, rates per group with
 * intervals, words that give a label away, columns that go with it, and what of this matters in plain words.
 * Two scans: the first counts labels and words and looks at the numbers, the second crosses them with the labels.
 */
import { FailureError } from "../../settings/failure";
import { indexOfColumn, type Table } from "../table/table";
import type { BalanceReport, BalanceRequest } from "../types/analysis";
import { isMissing, type Cell } from "../types/table";
import { associationReader } from "./associations";
import { describeBalance } from "./findings";
import { groupReader } from "./groupRates";
import { shortcutReader } from "./shortcuts";
import { evenness } from "./statistics";

type Breathe = () => Promise<void> | undefined;

/** A column with more values than this is no column of labels. */
const MOST_CLASSES = 1000;

/** One part of the report: looks at every labeled row twice. `label` is the place of the row's class in `classes`. */
export interface BalanceReader {
  look?(cells: readonly Cell[]): void;
  begin(classes: readonly { readonly label: string; readonly rows: number }[]): void;
  cross(cells: readonly Cell[], label: number): void;
}

export async function balanceReport(table: Table, request: BalanceRequest, breathe: Breathe): Promise<BalanceReport> {
  const label = indexOfColumn(table, request.label);
  const group = request.group === undefined ? undefined : indexOfColumn(table, request.group);
  const groups = group === undefined ? undefined : groupReader(group, request.group!);
  const shortcuts = shortcutReader(table.columns, [label, group]);
  const associations = associationReader(table.columns, label);
  const readers: readonly BalanceReader[] = [...(groups ? [groups] : []), shortcuts, associations];
  const counts = new Map<string, number>();
  await scanLabeled(table, label, breathe, (cells, name) => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (counts.size > MOST_CLASSES) throw tooManyClasses(request.label);
    for (const reader of readers) reader.look?.(cells);
  });
  const labeled = [...counts.values()].reduce((sum, rows) => sum + rows, 0);
  const classes = Array.from(counts, ([name, rows]) => ({ label: name, rows, share: rows / labeled, weight: labeled / (counts.size * rows) }))
    .sort((a, b) => b.rows - a.rows || (a.label < b.label ? -1 : 1));
  const places = new Map(classes.map((one, index) => [one.label, index]));
  for (const reader of readers) reader.begin(classes);
  await scanLabeled(table, label, breathe, (cells, name) => {
    for (const reader of readers) reader.cross(cells, places.get(name)!);
  });
  const found = {
    label: request.label, rows: table.rows, unlabeled: table.rows - labeled, classes,
    imbalance: classes.length > 0 ? classes[0]!.rows / classes.at(-1)!.rows : 1,
    evenness: evenness(classes.map(({ rows }) => rows)),
    ...(groups && { groups: groups.result() }),
    shortcuts: shortcuts.result(),
    associations: associations.result(),
  };
  return { ...found, findings: describeBalance(found) };
}

async function scanLabeled(table: Table, label: number, breathe: Breathe, read: (cells: readonly Cell[], name: string) => void): Promise<void> {
  for await (const batch of table.scan()) {
    for (let index = 0; index < batch.rows; index++) {
      if ((index & 31) === 0) await breathe();
      const cell = batch.columns[label]![index];
      if (!isMissing(cell)) read(batch.columns.map((column) => column[index]), String(cell));
    }
  }
}

function tooManyClasses(name: string): FailureError {
  return new FailureError({
    kind: "bad-settings",
    message: `"${name}" has more than ${MOST_CLASSES.toLocaleString("en")} different values; balance is about classes.`,
    hint: "Choose a column with a few labels, or merge spellings of the same value first.",
    where: name,
  });
}
