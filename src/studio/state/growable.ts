/**
 * A column of numbers that grows: appended at the end, cut at the end, read by index. In: one number at a time.
 * Out: the number at an index. The one idea: capacity doubles, so an append costs O(1) on average and makes no garbage.
 */
export interface Column {
  readonly length: number;
  at(index: number): number;
}

export class FloatColumn implements Column {
  #values: Float32Array | Float64Array;
  #length = 0;

  constructor(bits: 32 | 64 = 32) {
    this.#values = bits === 32 ? new Float32Array(256) : new Float64Array(16);
  }

  get length(): number {
    return this.#length;
  }

  /** NaN outside the column, as a missing measurement would be. */
  at(index: number): number {
    return index < this.#length ? (this.#values[index] ?? Number.NaN) : Number.NaN;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const Wider = this.#values instanceof Float32Array ? Float32Array : Float64Array;
      const wider = new Wider(this.#length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }
}

/** First index whose value is >= `value`; the column must not decrease. */
export function lowerBound(column: Column, value: number, from = 0, to = column.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column.at(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
