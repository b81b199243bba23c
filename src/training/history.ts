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
