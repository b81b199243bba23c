import { expect, it } from "vitest";
import { METRIC_COLUMNS } from "../../settings/run";
import { MetricStore } from "../state/metricStore";
import type { ChartView } from "./chartView";
import { LOSS } from "./spec";
import { MOST_ROWS, tableRows } from "./tableRows";

const VIEW: ChartView = { xAxis: "step", window: null, smoothing: 0, frozenAt: null, pointed: null };

function storeWith(steps: number, validatedAt: readonly number[]): MetricStore {
  const store = new MetricStore();
  const values = new Float32Array(steps * METRIC_COLUMNS.length);
  for (let step = 1; step <= steps; step++) values.set([step, 3, 1e-3, 1, step * 10, step], (step - 1) * METRIC_COLUMNS.length);
  store.append(values, steps);
  for (const step of validatedAt) store.addValidation({ step, tokens: step * 10, seconds: step, loss: 4 - step / 1000 });
  return store;
}

it.each([
  [4, 5],
  [1000, MOST_ROWS],
])("shows what was measured before the first of %i updates, in at most %i rows", (steps, most) => {
  const { rows } = tableRows(storeWith(steps, [0, steps]), VIEW, [0, steps], LOSS);
  expect(rows[0]).toMatchObject({ step: "0", training: "–", validation: "4.00" });
  expect(rows[1]?.step).not.toBe("0");
  expect(rows.at(-1)).toMatchObject({ step: steps.toLocaleString("en-US"), validation: (4 - steps / 1000).toFixed(2) });
  expect(rows.length).toBeLessThanOrEqual(most);
  expect(rows.filter(({ validation }) => validation !== "–")).toHaveLength(2);
});

it("leaves it out of a window that begins later", () => {
  const { rows } = tableRows(storeWith(20, [0, 10]), VIEW, [5, 20], LOSS);
  expect(rows[0]?.step).toBe("5");
  expect(rows.filter(({ validation }) => validation !== "–").map(({ step }) => step)).toEqual(["10"]);
});
