/**
 * Everything a chart draws, worked out once per commit. In: the store, how it is looked at, the room there is. Out: plain
 * rows for Recharts, domains, ticks and markers. No DOM; the same frame becomes the SVG, the table and the PNG.
 */
import type { Baselines } from "../../worker/protocol";
import type { MetricStore, RunMark } from "../state/metricStore";
import type { Bucket } from "../state/buckets";
import type { ChartView } from "./chartView";
import { type StickyDomain, extentOf, followDomain, robustExtent, shareAlong } from "./domain";
import { type Baseline, type ChartSpec, type TokenNames, baselinesOf } from "./spec";
import { type Domain, type Scale, type Tick, formatValue, logTimeTicks, ticksFor, timeTicks } from "./ticks";

/** One position of the lines. Null is a gap (or, for validation, no measurement there). */
export interface ChartRow {
  x: number;
  raw: number | null;
  smooth: number | null;
  band: [number, number] | null;
  validation: number | null;
  /** How many stored rows this position stands for; 0 where only validation was measured. */
  rows: number;
  /** Rows in it that are NaN or infinite. */
  notFinite: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Scales {
  readonly x: Scale;
  readonly y: Scale;
}

export interface Frame {
  readonly rows: readonly ChartRow[];
  readonly scales: Scales;
  /** The whole axis when following; `x` is the window being looked at. */
  readonly whole: Domain;
  readonly x: Domain;
  readonly y: Domain;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  readonly baselines: readonly Baseline[];
  readonly trainingEnd: Point | undefined;
  readonly validationEnd: Point | undefined;
  readonly best: (Point & { readonly step: number; readonly latest: boolean }) | undefined;
  readonly gaps: readonly { readonly x: number; readonly text: string }[];
  readonly marks: readonly (RunMark & { readonly x: number })[];
  /** Peaks above the top of the plot. */
  readonly spikes: readonly Point[];
  /** Values that a log axis cannot show. */
  readonly notPositive: number;
}

export interface FrameRequest {
  readonly store: MetricStore;
  readonly view: ChartView;
  readonly spec: ChartSpec;
  readonly scales: Scales;
  readonly sticky: StickyDomain;
  readonly baselines: Baselines | undefined;
  readonly names: TokenNames;
  /** Pixels of the plot, and how many labels fit along each side. */
  readonly width: number;
  readonly mostXTicks: number;
  readonly mostYTicks: number;
}

/** Points per line; Recharts' cost grows with them. Together at most 400. */
const MOST_BUCKETS = 280;
const MOST_VALIDATION = 120;

export function buildFrame(request: FrameRequest): Frame {
  const { store, view, spec, scales } = request;
  const whole = wholeAxis(request);
  const x = view.window ?? whole;
  const until = view.frozenAt === null ? x[1] : Math.min(x[1], store.xOfStep(view.frozenAt, view.xAxis));
  const span = { metric: "trainingLoss", xAxis: view.xAxis, from: x[0], to: until, xScale: scales.x } as const;
  const pixels = Math.max(20, Math.min(MOST_BUCKETS, request.width / 2));
  const raw = store.query({ ...span, pixels });
  const smooth = view.smoothing > 0 ? store.query({ ...span, pixels, smoothing: view.smoothing }) : raw;
  const draw = (loss: number) => drawable(spec.fromLoss(loss), scales.y);
  const inside = raw.buckets.map((bucket, index) => rowOf(bucket, smooth.buckets[index], draw));
  const rows = [...inside];
  if (raw.before) rows.unshift(rowOf(raw.before, smooth.before, draw));
  if (raw.after && view.frozenAt === null) rows.push(rowOf(raw.after, smooth.after, draw));
  const validation = validationPoints(request, x, until);
  const seenValidation = validation.filter((point) => point.x >= x[0] && point.x <= until);
  const references = baselinesOf(spec, request.baselines, request.names);
  const y = verticalDomain(request, inside, seenValidation, references);
  const drawn = weave(rows, validation, scales);
  return {
    rows: drawn,
    scales, whole, x, y,
    xTicks: horizontalTicks(request, x),
    yTicks: ticksFor(y, scales.y, request.mostYTicks),
    baselines: references.filter(({ value }) => value >= y[0] && value <= y[1]),
    trainingEnd: lastPoint(inside),
    validationEnd: seenValidation.at(-1),
    best: bestPoint(request, x, until),
    gaps: raw.gaps.map((gap) => ({ x: gap.x, text: formatValue(gap.value) })),
    marks: store.marks.map((mark) => ({ ...mark, x: store.xOfStep(mark.step, view.xAxis) })).filter((mark) => mark.x >= x[0] && mark.x <= until),
    spikes: spikesAbove(inside, y[1]),
    notPositive: scales.y === "log" ? inside.filter((row) => row.rows > row.notFinite && row.raw === null).length : 0,
  };
}

/** The axis from the start of the run to a round length beyond its end, or to where it was frozen. */
function wholeAxis({ store, view, scales }: FrameRequest): Domain {
  // A measurement can arrive before the batch of rows that leads up to it.
  const measured = view.frozenAt === null ? (store.validation.at(-1)?.[view.xAxis] ?? 0) : 0;
  if (store.rows === 0) return followDomain(1, Math.max(1, measured), view.xAxis, scales.x);
  const row = view.frozenAt === null ? store.rows - 1 : store.nearestRow(view.frozenAt, "step");
  let first = store.at(view.xAxis, 0);
  for (let index = 1; scales.x === "log" && first <= 0 && index <= row; index++) first = store.at(view.xAxis, index);
  return followDomain(first, Math.max(measured, store.at(view.xAxis, row)), view.xAxis, scales.x);
}

function horizontalTicks({ view, scales, mostXTicks }: FrameRequest, x: Domain): Tick[] {
  if (view.xAxis !== "seconds") return ticksFor(x, scales.x, mostXTicks);
  // Times are short texts: one more fits.
  return scales.x === "log" ? logTimeTicks(x, mostXTicks) : timeTicks(x, mostXTicks + 1);
}

function drawable(value: number, scale: Scale): number | null {
  return Number.isFinite(value) && (scale === "linear" || value > 0) ? value : null;
}

function rowOf(bucket: Bucket, smooth: Bucket | undefined, draw: (loss: number) => number | null): ChartRow {
  const [low, high] = [draw(bucket.min), draw(bucket.max)];
  return {
    x: bucket.x,
    raw: draw(bucket.last),
    smooth: smooth ? draw(smooth.last) : null,
    band: low !== null && high !== null ? [low, high] : null,
    validation: null,
    rows: bucket.rows,
    notFinite: bucket.notFinite,
  };
}

/** The measurements in the window and one on either side, thinned to every nth but never without the best and the last. */
function validationPoints({ store, view, spec, scales }: FrameRequest, x: Domain, until: number): Point[] {
  const all = store.validation;
  let [start, end] = [0, all.length];
  while (start + 1 < end && (all[start + 1]?.[view.xAxis] ?? 0) < x[0]) start++;
  while (end > start && (all[end - 1]?.[view.xAxis] ?? 0) > until) end--;
  if (view.frozenAt === null) end = Math.min(all.length, end + 1);
  const every = Math.ceil((end - start) / MOST_VALIDATION) || 1;
  const points: Point[] = [];
  for (let index = start; index < end; index++) {
    const point = all[index];
    if (!point || (index % every !== 0 && point !== store.best && index !== end - 1)) continue;
    const y = drawable(spec.fromLoss(point.loss), scales.y);
    if (y !== null && (scales.x === "linear" || point[view.xAxis] > 0)) points.push({ x: point[view.xAxis], y });
  }
  return points;
}

function bestPoint({ store, view, spec, scales }: FrameRequest, x: Domain, until: number): Frame["best"] {
  const best = store.best;
  const y = best && drawable(spec.fromLoss(best.loss), scales.y);
  if (!best || y === null || y === undefined || best[view.xAxis] < x[0] || best[view.xAxis] > until) return undefined;
  return { x: best[view.xAxis], y, step: best.step, latest: best === store.validation.at(-1) };
}

/** How far above a random guess a diverging run is still drawn to scale, in units of the guess. */
const CEILING = 1.5;

function verticalDomain(request: FrameRequest, rows: readonly ChartRow[], validation: readonly Point[], references: readonly Baseline[]): Domain {
  const { scales, spec, baselines, sticky } = request;
  const core = extentOf([...rows.map((row) => row.smooth), ...validation.map((point) => point.y)], scales.y);
  const full = extentOf([...rows.flatMap((row) => row.band ?? []), core?.[0], core?.[1]], scales.y);
  if (!core || !full) {
    const guess = references[0]?.value ?? 1;
    return sticky.fit(scales.y === "log" ? guess / 10 : 0, guess * 1.05, scales.y);
  }
  let [low, high] = robustExtent(core, full, scales.y);
  const ceiling = baselines ? spec.fromLoss(baselines.uniform * CEILING) : Infinity;
  if (low < ceiling) high = Math.min(high, ceiling);
  for (const { value } of references) {
    // A reference just outside belongs in the picture; a distant one would only squeeze the lines.
    const share = high > low ? shareAlong(value, [low, high], scales.y) : 0;
    if (share > 1 && share < 1.12) high = value;
  }
  return sticky.fit(low, high, scales.y);
}

/** Lines of Recharts share their rows: a row for each bucket and each measurement, the others interpolated where they have none. */
function weave(rows: readonly ChartRow[], validation: readonly Point[], scales: Scales): ChartRow[] {
  const woven: ChartRow[] = [];
  let next = 0;
  for (const row of rows) {
    for (let point = validation[next]; point && point.x <= row.x; point = validation[++next]) {
      if (point.x === row.x) woven.push({ ...row, validation: point.y });
      else woven.push(between(woven.at(-1), row, point, scales));
    }
    if (woven.at(-1)?.x !== row.x) woven.push(row);
  }
  for (let point = validation[next]; point; point = validation[++next]) woven.push(between(undefined, undefined, point, scales));
  return woven;
}

function between(left: ChartRow | undefined, right: ChartRow | undefined, point: Point, { x: scale }: Scales): ChartRow {
  const share = left && right ? shareAlong(point.x, [left.x, right.x], scale) : 0;
  const mix = (a: number | null | undefined, b: number | null | undefined) =>
    a === null || a === undefined || b === null || b === undefined ? null : a + (b - a) * share;
  const [low, high] = [mix(left?.band?.[0], right?.band?.[0]), mix(left?.band?.[1], right?.band?.[1])];
  return {
    x: point.x, raw: mix(left?.raw, right?.raw), smooth: mix(left?.smooth, right?.smooth),
    band: low !== null && high !== null ? [low, high] : null, validation: point.y, rows: 0, notFinite: 0,
  };
}

function lastPoint(rows: readonly ChartRow[]): Point | undefined {
  const row = rows.findLast(({ smooth }) => smooth !== null);
  return row && row.smooth !== null ? { x: row.x, y: row.smooth } : undefined;
}

function spikesAbove(rows: readonly ChartRow[], top: number): Point[] {
  const spikes: Point[] = [];
  let above = false;
  for (const { x, band } of rows) {
    const isAbove = band !== null && band[1] > top;
    if (isAbove && !above && band) spikes.push({ x, y: band[1] });
    above = isAbove;
  }
  return spikes;
}
