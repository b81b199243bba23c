/** Every schedule's graph against its formula in plain arithmetic, for any step of any run. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../engine/graph/evaluate";
import { leaf } from "../../engine/graph/leaf";
import { f32 } from "../../engine/graph/value";
import { SCHEDULES } from "./index";

const FORMULAS: Record<string, (since: number, span: number, settings: Record<string, number>) => number> = {
  constant: () => 1,
  linear: (since, span, { finalShare }) => 1 - (1 - finalShare!) * Math.min(1, since / span),
  cosine: (since, span, { finalShare }) => finalShare! + ((1 - finalShare!) * (1 + Math.cos(Math.PI * Math.min(1, since / span)))) / 2,
  step: (since, _, { stepEvery, stepFactor }) => stepFactor! ** Math.floor(since / stepEvery!),
};

function rateOf(id: string, step: number, peak: number, steps: number, settings: Record<string, number>, precision: "f64" | "f32" = "f64"): number {
  const schedule = SCHEDULES.find((one) => one.id === id)!;
  const rate = schedule.rate({ step: leaf("step", f32()), peak, steps, settings });
  expect(rate.shape).toEqual([]);
  return evaluate([rate], { step: [step] }, precision)[0]![0]!;
}

test("every schedule has a formula here", () => {
  expect(SCHEDULES.map(({ id }) => id).sort()).toEqual(Object.keys(FORMULAS).sort());
});

test.each(Object.keys(FORMULAS))("%s is its closed form at every step", (id) => {
  const run = fc.integer({ min: 1, max: 100_000 }).chain((steps) => fc.record({ steps: fc.constant(steps), step: fc.integer({ min: 0, max: steps - 1 }) }));
  const settings = fc.record({
    warmupSteps: fc.integer({ min: 0, max: 2000 }),
    finalShare: fc.double({ min: 0, max: 1, noNaN: true }),
    stepEvery: fc.integer({ min: 1, max: 50_000 }),
    stepFactor: fc.double({ min: 0.5, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(run, settings, fc.double({ min: 1e-5, max: 10, noNaN: true }), ({ steps, step }, chosen, peak) => {
      const { warmupSteps } = chosen;
      const warm = warmupSteps === 0 ? 1 : Math.min(1, (step + 1) / warmupSteps);
      const expected = peak * warm * FORMULAS[id]!(Math.max(0, step - warmupSteps), Math.max(1, steps - warmupSteps), chosen);
      expect(Math.abs(rateOf(id, step, peak, steps, chosen) - expected)).toBeLessThanOrEqual(1e-12 * peak);
      expect(Math.abs(rateOf(id, step, peak, steps, chosen, "f32") - expected)).toBeLessThanOrEqual(1e-5 * peak);
    }),
  );
});

test("the corners of a run", () => {
  const settings = { warmupSteps: 4, finalShare: 0.1, stepEvery: 3, stepFactor: 0.5 };
  const rates = (id: string): number[] => [0, 1, 3, 4, 7, 10, 14].map((step) => rateOf(id, step, 2, 14, settings));
  expect(rates("constant")).toEqual([0.5, 1, 2, 2, 2, 2, 2]);
  expect(rates("step")).toEqual([0.5, 1, 2, 2, 1, 0.5, 0.25]);
  expect(rates("linear").map((rate) => Math.round(rate * 1e9) / 1e9)).toEqual([0.5, 1, 2, 2, 1.46, 0.92, 0.2]);
  expect(rates("cosine").at(-1)).toBeCloseTo(0.2, 12);
});

test("settings of other parts are ignored, missing ones take their defaults", () => {
  expect(rateOf("cosine", 0, 1, 1000, { weightDecay: 3 })).toBeCloseTo(1 / 100, 12);
});
