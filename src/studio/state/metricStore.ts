/**
 * The hot series of a run, outside React. In: telemetry rows of METRIC_COLUMNS, validation points and events, as they
 * arrive. Out: any stretch of any metric in as many buckets as a chart has pixels, a version to compare, a subscription.
 * The one idea: appending only appends; everything drawn is asked for later, at the pace of the charts.
 */
import { METRIC_COLUMNS, type MetricColumn, type RunHistory } from "../../settings/run";
import { FloatColumn, lowerBound } from "./growable";
import { Pyramid } from "./pyramid";
import { type BucketQuery, type BucketSeries, queryBuckets } from "./buckets";
import { SmoothedColumn } from "./smoothing";

/** A metric that is drawn over an axis. */
export type Metric = "trainingLoss" | "learningRate" | "gradientNorm";
/** What a chart can have along its bottom. `seconds` is active training time. */
export type XAxis = "step" | "tokens" | "seconds";

export interface ValidationPoint {
  readonly step: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly loss: number;
}

export interface RunMark {
  readonly kind: "checkpoint" | "resume" | "pause" | "setting";
  readonly step: number;
  /** What to say about it, e.g. "learning rate 1e-3 → 5e-4". */
  readonly text?: string;
}

export interface MetricQuery extends BucketQuery {
  readonly metric: Metric;
  readonly xAxis: XAxis;
  /** 0 asks for the values as measured, up to 0.99 for their moving average. */
  readonly smoothing?: number;
}

const WIDTH = METRIC_COLUMNS.length;
const OFFSET = Object.fromEntries(METRIC_COLUMNS.map((name, index) => [name, index])) as Record<MetricColumn, number>;
const METRICS: readonly Metric[] = ["trainingLoss", "learningRate", "gradientNorm"];
const X_AXES: readonly XAxis[] = ["step", "tokens", "seconds"];
/** Smoothed columns kept at a time: the slider's last values. */
const SMOOTHED_KEPT = 3;

interface Tally {
  rows: number;
  above: number;
}

export class MetricStore {
  readonly #x: Record<XAxis, FloatColumn> = { step: new FloatColumn(), tokens: new FloatColumn(), seconds: new FloatColumn() };
  readonly #metrics: Record<Metric, Pyramid> = {
    trainingLoss: new Pyramid(), learningRate: new Pyramid(), gradientNorm: new Pyramid(),
  };
  #validation: ValidationPoint[] = [];
  #best: ValidationPoint | undefined;
  #marks: RunMark[] = [];
  #smoothed = new Map<string, SmoothedColumn>();
  #tallies = new Map<string, Tally>();
  #listeners = new Set<() => void>();
  #version = 0;
  #generation = 0;

  /** Changes with every change of the content. */
  get version(): number {
    return this.#version;
  }

  get rows(): number {
    return this.#x.step.length;
  }

  /** Changes when the whole content is replaced: another run. */
  get generation(): number {
    return this.#generation;
  }

  /** In order of steps. Grows in place; compare `version`, not the array. */
  get validation(): readonly ValidationPoint[] {
    return this.#validation;
  }

  /** The lowest finite validation loss so far, the earliest of equals. */
  get best(): ValidationPoint | undefined {
    return this.#best;
  }

  get marks(): readonly RunMark[] {
    return this.#marks;
  }

  /** Calls `listener` after each change; returns what ends it. Bound, so it can be handed to useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** `values` holds `rows` rows of METRIC_COLUMNS. A step that is not later than the last starts over from there. */
  append(values: Float32Array, rows: number): void {
    const whole = Math.min(rows, Math.floor(values.length / WIDTH));
    for (let row = 0; row < whole; row++) this.#appendRow(values, row * WIDTH);
    this.#changed();
  }

  addValidation(point: ValidationPoint): void {
    this.#insertValidation(point);
    this.#changed();
  }

  addMark(mark: RunMark): void {
    this.#marks.push(mark);
    this.#changed();
  }

  clear(): void {
    this.#empty();
    this.#changed();
  }

  /** Replaces the content with the past of a run. */
  load(history: RunHistory): void {
    this.#empty();
    const rows = Math.floor(history.metrics.length / WIDTH);
    for (let row = 0; row < rows; row++) this.#appendRow(history.metrics, row * WIDTH);
    for (const point of history.validation) this.#insertValidation(point);
    this.#changed();
  }

  /** The value of a column in a row; NaN where there is none. */
  at(column: MetricColumn, row: number): number {
    return isMetric(column) ? this.#metrics[column].values.at(row) : this.#x[column].at(row);
  }

  /** The axis value of the first row at or after `step`, or of the last row. */
  xOfStep(step: number, xAxis: XAxis): number {
    if (xAxis === "step") return step;
    const row = Math.min(lowerBound(this.#x.step, step), this.rows - 1);
    return this.#x[xAxis].at(row);
  }

  /** The row nearest to `x`, or -1 in an empty store. */
  nearestRow(x: number, xAxis: XAxis): number {
    const column = this.#x[xAxis];
    const after = lowerBound(column, x);
    if (after === 0) return this.rows === 0 ? -1 : 0;
    if (after === this.rows) return this.rows - 1;
    return column.at(after) - x < x - column.at(after - 1) ? after : after - 1;
  }

  query(query: MetricQuery): BucketSeries {
    const x = this.#x[query.xAxis];
    const pyramid = query.smoothing ? this.#smooth(query.metric, query.smoothing) : this.#metrics[query.metric];
    return queryBuckets(x, pyramid, query);
  }

  /** The share of rows whose metric is above `threshold`; counts only the rows that came since it was last asked. */
  shareAbove(metric: Metric, threshold: number): number {
    if (this.rows === 0) return 0;
    const key = `${metric} ${threshold}`;
    const tally = this.#tallies.get(key) ?? { rows: 0, above: 0 };
    const { values } = this.#metrics[metric];
    for (; tally.rows < this.rows; tally.rows++) if (values.at(tally.rows) > threshold) tally.above++;
    this.#tallies.set(key, tally);
    return tally.above / this.rows;
  }

  #appendRow(values: Float32Array, offset: number): void {
    const step = values[offset + OFFSET.step] ?? Number.NaN;
    if (!Number.isFinite(step)) return;
    if (this.rows > 0 && step <= this.#x.step.at(this.rows - 1)) this.#truncate(step);
    for (const name of X_AXES) {
      // Axis values must not run backwards, or no stretch of them could be found again.
      const value = values[offset + OFFSET[name]] ?? Number.NaN;
      const column = this.#x[name];
      const before = column.length > 0 ? column.at(column.length - 1) : 0;
      column.push(value >= before ? value : before);
    }
    for (const name of METRICS) this.#metrics[name].append(values[offset + OFFSET[name]] ?? Number.NaN);
  }

  /** Drops everything from `step` on: the run has gone back to an older checkpoint. */
  #truncate(step: number): void {
    const rows = lowerBound(this.#x.step, step);
    for (const name of X_AXES) this.#x[name].truncate(rows);
    for (const name of METRICS) this.#metrics[name].truncate(rows);
    for (const column of this.#smoothed.values()) column.restart();
    this.#tallies.clear();
    this.#validation = this.#validation.filter((point) => point.step < step);
    this.#best = lowestOf(this.#validation);
    this.#marks = this.#marks.filter((mark) => mark.step < step);
  }

  #insertValidation(point: ValidationPoint): void {
    const last = this.#validation.at(-1);
    if (!last || last.step < point.step) {
      this.#validation.push(point);
      if (Number.isFinite(point.loss) && !(this.#best && this.#best.loss <= point.loss)) this.#best = point;
      return;
    }
    const kept = this.#validation.filter((other) => other.step !== point.step);
    const after = kept.findLastIndex((other) => other.step < point.step) + 1;
    this.#validation = kept.toSpliced(after, 0, point);
    this.#best = lowestOf(this.#validation);
  }

  #smooth(metric: Metric, smoothing: number): Pyramid {
    const key = `${metric} ${smoothing}`;
    const column = this.#smoothed.get(key) ?? new SmoothedColumn(smoothing, this.#metrics[metric].values, this.#x.step);
    // Deleting first moves the key to the end: the map's order is the order of use.
    this.#smoothed.delete(key);
    this.#smoothed.set(key, column);
    for (const oldest of this.#smoothed.keys()) {
      if (this.#smoothed.size <= SMOOTHED_KEPT) break;
      this.#smoothed.delete(oldest);
    }
    column.catchUp();
    return column.pyramid;
  }

  #empty(): void {
    this.#generation++;
    for (const name of X_AXES) this.#x[name].truncate(0);
    for (const name of METRICS) this.#metrics[name].truncate(0);
    this.#validation = [];
    this.#best = undefined;
    this.#marks = [];
    this.#smoothed.clear();
    this.#tallies.clear();
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}

function isMetric(column: MetricColumn): column is Metric {
  return (METRICS as readonly MetricColumn[]).includes(column);
}

function lowestOf(points: readonly ValidationPoint[]): ValidationPoint | undefined {
  let best: ValidationPoint | undefined;
  for (const point of points) if (Number.isFinite(point.loss) && !(best && best.loss <= point.loss)) best = point;
  return best;
}
