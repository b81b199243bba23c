/** Every kernel of every op case, forward and backward, is compiled by Dawn without a GPU. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { create } from "webgpu";
import type { Kernel } from "../wgsl/kernel";
import { itemKernel, write } from "../wgsl/kernel";
import { BASE_TARGET } from "../compiler/compile";
import { buildGradients } from "./checkOp";
import { compileKernels, kernelsOf } from "./compileKernels";
import { opCases } from "./opCases";
import { withPackedInputs, withPackedOutputs } from "./packedCases";

// The device lives as long as this reference to its GPU.
const gpu = create(["backend=null"]);
let device: GPUDevice;

beforeAll(async () => {
  const adapter = await gpu.requestAdapter();
  device = await adapter!.requestDevice();
});
afterAll(() => device.destroy());

const TARGETS = [{ rows: "1", reduce: "walk" }, { matmul: "registers-8x8" }, {}] as const;

test("every kernel of every op compiles, for software and for hardware adapters", async () => {
  const kernels = new Map<string, Kernel>();
  for (const one of opCases) {
    for (const seeded of ["first", "all"] as const) {
      const graph = buildGradients(one, seeded);
      for (const choices of TARGETS) kernelsOf(graph, { ...BASE_TARGET, choices }).forEach((kernel, code) => kernels.set(code, kernel));
    }
  }
  expect(kernels.size).toBeGreaterThan(1500);
  expect([...kernels.values()].filter((kernel) => kernel.operands.length > 8).map((kernel) => kernel.label)).toEqual([]);
  expect(await compileKernels(device, kernels.values())).toEqual([]);
}, 120_000);

test("so do those over packed values, forward and backward", async () => {
  const kernels = new Map<string, Kernel>();
  for (const one of opCases.flatMap((each) => [withPackedInputs(each), withPackedOutputs(each)])) {
    for (const choices of TARGETS) kernelsOf(buildGradients(one, "first"), { ...BASE_TARGET, choices }).forEach((kernel, code) => kernels.set(code, kernel));
  }
  const packed = [...kernels.values()].filter(({ operands }) => operands.some(({ element }) => element === "vec2u"));
  expect(packed.length).toBeGreaterThan(500);
  expect(await compileKernels(device, kernels.values())).toEqual([]);
}, 120_000);

test("a kernel that does not compile is named, with the line", async () => {
  const broken = itemKernel({ label: "broken", bindings: { y: write("f32") }, workgroupSize: 1, items: 1, body: "  y[item] = nothing;" });
  expect(await compileKernels(device, [broken])).toEqual([expect.stringMatching(/^broken, line \d+: .*nothing/)]);
  const unbound = itemKernel({ label: "too wide", bindings: { y: write("f32") }, workgroupSize: 4096, items: 1, body: "  y[item] = 1.0;" });
  expect(await compileKernels(device, [unbound])).toEqual([expect.stringContaining("too wide")]);
});
