/**
 * Which rows train, which validate, which test. In: the settings and what the split looks at (labels, groups, times). Out: one part
 * per row, and what to tell. The same settings and rows always give the same parts; rows that cleaning drops later change no
 * other row's part, because parts belong to the rows of the original.
 */
import { FailureError } from "../../settings/failure";
import type { SplitSettings } from "../types/splitting";
import { type Cell, isMissing } from "../types/table";
import { assignGroups } from "./assignGroups";
import { drawOrder, drawRank } from "./draw";
import { type SplitRows, gatherRows } from "./rows";
import { apportion } from "./shares";

export const PARTS = ["train", "validation", "test"] as const;
export const TRAIN = 0;
export const VALIDATION = 1;
export const TEST = 2;

export interface Assignment {
  /** Per row: TRAIN, VALIDATION or TEST. */
  readonly parts: Uint8Array;
  readonly notes: readonly string[];
}

export function assignParts(settings: SplitSettings, given: SplitRows): Assignment {
  requireShares(settings);
  const { parts, notes } = assignBy(settings, given);
  return { parts, notes: [...notes, ...noteEmptyClasses(given, parts)] };
}

function assignBy(settings: SplitSettings, given: SplitRows): Assignment {
  switch (settings.by) {
    case "end":
      return { parts: cutInOrder(Uint32Array.from({ length: given.rows }, (_, row) => row), settings), notes: [] };
    case "column":
      return readParts(given);
    case "time":
      return cutByTime(given, settings);
    case "random":
      return { parts: drawParts(settings, given), notes: [] };
    default:
      return settings.by satisfies never;
  }
}

function requireShares({ validation, test, folds = 1, fold = 0 }: SplitSettings): void {
  const bad =
    !(validation >= 0 && test >= 0 && validation + test < 1) ? `Held-out shares of ${validation} and ${test} leave nothing to train on.`
    : !(Number.isInteger(folds) && folds >= 1 && folds <= 100) ? `${folds} is not a number of folds.`
    : !(Number.isInteger(fold) && fold >= 0 && fold < folds) ? `There is no fold ${fold + 1} of ${folds}.`
    : undefined;
  if (bad) throw new FailureError({ kind: "bad-settings", message: `Split: ${bad}`, hint: "Use shares such as 0.1 and 0.1, and folds from 2 to 100.", where: "split" });
}

/** Rows in `order`: the first train, the next validate, the last test. */
function cutInOrder(order: Uint32Array, { validation, test }: SplitSettings): Uint8Array {
  const parts = new Uint8Array(order.length);
  const [train = 0, middle = 0] = apportion(order.length, [1 - validation - test, validation, test]);
  for (let place = train; place < order.length; place++) parts[order[place]!] = place < train + middle ? VALIDATION : TEST;
  return parts;
}

const NAMES: readonly (readonly [RegExp, number])[] = [
  [/^(train(ing)?|learn(ing)?)$/, TRAIN],
  [/^(val(id(ation)?)?|dev(elopment)?)$/, VALIDATION],
  [/^(test(ing)?|eval(uation)?|h[eo]ld[ _-]?out)$/, TEST],
];

function readParts({ rows, column = [] }: SplitRows): Assignment {
  const parts = new Uint8Array(rows);
  const unknown = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    const said = isMissing(column[row]) ? "" : String(column[row]).trim().toLowerCase();
    const part = NAMES.find(([pattern]) => pattern.test(said))?.[1];
    if (part === undefined) unknown.set(said, (unknown.get(said) ?? 0) + 1);
    parts[row] = part ?? TRAIN;
  }
  const notes = [...unknown].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([said, count]) => {
    const one = count === 1;
    const what = said === "" ? `${one ? "says" : "say"} nothing` : `${one ? "says" : "say"} “${said.slice(0, 40)}”, which is neither train, validation nor test,`;
    return `${count.toLocaleString("en")} ${one ? "row" : "rows"} ${what} and ${one ? "trains" : "train"}.`;
  });
  return { parts, notes };
}

/** Numbers as they are; text as a date, if it is one. NaN otherwise. */
function timeOf(cell: Cell): number {
  if (typeof cell === "number") return cell;
  if (typeof cell !== "string" || cell.trim() === "") return NaN;
  const asNumber = Number(cell);
  return Number.isNaN(asNumber) ? Date.parse(cell) : asNumber;
}

/** The latest are held out; rows of one moment are never torn apart. Rows without a time train. */
function cutByTime({ rows, column = [] }: SplitRows, { validation, test }: SplitSettings): Assignment {
  const times = Float64Array.from({ length: rows }, (_, row) => timeOf(column[row]));
  const dated = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => !Number.isNaN(times[row]!));
  dated.sort((a, b) => times[a]! - times[b]! || a - b);
  const parts = new Uint8Array(rows);
  const [train = 0, middle = 0] = apportion(dated.length, [1 - validation - test, validation, test]);
  /** The nearest place at or beside this one where a moment begins; never the very first, which would leave nothing to train on. */
  const edgeOfMoment = (place: number): number => {
    const isInside = (at: number): boolean => at > 0 && at < dated.length && times[dated[at]!] === times[dated[at - 1]!];
    let first = place;
    let last = place;
    while (isInside(first)) first--;
    while (isInside(last)) last++;
    return first > 0 && place - first <= last - place ? first : last;
  };
  const firstHeldOut = edgeOfMoment(train);
  const firstTest = Math.max(firstHeldOut, edgeOfMoment(train + middle));
  for (let place = firstHeldOut; place < dated.length; place++) parts[dated[place]!] = place < firstTest ? VALIDATION : TEST;
  const undated = rows - dated.length;
  const notes = undated === 0 ? [] : [`${undated.toLocaleString("en")} ${undated === 1 ? "row has" : "rows have"} no time that can be read and ${undated === 1 ? "trains" : "train"}.`];
  return { parts, notes };
}

/** Test first; what is left is one training and one validation part, or folds of which one validates. */
function drawParts(settings: SplitSettings, given: SplitRows): Uint8Array {
  const { validation, test, seed, folds = 1, fold = 0 } = settings;
  const shares = folds > 1 ? [...Array<number>(folds).fill((1 - test) / folds), test] : [1 - validation - test, validation, test];
  const parts = given.groups ? assignGroups(given, shares, seed) : given.labels ? drawStratified(given.labels, given.rows, shares, seed) : drawEvenly(given.rows, shares, seed);
  if (folds > 1) for (let row = 0; row < parts.length; row++) parts[row] = parts[row] === folds ? TEST : parts[row] === fold ? VALIDATION : TRAIN;
  return parts;
}

function drawEvenly(rows: number, shares: readonly number[], seed: number): Uint8Array {
  const bins = new Uint8Array(rows);
  fillBins(bins, drawOrder(seed, rows), apportion(rows, shares));
  return bins;
}

function drawStratified(labels: readonly Cell[], rows: number, shares: readonly number[], seed: number): Uint8Array {
  const bins = new Uint8Array(rows);
  // What rounding gave one label too much, the next gets less: the whole keeps its shares too.
  const owed = shares.map(() => 0);
  const total = shares.reduce((sum, share) => sum + share, 0);
  for (const list of gatherRows(labels, rows).values()) {
    const ranked = list.map((row) => ({ row, rank: drawRank(seed, row) })).sort((a, b) => a.rank - b.rank || a.row - b.row);
    const wanted = shares.map((share, bin) => (list.length * share) / total + owed[bin]!);
    const counts = apportion(list.length, wanted.map((value) => Math.max(0, value)));
    counts.forEach((count, bin) => (owed[bin] = wanted[bin]! - count));
    fillBins(bins, Uint32Array.from(ranked, ({ row }) => row), counts);
  }
  return bins;
}

function fillBins(bins: Uint8Array, order: Uint32Array, counts: readonly number[]): void {
  let place = 0;
  counts.forEach((count, bin) => {
    for (const end = place + count; place < end; place++) bins[order[place]!] = bin;
  });
}

/** A label that is in no training row cannot be learned; one in no validation row is not measured. */
function noteEmptyClasses({ labels, rows }: SplitRows, parts: Uint8Array): string[] {
  if (!labels) return [];
  const notes: string[] = [];
  for (const [label, list] of gatherRows(labels, rows)) {
    if (label === "") continue;
    const inTraining = list.some((row) => parts[row] === TRAIN);
    if (!inTraining) notes.push(`“${label.slice(0, 40)}” is in no training row: it cannot be learned.`);
    else if (!list.some((row) => parts[row] === VALIDATION) && parts.includes(VALIDATION)) notes.push(`“${label.slice(0, 40)}” is in no validation row: how well it is learned is not measured.`);
  }
  return notes.slice(0, 5);
}
