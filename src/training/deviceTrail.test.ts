/** A run that goes from device to device, and one that stays. */
import { expect, it } from "vitest";
import { describeMove, extendTrail } from "./deviceTrail";

const gpu = { runtime: "webgpu", name: "Apple M2", detail: "WebGPU, f32" } as const;
const cpu = { runtime: "cpu", name: "CPU", detail: "WebAssembly, f32, 2 threads" } as const;

it("remembers from which step a device went on", () => {
  const begun = extendTrail([], gpu, 0);
  expect(begun).toEqual([{ ...gpu, fromStep: 0 }]);
  const moved = extendTrail(begun, cpu, 1200);
  expect(moved).toEqual([{ ...gpu, fromStep: 0 }, { ...cpu, fromStep: 1200 }]);
  expect(extendTrail(moved, { ...cpu, detail: "WebAssembly, f32, 1 thread" }, 1300)).toEqual(moved);
});

it("forgets a device on which nothing was trained", () => {
  const moved = extendTrail(extendTrail([], gpu, 0), cpu, 50);
  expect(extendTrail(moved, gpu, 50)).toEqual([{ ...gpu, fromStep: 0 }]);
});

it("tells a move, and nothing where there is none or nobody knows", () => {
  const trail = extendTrail([], gpu, 0);
  expect(describeMove("calm-owl", trail, cpu, 1200)).toBe("calm-owl was trained on Apple M2 until step 1,200. It continues on CPU: as good, but not bit for bit the same run.");
  expect(describeMove("calm-owl", trail, { ...gpu, detail: "newer" }, 1200)).toBeUndefined();
  expect(describeMove("calm-owl", trail, cpu, 0)).toBeUndefined();
  expect(describeMove("calm-owl", [], cpu, 1200)).toBeUndefined();
});
