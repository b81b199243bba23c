/**
 * Minimum, maximum and last value of any stretch of a column, quickly. In: values appended one by one. Out: a summary of
 * rows [from, to). The one idea: level k keeps one bucket per 8^k rows, so a stretch is a few whole buckets and two ragged
 * ends; spikes can never fall between samples. Not-finite values stay out of the buckets and are listed by row instead.
 */
import { type Column, FloatColumn, lowerBound } from "./growable";

const FANOUT = 8;

/** Not a number where the stretch has no finite value. `notFinite` counts the others. */
export interface Stretch {
  min: number;
  max: number;
  last: number;
  notFinite: number;
}

class Level {
  readonly min = new FloatColumn();
  readonly max = new FloatColumn();
  readonly last = new FloatColumn();

  get length(): number {
    return this.min.length;
  }

  truncate(length: number): void {
    this.min.truncate(length);
    this.max.truncate(length);
    this.last.truncate(length);
  }
}

export class Pyramid {
  readonly values = new FloatColumn();
  /** Rows whose value is NaN or infinite, ascending. */
  readonly notFinite = new FloatColumn(64);
  readonly #levels: Level[] = [];

  get length(): number {
    return this.values.length;
  }

  append(value: number): void {
    if (!Number.isFinite(value)) this.notFinite.push(this.values.length);
    this.values.push(value);
    // Only whole buckets are stored: one row in 8 closes a bucket of level 1, one in 64 a bucket of level 2 …
    let size = FANOUT;
    for (let level = 0; this.values.length % size === 0; level++, size *= FANOUT) this.#close(level);
  }

  truncate(length: number): void {
    this.values.truncate(length);
    this.notFinite.truncate(lowerBound(this.notFinite, length));
    let size = FANOUT;
    for (const level of this.#levels) {
      level.truncate(Math.floor(length / size));
      size *= FANOUT;
    }
  }

  summarize(from: number, to: number): Stretch {
    const start = Math.max(0, from);
    const end = Math.min(to, this.length);
    const stretch = { min: Number.NaN, max: Number.NaN, last: Number.NaN, notFinite: 0 };
    if (start >= end) return stretch;
    this.#gather(stretch, start, end);
    stretch.notFinite = lowerBound(this.notFinite, end) - lowerBound(this.notFinite, start);
    return stretch;
  }

  /** Walks left to right, at each row taking the largest whole bucket that starts there and ends in time. */
  #gather(stretch: Stretch, from: number, to: number): void {
    let row = from;
    while (row < to) {
      let level = -1;
      let size = 1;
      while (row % (size * FANOUT) === 0 && row + size * FANOUT <= to && level + 1 < this.#levels.length) {
        level++;
        size *= FANOUT;
      }
      const source = this.#levels[level];
      if (source) merge(stretch, source.min.at(row / size), source.max.at(row / size), source.last.at(row / size));
      else mergeValue(stretch, this.values.at(row));
      row += size;
    }
  }

  #close(index: number): void {
    const level = (this.#levels[index] ??= new Level());
    const below = this.#levels[index - 1];
    const stretch = { min: Number.NaN, max: Number.NaN, last: Number.NaN, notFinite: 0 };
    const end = below ? below.length : this.values.length;
    for (let at = end - FANOUT; at < end; at++) {
      if (below) merge(stretch, below.min.at(at), below.max.at(at), below.last.at(at));
      else mergeValue(stretch, this.values.at(at));
    }
    level.min.push(stretch.min);
    level.max.push(stretch.max);
    level.last.push(stretch.last);
  }
}

function mergeValue(stretch: Stretch, value: number): void {
  if (Number.isFinite(value)) merge(stretch, value, value, value);
}

function merge(stretch: Stretch, min: number, max: number, last: number): void {
  if (Number.isNaN(last)) return;
  if (!(stretch.min <= min)) stretch.min = min;
  if (!(stretch.max >= max)) stretch.max = max;
  stretch.last = last;
}

/** The rows of `column` that lie in [from, to]; the column must not decrease. */
export function rowsBetween(column: Column, from: number, to: number): readonly [start: number, end: number] {
  const start = lowerBound(column, from);
  let end = lowerBound(column, to, start);
  while (end < column.length && column.at(end) === to) end++;
  return [start, end];
}
