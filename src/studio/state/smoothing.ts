/**
 * A debiased exponential moving average, weighted by distance in steps rather than by row. In: a column of values and its
 * steps. Out: a smoothed column with its own pyramid, extended as rows arrive. Source: Weights & Biases, "Time weighted
 * exponential moving average": s = s·w^Δ + y, d = d·w^Δ + 1, smooth = s/d, w = √smoothing, and Δ in 1/1000 of the range
 * of steps, so that a setting looks the same on a short and a long run.
 */
import type { Column } from "./growable";
import { growExtent } from "./extent";
import { Pyramid } from "./pyramid";

const UNITS_IN_RANGE = 1000;

export class SmoothedColumn {
  readonly pyramid = new Pyramid();
  readonly #weight: number;
  /** Steps per unit of Δ. It grows in leaps of about a quarter, so that all recomputing together stays O(rows). */
  #unit = 0;
  #sum = 0;
  #debias = 0;
  #decay = 1;
  #decayGap = Number.NaN;

  constructor(
    readonly smoothing: number,
    private readonly values: Column,
    private readonly steps: Column,
  ) {
    this.#weight = Math.min(Math.sqrt(smoothing), 0.999);
  }

  /** Takes in the rows appended since; starts over when the range outgrew its unit. */
  catchUp(): void {
    const rows = this.values.length;
    if (rows === 0) return this.restart();
    const range = growExtent(Math.max(1, this.steps.at(rows - 1) - this.steps.at(0)));
    if (range / UNITS_IN_RANGE !== this.#unit) {
      this.restart();
      this.#unit = range / UNITS_IN_RANGE;
    }
    for (let row = this.pyramid.length; row < rows; row++) this.pyramid.append(this.#next(row));
  }

  /** Forgets everything; the running sums cannot be rolled back to an earlier row. */
  restart(): void {
    this.pyramid.truncate(0);
    this.#unit = 0;
    this.#sum = 0;
    this.#debias = 0;
  }

  /** A value that is not finite leaves a gap and the average as it was. */
  #next(row: number): number {
    const value = this.values.at(row);
    if (!Number.isFinite(value)) return Number.NaN;
    const gap = row === 0 ? 0 : this.steps.at(row) - this.steps.at(row - 1);
    if (gap !== this.#decayGap || row <= 1) {
      this.#decayGap = gap;
      this.#decay = this.#weight ** (gap / this.#unit);
    }
    this.#sum = this.#sum * this.#decay + value;
    this.#debias = this.#debias * this.#decay + 1;
    return this.#sum / this.#debias;
  }
}
