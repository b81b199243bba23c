/** The optimizers against arithmetic by hand (as torch.optim defines them), clipping, and the guard against bad gradients. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../engine/graph/evaluate";
import { leaf } from "../../engine/graph/leaf";
import { f32 } from "../../engine/graph/value";
import { scalar } from "../../engine/ops/elementwise";
import { SCHEDULES } from "../schedules/index";
import { adam } from "./adam";
import { adamw } from "./adamw";
import { applyUpdate, firstOf } from "./applyUpdate";
import { clipByNorm } from "./clipping";
import { OPTIMIZERS } from "./index";
import type { Optimizer } from "./optimizer";
import { sgd } from "./sgd";

type Arrays = Record<string, number[]>;

/** Runs a number of updates with the given gradients; returns the parameters after each. */
function run(optimizer: Optimizer, settings: object, decay: boolean, start: number[], gradients: number[][], rate: number, precision: "f64" | "f32" = "f64"): number[][] {
  const of = (name: string) => leaf(name, f32(start.length));
  const state = Object.fromEntries(optimizer.state.map((moment) => [moment, of(moment)]));
  const next = optimizer.update({
    parameter: of("parameter"), gradient: of("gradient"), state, learningRate: leaf("rate", f32()), step: leaf("step", f32()), decay: scalar(decay ? 1 : 0), settings,
  });
  const roots = [next.parameter, ...optimizer.state.map((moment) => next.state[moment]!)];
  let data: Arrays = { parameter: start, ...Object.fromEntries(optimizer.state.map((moment) => [moment, start.map(() => 0)])) };
  return gradients.map((gradient, index) => {
    const [parameter, ...moments] = evaluate(roots, { ...data, gradient, rate: [rate], step: [index + 1] }, precision).map((array) => Array.from(array));
    data = { parameter: parameter!, ...Object.fromEntries(optimizer.state.map((moment, at) => [moment, moments[at]!])) };
    return parameter!;
  });
}

/** torch.optim's loops over single weights. */
const BY_HAND: Record<string, (w: number, gradients: number[], rate: number, decay: number) => number> = {
  adamw: (w, gradients, rate, decay) => adamByHand(w, gradients, rate, 0, decay),
  adam: (w, gradients, rate, decay) => adamByHand(w, gradients, rate, decay, 0),
  sgd: (w, gradients, rate, decay) => {
    let velocity = 0;
    for (const g of gradients) {
      velocity = 0.9 * velocity + g + decay * w;
      w -= rate * velocity;
    }
    return w;
  },
};

function adamByHand(w: number, gradients: number[], rate: number, inGradient: number, inWeight: number): number {
  let [mean, square] = [0, 0];
  gradients.forEach((raw, index) => {
    const g = raw + inGradient * w;
    w *= 1 - rate * inWeight;
    mean = 0.9 * mean + 0.1 * g;
    square = 0.95 * square + 0.05 * g * g;
    w -= (rate * (mean / (1 - 0.9 ** (index + 1)))) / (Math.sqrt(square / (1 - 0.95 ** (index + 1))) + 1e-8);
  });
  return w;
}

test("every optimizer has a loop here", () => {
  expect(OPTIMIZERS.map(({ id }) => id).sort()).toEqual(Object.keys(BY_HAND).sort());
});

test.each(OPTIMIZERS.map((optimizer) => [optimizer.id, optimizer] as const))("%s equals its loop, decayed or not", (id, optimizer) => {
  const number = fc.double({ min: -10, max: 10, noNaN: true });
  fc.assert(
    fc.property(number, fc.array(number, { minLength: 1, maxLength: 6 }), fc.constantFrom(0, 0.1), fc.boolean(), (w, gradients, weightDecay, decay) => {
      const last = run(optimizer, { weightDecay }, decay, [w], gradients.map((g) => [g]), 0.01).at(-1)![0]!;
      expect(last).toBeCloseTo(BY_HAND[id]!(w, gradients, 0.01, decay ? weightDecay : 0), 9);
    }),
  );
});

test("known values: the first step of each", () => {
  // Adam's first step is the learning rate times the sign of the gradient, whatever its size.
  expect(run(adamw, {}, false, [1, 1], [[5, -0.001]], 0.1)[0]![0]).toBeCloseTo(0.9, 8);
  expect(run(adamw, {}, false, [1, 1], [[5, -0.001]], 0.1)[0]![1]).toBeCloseTo(1.1, 5);
  expect(run(adamw, { weightDecay: 0.5 }, true, [1], [[0]], 0.1)[0]![0]).toBeCloseTo(0.95, 12);
  expect(run(adam, { weightDecay: 0.5 }, true, [1], [[0]], 0.1)[0]![0]).toBeCloseTo(0.9, 7);
  expect(run(sgd, {}, false, [1], [[1], [1]], 0.1).map(([w]) => w)).toEqual([0.9, expect.closeTo(0.71, 12)]);
});

test("bias correction keeps its accuracy in f32 at the start and after a million steps", () => {
  const settings = { beta1: 0.9, beta2: 0.99999 };
  expect(run(adamw, settings, false, [0], [[3]], 1, "f32")[0]![0]).toBeCloseTo(-1, 5);
  const of = (name: string) => leaf(name, f32());
  const next = adamw.update({
    parameter: of("w"), gradient: of("g"), state: { mean: of("m"), square: of("v") }, learningRate: of("rate"), step: of("step"), decay: scalar(0), settings,
  });
  const [w] = evaluate([next.parameter], { w: [0], g: [2], m: [2], v: [4], rate: [1], step: [1e6] }, "f32");
  expect(w![0]).toBeCloseTo(-1, 4);
});

test("clipping scales to the limit and leaves short gradients alone", () => {
  const gradients = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(gradients, gradients, fc.constantFrom(0, 0.5, 1, 50), fc.constantFrom(1, 0.25), (a, b, clip, scale) => {
      const { norm, factor, finite } = clipByNorm([leaf("a", f32(a.length)), leaf("b", f32(b.length))], scale, clip);
      const [n, f, ok] = evaluate([norm, factor, finite], { a, b }).map((array) => array[0]!);
      const expected = scale * Math.hypot(...a, ...b);
      expect(n).toBeCloseTo(expected, 9);
      expect(f).toBeCloseTo(scale * (clip > 0 ? Math.min(1, clip / (expected + 1e-6)) : 1), 9);
      expect(ok).toBe(1);
    }),
  );
});

test.each([NaN, Infinity, -Infinity])("a gradient of %s changes neither weights nor moments, and says so", (bad) => {
  for (const optimizer of OPTIMIZERS) {
    const of = (name: string) => leaf(name, f32(2));
    const state = Object.fromEntries(optimizer.state.map((moment) => [moment, of(moment)]));
    const plan = { optimizer, schedule: SCHEDULES[0]!, settings: {}, peak: 0.1, steps: 10, clip: 1, accumulation: 2 };
    const group = { parameter: of("w"), gradient: of("g"), state, decay: firstOf(1, 2) };
    const { groups, gradientNorm, finite } = applyUpdate(plan, [group], leaf("step", f32()));
    const roots = [groups[0]!.parameter, ...Object.values(groups[0]!.state), finite, gradientNorm];
    const data = { w: [1, 2], step: [3], ...Object.fromEntries(optimizer.state.map((moment) => [moment, [0.5, 0.25]])) };
    const results = evaluate(roots, { ...data, g: [bad, 1] }, "f32").map((array) => Array.from(array));
    expect(results.slice(0, -2)).toEqual([[1, 2], ...optimizer.state.map(() => [0.5, 0.25])]);
    expect(results.at(-2)).toEqual([0]);
    expect(results.at(-1)![0]).not.toSatisfy(Number.isFinite);
    const [w, , ok] = [...evaluate([groups[0]!.parameter, gradientNorm, finite], { ...data, g: [0.5, 1] }, "f32")];
    expect(Array.from(w!)).not.toEqual([1, 2]);
    expect(ok![0]).toBe(1);
  }
});
