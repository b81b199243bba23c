import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { METRIC_COLUMNS } from "../../settings/run";
import { MetricStore } from "./metricStore";

/** Rows at the given steps; 100 tokens and half a second each. */
function rowsAt(steps: readonly number[], loss: (step: number) => number = (step) => 4 / step): Float32Array {
  return Float32Array.from(steps.flatMap((step) => [step, loss(step), 0.001, step % 2, step * 100, step / 2]));
}

function span(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function validationAt(step: number, loss: number) {
  return { step, loss, tokens: step * 100, seconds: step / 2 };
}

const everything = { metric: "trainingLoss", from: 0, to: 1e9, pixels: 300 } as const;

describe("MetricStore", () => {
  it("holds rows of METRIC_COLUMNS and answers on each axis", () => {
    const store = new MetricStore();
    store.append(rowsAt(span(1, 10)), 10);
    expect(store.rows).toBe(10);
    expect(METRIC_COLUMNS.map((name) => store.at(name, 3))).toEqual([4, 1, Math.fround(0.001), 0, 400, 2]);
    expect(store.query({ ...everything, xAxis: "tokens", from: 150, to: 350 }).buckets.map(({ x }) => x)).toEqual([200, 300]);
    expect(store.query({ ...everything, xAxis: "seconds", to: 1 }).buckets.map(({ last }) => last)).toEqual([4, 2]);
    expect(store.nearestRow(3.4, "step")).toBe(2);
    expect(store.nearestRow(1e9, "step")).toBe(9);
    expect(store.xOfStep(5, "tokens")).toBe(500);
  });

  it("answers when it is empty and when it holds one row", () => {
    const store = new MetricStore();
    expect(store.query({ ...everything, xAxis: "step" })).toEqual({ buckets: [], gaps: [], before: undefined, after: undefined });
    expect(store.query({ ...everything, xAxis: "step", smoothing: 0.9 }).buckets).toEqual([]);
    expect(store.nearestRow(3, "step")).toBe(-1);
    expect(store.shareAbove("gradientNorm", 1)).toBe(0);
    store.append(rowsAt([1]), 1);
    expect(store.query({ ...everything, xAxis: "step" }).buckets).toEqual([{ x: 1, min: 4, max: 4, last: 4, rows: 1, notFinite: 0 }]);
  });

  it("starts over from a step it already has, and forgets what came after", () => {
    const store = new MetricStore();
    store.append(rowsAt(span(1, 100)), 100);
    for (const step of [20, 40, 60, 80]) store.addValidation(validationAt(step, 2 - step / 100));
    store.addMark({ kind: "checkpoint", step: 50 });
    store.addMark({ kind: "checkpoint", step: 90 });
    store.query({ ...everything, xAxis: "step", smoothing: 0.5 });
    store.addMark({ kind: "resume", step: 50 });
    store.append(rowsAt(span(51, 60), () => 7), 10);
    expect(store.rows).toBe(60);
    expect(store.at("step", 59)).toBe(60);
    expect(store.at("trainingLoss", 50)).toBe(7);
    expect(store.validation.map(({ step }) => step)).toEqual([20, 40]);
    expect(store.best?.step).toBe(40);
    expect(store.marks.map(({ kind, step }) => [kind, step])).toEqual([["checkpoint", 50], ["resume", 50]]);
    expect(store.query({ ...everything, xAxis: "step", smoothing: 0.5 }).buckets.length).toBe(60);
  });

  it("holds the same rows however they were cut into messages", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(cuts, (sizes) => {
        const [pieces, whole] = [new MetricStore(), new MetricStore()];
        let step = 1;
        for (const size of sizes) {
          pieces.append(rowsAt(span(step, step + size - 1)), size);
          step += size;
        }
        whole.load({ metrics: rowsAt(span(1, step - 1)), validation: [], samples: [] });
        for (const smoothing of [0, 0.9]) {
          const query = { ...everything, xAxis: "step", smoothing } as const;
          expect(pieces.query(query)).toEqual(whole.query(query));
        }
        expect(pieces.shareAbove("gradientNorm", 0.5)).toBeCloseTo(span(1, step - 1).filter((each) => each % 2).length / (step - 1));
      }),
    );
  });

  it("keeps values that are not finite and says where they begin", () => {
    const store = new MetricStore();
    store.append(rowsAt(span(1, 30), (step) => (step === 9 ? Number.NaN : step > 20 ? Infinity : 1)), 30);
    const { gaps, buckets } = store.query({ ...everything, xAxis: "step" });
    expect(gaps.map(({ x, value }) => [x, value])).toEqual([[9, Number.NaN], [21, Infinity]]);
    expect(buckets.filter(({ notFinite }) => notFinite > 0).length).toBe(11);
    store.addValidation(validationAt(10, Number.NaN));
    expect(store.best).toBeUndefined();
  });

  it("tells its subscribers of each change, until they leave", () => {
    const store = new MetricStore();
    const listener = vi.fn();
    const leave = store.subscribe(listener);
    const { version } = store;
    store.append(rowsAt([1, 2]), 2);
    store.addValidation(validationAt(2, 3));
    expect(listener).toHaveBeenCalledTimes(2);
    expect(store.version).not.toBe(version);
    leave();
    store.clear();
    expect(listener).toHaveBeenCalledTimes(2);
    expect([store.rows, store.validation.length, store.best]).toEqual([0, 0, undefined]);
  });

  it("takes a million rows and a smoothed query of them in about a second", () => {
    const store = new MetricStore();
    const batch = new Float32Array(64 * 6);
    const started = performance.now();
    for (let step = 1; step < 1_000_000; step += 64) {
      for (let row = 0; row < 64; row++) batch.set([step + row, 2, 0.001, 1, step + row, step + row], row * 6);
      store.append(batch, 64);
    }
    store.query({ ...everything, xAxis: "step", smoothing: 0.9 });
    expect(performance.now() - started).toBeLessThan(4000);
    expect(store.rows).toBe(1_000_000);
  });
});
