/**
 * Cuts a stretch of an axis into at most `pixels` buckets. In: a column of x, the pyramid of a metric over the same rows.
 * Out: minimum, maximum and last of each bucket, and where values were not finite. The one idea: on a linear axis bucket
 * borders are multiples of a power of two rows, so a growing run redraws the same buckets instead of flickering.
 */
import { type Column, lowerBound } from "./growable";
import { type Pyramid, rowsBetween } from "./pyramid";

export interface BucketQuery {
  /** The stretch of the axis, both ends included. */
  readonly from: number;
  readonly to: number;
  /** The most buckets to return. */
  readonly pixels: number;
  readonly xScale?: "linear" | "log";
}

/** `x` is that of the bucket's last row; min, max and last are NaN if nothing in it was finite. */
export interface Bucket {
  readonly x: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  readonly rows: number;
  readonly notFinite: number;
}

/** A stretch of rows without a finite value begins here. */
export interface Gap {
  readonly x: number;
  readonly row: number;
  readonly value: number;
}

export interface BucketSeries {
  readonly buckets: readonly Bucket[];
  readonly gaps: readonly Gap[];
  /** The single rows just outside the stretch, so that a line can leave the plot instead of ending inside it. */
  readonly before: Bucket | undefined;
  readonly after: Bucket | undefined;
}

export function queryBuckets(x: Column, pyramid: Pyramid, query: BucketQuery): BucketSeries {
  const [start, end] = rowsBetween(x, query.from, query.to);
  const pixels = Math.max(1, Math.floor(query.pixels));
  const borders = query.xScale === "log" ? logBorders(x, start, end, pixels) : alignedBorders(start, end, pixels);
  const buckets: Bucket[] = [];
  for (let index = 0; index + 1 < borders.length; index++) {
    buckets.push(bucketOf(x, pyramid, borders[index] ?? 0, borders[index + 1] ?? 0));
  }
  return {
    buckets,
    gaps: gapsIn(x, pyramid, borders),
    before: start > 0 && start <= x.length ? bucketOf(x, pyramid, start - 1, start) : undefined,
    after: end < x.length ? bucketOf(x, pyramid, end, end + 1) : undefined,
  };
}

function bucketOf(x: Column, pyramid: Pyramid, from: number, to: number): Bucket {
  const { min, max, last, notFinite } = pyramid.summarize(from, to);
  return { x: x.at(to - 1), min, max, last, rows: to - from, notFinite };
}

/** Rows at which buckets begin, and the end; at most `pixels` buckets, borders at multiples of one power of two. */
function alignedBorders(start: number, end: number, pixels: number): number[] {
  if (start >= end) return [];
  let stride = 1;
  while (Math.ceil(end / stride) - Math.floor(start / stride) > pixels) stride *= 2;
  const borders = [start];
  for (let row = (Math.floor(start / stride) + 1) * stride; row < end; row += stride) borders.push(row);
  borders.push(end);
  return borders;
}

/** Equal widths on a logarithmic axis: few rows per bucket at the left, many at the right. */
function logBorders(x: Column, start: number, end: number, pixels: number): number[] {
  if (start >= end) return [];
  const low = Math.log(Math.max(x.at(start), Number.MIN_VALUE));
  const high = Math.log(Math.max(x.at(end - 1), Number.MIN_VALUE));
  const borders = [start];
  for (let index = 1; index < pixels; index++) {
    const row = lowerBound(x, Math.exp(low + ((high - low) * index) / pixels), start, end);
    if (row > (borders.at(-1) ?? start)) borders.push(row);
  }
  if (end > (borders.at(-1) ?? start)) borders.push(end);
  return borders;
}

/** The first of each run of not-finite rows, looked for once per bucket so that a dead run costs no more than a healthy one. */
function gapsIn(x: Column, pyramid: Pyramid, borders: readonly number[]): Gap[] {
  const gaps: Gap[] = [];
  const rows = pyramid.notFinite;
  for (let index = 0; index + 1 < borders.length && rows.length > 0; index++) {
    const begin = borders[index] ?? 0;
    const at = lowerBound(rows, begin);
    if (at === rows.length || rows.at(at) >= (borders[index + 1] ?? 0)) continue;
    const row = rows.at(at);
    const continues = row === begin && index > 0 && at > 0 && rows.at(at - 1) === row - 1;
    if (!continues) gaps.push({ x: x.at(row), row, value: pyramid.values.at(row) });
  }
  return gaps;
}
