import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MetricStore } from "../state/metricStore";
import type { ChartView } from "./chartView";
import { changeAxis, chartViewOf, toggleFrozen } from "./chartView";
import { runCsv, shortest } from "./csv";
import { StickyDomain } from "./domain";
import { type Frame, buildFrame } from "./frame";
import { LOSS, PERPLEXITY, type ChartSpec, TOKENS, perplexityOf } from "./spec";
import { summarizeChart } from "./summary";
import { tableRows } from "./tableRows";

const VIEW: ChartView = { xAxis: "step", window: null, smoothing: 0.6, frozenAt: null, pointed: null };
const BASELINES = { uniform: Math.log(65), unigram: 3.07, bigram: 2.36 };

function storeOf(losses: readonly number[], validation: readonly (readonly [step: number, loss: number])[] = []): MetricStore {
  const store = new MetricStore();
  store.append(Float32Array.from(losses.flatMap((loss, row) => [row + 1, loss, 0.001, 0.5, (row + 1) * 100, (row + 1) / 10])), losses.length);
  for (const [step, loss] of validation) store.addValidation({ step, loss, tokens: step * 100, seconds: step / 10 });
  return store;
}

function falling(rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => 1.5 + 3 * Math.exp(-row / 500) + 0.1 * Math.sin(row * 7));
}

function frameOf(store: MetricStore, view: Partial<ChartView> = {}, spec: ChartSpec = LOSS, scales: Frame["scales"] = { x: "linear", y: "linear" }): Frame {
  const request = { store, spec, scales, baselines: BASELINES, names: TOKENS, width: 640, mostXTicks: 6, mostYTicks: 8 };
  return buildFrame({ ...request, view: { ...VIEW, ...view }, sticky: new StickyDomain() });
}

describe("buildFrame", () => {
  it("never gives Recharts more than 400 points, and loses neither extremes nor measurements", () => {
    const loss = fc.double({ min: 0.5, max: 6, noNaN: true });
    fc.assert(
      fc.property(fc.array(loss, { minLength: 1, maxLength: 3000 }), fc.nat(500), fc.constantFrom("linear" as const, "log" as const), (losses, measured, x) => {
        const store = storeOf(losses, Array.from({ length: measured }, (_, index) => [index + 1, 2 + index / 500] as const));
        const { rows, best, validationEnd } = frameOf(store, {}, LOSS, { x, y: "linear" });
        expect(rows.length).toBeLessThanOrEqual(401);
        const bands = rows.flatMap((row) => (row.rows > 0 ? (row.band ?? []) : []));
        expect(Math.min(...bands)).toBeCloseTo(Math.min(...losses), 5);
        expect(Math.max(...bands)).toBeCloseTo(Math.max(...losses), 5);
        expect(rows.every((row, index) => index === 0 || row.x >= (rows[index - 1]?.x ?? 0))).toBe(true);
        if (measured > 0) expect([best?.y, validationEnd?.y]).toEqual([2, 2 + (measured - 1) / 500]);
      }),
    );
  });

  it("draws an empty run, and one of a single step", () => {
    for (const spec of [LOSS, PERPLEXITY]) {
      for (const y of ["linear", "log"] as const) {
        expect(frameOf(new MetricStore(), {}, spec, { x: y, y }).rows).toEqual([]);
        const frame = frameOf(storeOf([4.2]), {}, spec, { x: y, y });
        expect(frame.trainingEnd?.x).toBe(1);
        expect([...frame.x, ...frame.y].every(Number.isFinite)).toBe(true);
      }
    }
  });

  it("cuts a spike that would flatten the curve, and marks where it was", () => {
    const losses = falling(4000);
    losses[2000] = 400;
    const frame = frameOf(storeOf(losses));
    expect(frame.y[1]).toBeLessThan(9);
    expect(frame.spikes.map(({ y }) => y)).toEqual([400]);
  });

  it("marks where the loss stops being a number, and keeps drawing what is one", () => {
    const losses = falling(1000).map((loss, row) => (row >= 700 ? Number.NaN : loss));
    const frame = frameOf(storeOf(losses));
    expect(frame.gaps).toEqual([{ x: 701, text: "NaN" }]);
    expect(frame.rows.filter(({ x, raw }) => x > 720 && raw !== null)).toEqual([]);
  });

  it("shows a window with the lines running out of it, and nothing past a freeze", () => {
    const store = storeOf(falling(1000), [[100, 3], [500, 2], [900, 1.8]]);
    const frame = frameOf(store, { window: [400, 600] });
    expect(frame.x).toEqual([400, 600]);
    expect([frame.rows[0]?.x, frame.rows.at(-1)?.x]).toEqual([100, 900]);
    expect(frame.best).toBeUndefined();
    expect(Math.max(...frameOf(store, { frozenAt: 300 }).rows.map(({ x }) => x))).toBe(300);
  });

  it("survives a perplexity no number can hold", () => {
    expect(perplexityOf(3e38)).toBe(Math.exp(69));
    const frame = frameOf(storeOf([...falling(100), 3e38, 1e9]), { smoothing: 0 }, PERPLEXITY, { x: "linear", y: "log" });
    expect([...frame.y, ...frame.yTicks.map(({ value }) => value)].every(Number.isFinite)).toBe(true);
    expect(PERPLEXITY.meaning(Math.log(9.3), TOKENS)).toBe("as unsure as choosing among 9.30 tokens");
    expect(PERPLEXITY.meaning(500, TOKENS)).toContain("more than");
  });

  it("leaves values at or below zero off a log axis, and says so", () => {
    expect(frameOf(storeOf([1, 0, 0.5]), { smoothing: 0 }, LOSS, { x: "linear", y: "log" }).notPositive).toBe(1);
  });

  it("names the references by what they mean", () => {
    const texts = frameOf(storeOf(falling(2000))).baselines.map(({ texts: [text] }) => text);
    expect(texts[0]).toBe("random guess ln 65 = 4.17");
    expect(texts).toContain("token frequencies 3.07");
  });
});

describe("the shared view", () => {
  it("keeps a window over the same steps when the axis changes, and live data leaves it alone", () => {
    const store = storeOf(falling(1000));
    const view = chartViewOf(store);
    view.setState({ window: [200, 400] });
    changeAxis(store, "tokens");
    expect(view.getState().window).toEqual([20_000, 40_000]);
    store.append(Float32Array.from([1001, 1.4, 0, 0, 100_100, 100.1]), 1);
    expect(view.getState().window).toEqual([20_000, 40_000]);
    toggleFrozen(store);
    expect(view.getState().frozenAt).toBe(1001);
    toggleFrozen(store);
    expect(view.getState().frozenAt).toBeNull();
  });

  it("lets go of window and freeze when another run takes the store, and keeps axis and smoothing", () => {
    const store = storeOf(falling(100));
    const view = chartViewOf(store);
    view.setState({ window: [20, 40], frozenAt: 50, smoothing: 0.9, xAxis: "tokens" });
    store.clear();
    expect(view.getState()).toEqual({ window: null, frozenAt: null, pointed: null, smoothing: 0.9, xAxis: "tokens" });
  });
});

describe("tableRows", () => {
  it("says every step of a short run, and at most 50 rows of a long one, the last step always", () => {
    const short = tableRows(storeOf([4.2, 3.1, Number.NaN], [[2, 3.3]]), VIEW, [0, 10], LOSS);
    expect(short.rows.map(({ step, training, validation }) => [step, training, validation])).toEqual([["1", "4.20", "–"], ["2", "3.10", "3.30"], ["3", "NaN", "–"]]);
    const losses = falling(3210);
    const long = tableRows(storeOf(losses, [[3210, 1.61]]), VIEW, [0, 4000], LOSS);
    expect(long.rows.length).toBeLessThanOrEqual(50);
    expect(long.rows.length).toBeGreaterThan(20);
    expect(long.stepsPerRow).toBe(128);
    expect(long.rows.at(-1)).toMatchObject({ step: "3,210", training: losses.at(-1)?.toFixed(2), validation: "1.61" });
    expect(tableRows(new MetricStore(), VIEW, [0, 10], LOSS).rows).toEqual([]);
  });
});

describe("runCsv", () => {
  it("reads back as every stored number, with measurements and events in their rows", () => {
    const losses = [...falling(200), Number.NaN, Infinity];
    const store = storeOf(losses, [[0, 4.5], [100, 2.25]]);
    store.addMark({ kind: "setting", step: 150, text: 'rate "1e-3", then 5e-4' });
    const lines = runCsv(store).trimEnd().split("\r\n");
    expect(lines[0]).toBe("step,trainingLoss,learningRate,gradientNorm,tokens,seconds,validationLoss,event");
    expect(lines[1]).toBe("0,,,,0,0,4.5,");
    expect(lines.length).toBe(204);
    losses.forEach((loss, row) => expect(Math.fround(Number(lines[row + 2]?.split(",")[1]))).toBe(Math.fround(loss)));
    expect(lines[101]?.split(",")[6]).toBe("2.25");
    expect(lines[151]).toMatch(/,"setting: rate ""1e-3"", then 5e-4"$/);
  });

  it("writes any 32-bit float in the digits that give it back", () => {
    fc.assert(fc.property(fc.float({ noNaN: true }), (value) => {
      expect(Math.fround(Number(shortest(value))) + 0).toBe(value + 0);
    }));
    expect(shortest(Math.fround(0.001))).toBe("0.001");
  });
});

describe("summarizeChart", () => {
  it("says the course in a sentence", () => {
    expect(summarizeChart(new MetricStore(), LOSS)).toMatch(/^No loss yet/);
    expect(summarizeChart(storeOf([4.2, 3, 1.5], [[1, 3], [3, 1.6]]), LOSS)).toBe(
      "Training loss fell from 4.20 to 1.50 by step 3; validation loss is 1.60, its best so far.",
    );
    expect(summarizeChart(storeOf([4.2, Number.NaN]), LOSS)).toContain("diverged");
    expect(summarizeChart(storeOf([4.2, 3], [[1, 3], [2, 3.5]]), LOSS)).toContain("3.50, after a best of 3.00 at step 1");
  });
});
