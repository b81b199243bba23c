/** The update on WebGPU, where NaN is easily assumed away: the guard against bad gradients, and rates against f64. */
import { expect, test } from "vitest";
import { evaluate } from "../../engine/graph/evaluate";
import { leaf } from "../../engine/graph/leaf";
import { f32 } from "../../engine/graph/value";
import { runOnGpu } from "../../engine/testing/runGraph";
import { SCHEDULES } from "../schedules/index";
import { applyUpdate, firstOf } from "./applyUpdate";
import { OPTIMIZERS } from "./index";

const SIZE = 257;
const settings = { warmupSteps: 3, stepEvery: 2, weightDecay: 0.1 };

test.each(OPTIMIZERS.map((optimizer) => [optimizer.id, optimizer] as const))("%s: applied as in f64, and not at all where a gradient is not finite", async (_, optimizer) => {
  const of = (name: string) => leaf(name, f32(SIZE));
  const state = Object.fromEntries(optimizer.state.map((moment) => [moment, of(moment)]));
  for (const schedule of SCHEDULES) {
    const plan = { optimizer, schedule, settings, peak: 0.1, steps: 20, clip: 1, accumulation: 2 };
    const applied = applyUpdate(plan, [{ parameter: of("w"), gradient: of("g"), state, decay: firstOf(100, SIZE) }], leaf("step", f32()));
    const [group] = applied.groups;
    const roots = [group!.parameter, ...optimizer.state.map((moment) => group!.state[moment]!), applied.learningRate, applied.gradientNorm, applied.finite];
    const wave = (phase: number): Float32Array => Float32Array.from({ length: SIZE }, (__, i) => Math.sin(i + phase));
    const moments = Object.fromEntries(optimizer.state.map((moment, at) => [moment, wave(at + 3).map((value) => value * value)]));
    for (const step of [0, 1, 7, 19]) {
      const data = { w: wave(0), g: wave(1), ...moments, step: [step] };
      const [ours, exact] = [await runOnGpu(roots, data), evaluate(roots, data, "f64")];
      exact.forEach((array, at) => array.forEach((value, i) => expect(Math.abs(ours[at]![i]! - value)).toBeLessThan(2e-6 * Math.max(1, Math.abs(value)))));
    }
    for (const bad of [NaN, Infinity, -Infinity, 3e38]) {
      const data = { w: wave(0), g: wave(1).fill(bad, 100, 101), ...moments, step: [5] };
      const [w, ...rest] = await runOnGpu(roots, data);
      expect(Array.from(w!)).toEqual(Array.from(wave(0)));
      optimizer.state.forEach((moment, at) => expect(Array.from(rest[at]!)).toEqual(Array.from(moments[moment]!)));
      expect(rest.at(-1)![0]).toBe(0);
    }
  }
});
