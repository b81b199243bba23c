/** Kernels that this machine's adapter cannot run are at least compiled, by Dawn without a GPU. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { create } from "webgpu";
import "..";
import { BASE_TARGET } from "../../compiler/compile";
import { lowerNode } from "../../compiler/lower";
import type { Target } from "../../graph/op";
import type { Kernel } from "../../wgsl/kernel";
import { matmulCases } from "../../testing/cases/matmul";
import { compileKernels } from "../../testing/compileKernels";
import { type OpCase, buildCase } from "../../testing/opCase";
import { withPackedInputs, withPackedOutputs } from "../../testing/packedCases";
import { chooseVariant } from "../../graph/kernelFamily";
import { matmulFamily } from "./family";

// The device lives as long as this reference to its GPU.
const gpu = create(["backend=null", "enable-dawn-features=allow_unsafe_apis"]);
let device: GPUDevice;

beforeAll(async () => {
  const adapter = await gpu.requestAdapter();
  device = await adapter!.requestDevice({ requiredFeatures: ["subgroups", "shader-f16"] });
});
afterAll(() => device.destroy());

/** One kernel of every variant and kind of case, for targets with subgroups of these sizes. */
function kernelsFor(target: Target, cases: readonly OpCase[] = matmulCases): { readonly kernels: Map<string, Kernel>; readonly ids: Set<string> } {
  const kernels = new Map<string, Kernel>();
  const ids = new Set<string>();
  for (const one of cases) {
    const { node } = buildCase(one).outputs[0]!;
    const work = { inputTypes: node.inputs, outputTypes: node.outputs, attributes: node.attributes };
    for (const id of matmulFamily.variants(work, target)) {
      const chosen = { ...target, choices: { matmul: id } };
      expect(chooseVariant(matmulFamily, work, chosen)).toBe(id);
      ids.add(id);
      for (const kernel of lowerNode(node, chosen, () => false, () => true).kernels) kernels.set(kernel.code, kernel);
    }
  }
  return { kernels, ids };
}

test.each([4, 8, 16, 32, 64])("every variant compiles with subgroups of %i and f16", async (subgroupSize) => {
  const { kernels, ids } = kernelsFor({ ...BASE_TARGET, subgroupSize, f16: true });
  expect([...ids].some((id) => id.startsWith("subgroups"))).toBe(true);
  expect([...ids].some((id) => id.endsWith("/f16"))).toBe(true);
  expect([...kernels.values()].filter(({ operands }) => operands.length > BASE_TARGET.storageBuffers)).toEqual([]);
  expect(await compileKernels(device, kernels.values())).toEqual([]);
}, 60_000);

test.each([withPackedInputs, withPackedOutputs])("so does every variant over packed numbers", async (packed) => {
  const { kernels, ids } = kernelsFor({ ...BASE_TARGET, subgroupSize: 32, f16: true }, matmulCases.map(packed));
  expect([...ids].some((id) => id.endsWith("/f16"))).toBe(true);
  expect(await compileKernels(device, kernels.values())).toEqual([]);
}, 60_000);

test("a family lists one to eight variants, the same for every work of a class, and none that the target cannot run", () => {
  const small = { ...BASE_TARGET, workgroupInvocations: 64, workgroupBytes: 4096 };
  for (const target of [BASE_TARGET, small, { ...BASE_TARGET, subgroupSize: 4 }, { ...BASE_TARGET, subgroupSize: 32, f16: true }]) {
    const byClass = new Map<string, string>();
    for (const one of matmulCases) {
      const { node } = buildCase(one).outputs[0]!;
      const work = { inputTypes: node.inputs, outputTypes: node.outputs, attributes: node.attributes };
      const ids = matmulFamily.variants(work, target);
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.length).toBeLessThanOrEqual(8);
      const name = matmulFamily.classOf(work);
      expect(byClass.get(name) ?? ids.join()).toBe(ids.join());
      byClass.set(name, ids.join());
    }
    expect(byClass.size).toBeGreaterThan(8);
    if (target === small) expect([...byClass.values()].join()).not.toContain("64x64x16");
  }
});
