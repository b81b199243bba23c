/**
 * Counts what WebGPU is asked to make. In: nothing; call before the device is opened. Out: a reading of the totals so far. The
 * methods are wrapped on their prototypes, so no part of Descent can make an object unseen, and none knows that it is counted.
 */
import type { Counts } from "./result";

const KINDS: Readonly<Record<string, keyof Counts>> = {
  createBuffer: "buffers",
  createBindGroup: "bindGroups",
  createComputePipeline: "pipelines",
  createComputePipelineAsync: "pipelines",
  createRenderPipeline: "pipelines",
  createRenderPipelineAsync: "pipelines",
  createShaderModule: "shaderModules",
  createCommandEncoder: "commandEncoders",
};

export type Totals = { -readonly [kind in keyof Counts]: number };

export function countWebGpuCalls(): () => Totals {
  const totals: Totals = { buffers: 0, bindGroups: 0, pipelines: 0, shaderModules: 0, others: 0, commandEncoders: 0, submits: 0, dispatches: 0 };
  if (typeof GPUDevice === "undefined") return () => ({ ...totals });
  const created = Object.getOwnPropertyNames(GPUDevice.prototype).filter((name) => name.startsWith("create"));
  for (const name of created) wrap(GPUDevice.prototype, name, () => (totals[KINDS[name] ?? "others"] += 1));
  wrap(GPUQueue.prototype, "submit", () => (totals.submits += 1));
  wrap(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => (totals.dispatches += 1));
  return () => ({ ...totals });
}

function wrap(prototype: object, name: string, note: () => void): void {
  const original = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
  Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]): unknown {
    note();
    return original.apply(this, args);
  });
}

/** What happened between two readings, per step. */
export function perStep(before: Totals, after: Totals, steps: number): Counts {
  const kinds = Object.keys(after) as (keyof Counts)[];
  return Object.fromEntries(kinds.map((kind) => [kind, (after[kind] - before[kind]) / steps])) as unknown as Counts;
}
