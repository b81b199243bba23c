/** The same numbers as the chart, as a table of at most 50 rows. In: the store and the window. Out: texts, row by row. */
import type { MetricStore, ValidationPoint } from "../state/metricStore";
import type { ChartView } from "./chartView";
import type { ChartSpec } from "./spec";
import type { Domain } from "./ticks";

export const MOST_ROWS = 50;

export interface TableRow {
  readonly step: string;
  readonly training: string;
  readonly low: string;
  readonly high: string;
  readonly validation: string;
}

export interface ChartTableRows {
  readonly rows: readonly TableRow[];
  /** Rows of the store per row of the table; 1 says that nothing is summarized. */
  readonly stepsPerRow: number;
}

/** `x` is the window, in units of the axis of the view. */
export function tableRows(store: MetricStore, view: ChartView, x: Domain, spec: ChartSpec): ChartTableRows {
  const row = (value: number) => store.nearestRow(value, view.xAxis);
  if (store.rows === 0) return { rows: validationOnly(store, spec), stepsPerRow: 1 };
  const from = store.at("step", row(x[0]));
  const to = view.frozenAt ?? store.at("step", row(x[1]));
  // What was measured before the first row, by earlier versions before any update, has no row of its own in the store.
  const early = store.validation.filter((point) => point[view.xAxis] >= x[0] && point.step < from);
  const pixels = Math.max(1, MOST_ROWS - early.length);
  const { buckets } = store.query({ metric: "trainingLoss", xAxis: "step", from, to: Math.max(from, to), pixels });
  const text = (loss: number) => spec.format(spec.fromLoss(loss));
  let [next, before] = [0, from - 1];
  const rows = buckets.map((bucket): TableRow => {
    let validation = "–";
    for (let point = store.validation[next]; point && point.step <= bucket.x; point = store.validation[++next]) {
      if (point.step > before) validation = text(point.loss);
    }
    before = bucket.x;
    const broken = bucket.notFinite > 0 ? "NaN" : "";
    return {
      step: bucket.x.toLocaleString("en-US"),
      training: [Number.isNaN(bucket.last) ? "" : text(bucket.last), broken].filter(Boolean).join(", "),
      low: Number.isNaN(bucket.min) ? "–" : text(bucket.min),
      high: Number.isNaN(bucket.max) ? "–" : text(bucket.max),
      validation,
    };
  });
  return { rows: [...early.map((point) => measuredRow(point, spec)), ...rows], stepsPerRow: Math.max(1, ...buckets.map((bucket) => bucket.rows)) };
}

function validationOnly(store: MetricStore, spec: ChartSpec): TableRow[] {
  return store.validation.slice(-MOST_ROWS).map((point) => measuredRow(point, spec));
}

function measuredRow({ step, loss }: ValidationPoint, spec: ChartSpec): TableRow {
  return { step: step.toLocaleString("en-US"), training: "–", low: "–", high: "–", validation: spec.format(spec.fromLoss(loss)) };
}
