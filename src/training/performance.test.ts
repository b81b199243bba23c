/** Figures of a run: nothing is lost in grouping, every buffer has a purpose, the clock waits for enough reports. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Program } from "../engine/compiler/program";
import { createStepClock, groupKernels, memoryByPurpose } from "./performance";

const matrix = (...shape: number[]) => ({ shape, dtype: "f32" as const, buffer: "slot0", offset: 0, bytes: 16 });
const step = (dispatches: number): Program["steps"][number] => ({
  // 2 · 5 · 2 · 5 = 100 multiplications and additions.
  op: "matmul", attributes: { layout: "NN" }, inputs: [matrix(5, 5), matrix(5, 2)], outputs: [], dispatches: Array.from({ length: dispatches }, () => ({ kernel: 0, ranges: [], workgroups: [1, 1, 1] as const })),
});
const program: Program = { name: "gradients", kernels: [], steps: [step(1), step(2)], slots: [], arenas: {}, leaves: {}, outputs: {}, flops: 0 };

test("kernels of one label are one line, the slowest first; flops of a step are shared by its kernels", () => {
  const time = (at: number, label: string, seconds: number) => ({ program: "gradients", step: at, op: "matmul", label, index: 0, workgroups: [1, 1, 1] as const, seconds, bytes: 10 });
  const shares = groupKernels([time(0, "a", 1), time(1, "b", 2), time(1, "a", 3)], [program]);
  expect(shares).toEqual([
    { label: "a", dispatches: 2, seconds: 4, flops: 150, bytes: 20 },
    { label: "b", dispatches: 1, seconds: 2, flops: 50, bytes: 10 },
  ]);
});

test("every byte has a purpose", () => {
  const names = fc.constantFrom("parameters", "gradients", "accumulated", "moment.mean", "moment.square", "slot0", "slot12", "cache.3", "logits", "feed", "losses", "metrics", "constants", "decodeFeed", "output.x");
  fc.assert(fc.property(fc.dictionary(names, fc.integer({ min: 1, max: 1e9 })), (sizes) => {
    const total = Object.values(sizes).reduce((a, b) => a + b, 0);
    expect(memoryByPurpose(sizes).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(total);
  }));
  expect(memoryByPurpose({ parameters: 1, "moment.mean": 2, "moment.square": 3, slot0: 9, feed: 4 })).toEqual([
    { purpose: "Activations", bytes: 9 }, { purpose: "Moments of the optimizer", bytes: 5 }, { purpose: "Data and results", bytes: 4 }, { purpose: "Weights", bytes: 1 },
  ]);
});

test("the clock gives the mean time of a step, once it has heard three speeds that are some", () => {
  const clock = createStepClock(100);
  for (const speed of [0, Number.NaN, 100, 200]) clock.note(speed);
  expect(clock.secondsPerStep).toBeUndefined();
  clock.note(50);
  expect(clock.secondsPerStep).toBeCloseTo((1 + 0.5 + 2) / 3, 12);
});
