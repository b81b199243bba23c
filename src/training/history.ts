/**
 * The past of a run while it is being made: metric rows in one growing array, measurements, samples. In: rows as they come.
 * Out: what a checkpoint keeps, cut at its step.
 */
import type { RunHistory, SamplePoint, ValidationPoint } from "../settings/run";

export interface GrowingHistory {
  appendRows(rows: Float32Array): void;
  addValidation(point: ValidationPoint): void;
  addSample(point: SamplePoint): void;
  /** −1 before the first. */
  readonly lastValidatedStep: number;
  readonly lastSampledStep: number;
  /** Everything up to and including `step`; the arrays are copies. */
  upTo(step: number): RunHistory;
}

/** `columns` numbers a row, the step first. */
export function createHistory(columns: number, past?: RunHistory): GrowingHistory {
  let metrics = past ? past.metrics.slice() : new Float32Array(columns * 256);
  let used = past ? past.metrics.length : 0;
  const validation = [...(past?.validation ?? [])];
  const samples = [...(past?.samples ?? [])];
  return {
    appendRows(rows) {
      if (used + rows.length > metrics.length) {
        const larger = new Float32Array(Math.max(metrics.length * 2, used + rows.length));
        larger.set(metrics.subarray(0, used));
        metrics = larger;
      }
      metrics.set(rows, used);
      used += rows.length;
    },
    addValidation: (point) => void validation.push(point),
    addSample: (point) => void samples.push(point),
    get lastValidatedStep() {
      return validation.at(-1)?.step ?? -1;
    },
    get lastSampledStep() {
      return samples.at(-1)?.step ?? -1;
    },
    upTo(step) {
      let end = used;
      while (end > 0 && metrics[end - columns]! > step) end -= columns;
      return {
        metrics: metrics.slice(0, end),
        validation: validation.filter((point) => point.step <= step),
        samples: samples.filter((point) => point.step <= step),
      };
    },
  };
}

/** Numbers first in, first out, in one array that grows only when more wait than ever before. */
export function createNumberQueue(): { push(value: number): void; shift(): number } {
  let values = new Float64Array(256);
  let first = 0;
  let count = 0;
  return {
    push(value) {
      if (count === values.length) {
        const larger = new Float64Array(2 * count);
        for (let i = 0; i < count; i += 1) larger[i] = values[(first + i) % count]!;
        values = larger;
        first = 0;
      }
      values[(first + count) % values.length] = value;
      count += 1;
    },
    shift() {
      if (count === 0) throw new Error("Nothing is queued.");
      const value = values[first]!;
      first = (first + 1) % values.length;
      count -= 1;
      return value;
    },
  };
}
