/**
 * What there is of copies in a table. In: a table, the columns that are compared, the column of labels. Out: groups of exact and of near
 * copies, the largest with the beginnings of their texts, and how many groups disagree about their label. Three scans: sketch, verify, show.
 */
import type { Table } from "../table/table";
import type { DuplicateReport } from "../types/analysis";
import { isMissing, type Cell } from "../types/table";
import { NO_ROW } from "./exact";
import { createNearFinder, SHORT_TEXTS, type NearFinder, type NearSettings } from "./near";
import { rowText } from "./rowText";
import { createShingles, shingle } from "./shingles";
import { createComparer } from "./similarity";

export interface DuplicateSearch {
  /** Columns that are compared; default all. */
  readonly columns?: readonly number[];
  readonly label?: number;
  readonly settings?: NearSettings;
  breathe(): Promise<void> | undefined;
  onProgress?(fraction: number): void;
}

type ReportGroup = DuplicateReport["groups"][number];
interface OpenGroup {
  readonly kind: ReportGroup["kind"];
  readonly rows: number[];
  readonly texts: string[];
  readonly labels: Set<string>;
  /** The compared text of the first row, while rows are compared with it. */
  firstText: string;
  similarity: number;
}

const MOST_GROUPS = 200;
const SHOWN_TEXTS = 10;
const SHOWN_CHARACTERS = 300;
const LABELS_SHOWN = 20;

async function scanRows(table: Table, search: DuplicateSearch, share: readonly [number, number], look: (cells: readonly Cell[], row: number) => void): Promise<void> {
  for await (const batch of table.scan()) {
    for (let index = 0; index < batch.rows; index++) {
      look(batch.columns.map((column) => column[index]), batch.firstRow + index);
      if ((index & 63) === 0) await search.breathe();
    }
    search.onProgress?.(share[0] + (share[1] - share[0]) * ((batch.firstRow + batch.rows) / table.rows));
  }
}

export async function findDuplicates(table: Table, search: DuplicateSearch): Promise<DuplicateReport> {
  const columns = search.columns ?? table.columns.map((_, index) => index);
  const settings = search.settings ?? SHORT_TEXTS;
  const finder = createNearFinder(settings, table.rows, () => search.breathe());
  const conflicts = createConflictCounter(table.rows);
  await scanRows(table, search, [0, 0.5], (cells, row) => finder.add(row, rowText(cells, columns)));
  await finder.finishAdding();
  await scanRows(table, search, [0.6, 0.9], (cells, row) => {
    finder.verify(row, rowText(cells, columns));
    conflicts.read(row, search.label === undefined ? undefined : cells[search.label]);
  });
  finder.finishVerifying();
  const exact = countGroups(table.rows, finder.exactFirstOf);
  const near = countNear(table.rows, finder);
  const open = [...openGroups("exact", exact.sizes, finder.exactFirstOf), ...openGroups("near", near.sizes, finder.firstOf)];
  await showGroups(table, search, columns, settings, open);
  search.onProgress?.(1);
  return {
    exact: { groups: exact.groups, rows: exact.rows },
    near: { groups: near.groups, rows: near.rows },
    conflicting: conflicts.count(finder.firstOf),
    groups: open.map(closeGroup),
  };
}

interface GroupCount {
  /** By the first row of the group; 0 for groups that do not count. */
  readonly sizes: Uint32Array;
  readonly groups: number;
  readonly rows: number;
}

function countGroups(rows: number, firstOf: (row: number) => number, counts: (first: number, size: number) => boolean = (_, size) => size > 1): GroupCount {
  const sizes = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const first = firstOf(row);
    if (first !== NO_ROW) sizes[first]!++;
  }
  let [groups, inGroups] = [0, 0];
  for (const [first, size] of sizes.entries()) {
    if (counts(first, size)) {
      groups++;
      inGroups += size;
    } else sizes[first] = 0;
  }
  return { sizes, groups, rows: inGroups };
}

/** Groups of near copies: those that hold more than one text. */
function countNear(rows: number, finder: NearFinder): GroupCount {
  const texts = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) if (finder.exactFirstOf(row) === row) texts[finder.firstOf(row)]!++;
  return countGroups(rows, finder.firstOf, (first) => texts[first]! > 1);
}

/** The largest groups with their rows, in the order of their size. */
function openGroups(kind: ReportGroup["kind"], sizes: Uint32Array, firstOf: (row: number) => number): OpenGroup[] {
  const all: number[] = [];
  for (const [first, size] of sizes.entries()) if (size > 0) all.push(first);
  const firsts = all.sort((a, b) => sizes[b]! - sizes[a]! || a - b).slice(0, MOST_GROUPS);
  const groups = new Map(firsts.map((first): [number, OpenGroup] => [first, { kind, rows: [], texts: [], labels: new Set(), firstText: "", similarity: 1 }]));
  for (let row = 0; row < sizes.length; row++) groups.get(firstOf(row))?.rows.push(row);
  return [...groups.values()];
}

async function showGroups(table: Table, search: DuplicateSearch, columns: readonly number[], settings: NearSettings, open: readonly OpenGroup[]): Promise<void> {
  const groupsOf = new Map<number, OpenGroup[]>();
  for (const group of open) for (const row of group.rows) groupsOf.set(row, [...(groupsOf.get(row) ?? []), group]);
  if (groupsOf.size === 0) return;
  const [one, other] = [createShingles(), createShingles()];
  const comparer = createComparer();
  await scanRows(table, search, [0.9, 1], (cells, row) => {
    for (const group of groupsOf.get(row) ?? []) {
      if (group.texts.length < SHOWN_TEXTS) group.texts.push(beginningOf(cells, columns));
      const label = search.label === undefined ? undefined : cells[search.label];
      if (!isMissing(label) && group.labels.size < LABELS_SHOWN) group.labels.add(String(label));
      if (group.kind === "exact") continue;
      const text = rowText(cells, columns);
      group.firstText ||= text;
      shingle(group.firstText, settings.shingles, one);
      shingle(text, settings.shingles, other);
      comparer.hold(one);
      group.similarity = Math.min(group.similarity, comparer.compare(other));
    }
  });
}

function beginningOf(cells: readonly Cell[], columns: readonly number[]): string {
  const text = columns.map((column) => String(cells[column] ?? "").slice(0, SHOWN_CHARACTERS)).join(" · ");
  return text.slice(0, SHOWN_CHARACTERS);
}

const closeGroup = ({ kind, rows, texts, labels, similarity }: OpenGroup): ReportGroup =>
  ({ kind, rows, texts, similarity, ...(labels.size > 1 && { labels: [...labels].sort() }) });

/** Counts groups whose rows carry different labels, by one number per row. */
function createConflictCounter(rows: number): { read(row: number, label: Cell): void; count(firstOf: (row: number) => number): number } {
  const numbers = new Map<string, number>();
  const labelOf = new Uint32Array(rows);
  return {
    read(row, label) {
      if (isMissing(label)) return;
      const text = String(label);
      const number = numbers.get(text) ?? numbers.size + 1;
      numbers.set(text, number);
      labelOf[row] = number;
    },
    count(firstOf) {
      const seen = new Uint32Array(rows);
      const mixed = new Set<number>();
      for (let row = 0; row < rows; row++) {
        const first = firstOf(row);
        if (first === NO_ROW || labelOf[row] === 0) continue;
        if (seen[first] === 0) seen[first] = labelOf[row]!;
        else if (seen[first] !== labelOf[row]) mixed.add(first);
      }
      return mixed.size;
    },
  };
}
