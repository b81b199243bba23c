/** One sentence that says what a chart shows, for those who do not see it. In: the store and what is charted. Out: text. */
import type { MetricStore } from "../state/metricStore";
import type { ChartSpec } from "./spec";

export function summarizeChart(store: MetricStore, spec: ChartSpec): string {
  const rows = store.rows;
  if (rows === 0) return `No ${spec.noun} yet: it appears here with the first training step.`;
  const text = (loss: number) => spec.format(spec.fromLoss(loss));
  const [first, last] = [store.at("trainingLoss", 0), store.at("trainingLoss", rows - 1)];
  const steps = store.at("step", rows - 1).toLocaleString("en-US");
  const course = !Number.isFinite(last)
    ? `is not a number at step ${steps}: the run has diverged`
    : last < first ? `fell from ${text(first)} to ${text(last)} by step ${steps}`
      : last > first ? `rose from ${text(first)} to ${text(last)} by step ${steps}` : `is ${text(last)} at step ${steps}`;
  const best = store.best;
  const latest = store.validation.at(-1);
  const held = !best || !latest ? "not measured yet"
    : best === latest ? `${text(best.loss)}, its best so far`
      : `${text(latest.loss)}, after a best of ${text(best.loss)} at step ${best.step.toLocaleString("en-US")}`;
  return `Training ${spec.noun} ${course}; validation ${spec.noun} is ${held}.`;
}
