/**
 * Compiles kernels without running them. In: a device (Dawn's null backend is enough), kernels. Out: a sentence per error, with the
 * line of WGSL. A pipeline is made as well, because some rules (bindings, workgroup memory) are only checked there.
 */
import type { GradientGraph } from "./checkOp";
import { lowerNode } from "../compiler/lower";
import { isLeaf } from "../graph/leaf";
import type { Target } from "../graph/op";
import { type Value, sortNodes } from "../graph/value";
import type { Kernel } from "../wgsl/kernel";

/** The kernels of a graph, each distinct text once, as lowered op by op for a target. */
export function kernelsOf(graph: GradientGraph, target: Target): Map<string, Kernel> {
  const kernels = new Map<string, Kernel>();
  for (const node of sortNodes([...graph.outputs, ...graph.gradients])) {
    if (node.outputs.every(isLeaf)) continue;
    const inPlace = (input: Value, output: Value): boolean => node.op.updates?.[output.index] === node.inputs.indexOf(input);
    for (const kernel of lowerNode(node, target, inPlace, () => true).kernels) kernels.set(kernel.code, kernel);
  }
  return kernels;
}

export async function compileKernels(device: GPUDevice, kernels: Iterable<Kernel>): Promise<string[]> {
  const compiling = [...kernels].map(async ({ label, code }) => {
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label, code });
    device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
    const [error, info] = await Promise.all([device.popErrorScope(), module.getCompilationInfo()]);
    const errors = info.messages.filter((message) => message.type === "error");
    const lines = errors.map(({ lineNum, message }) => `${label}, line ${lineNum}: ${message}: ${code.split("\n")[lineNum - 1] ?? ""}`);
    return lines.length > 0 ? lines : error ? [`${label}: ${error.message}`] : [];
  });
  return (await Promise.all(compiling)).flat();
}
