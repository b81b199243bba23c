/**
 * Counts what WebGPU is asked to make and do. In: nothing; call before a device is opened. Out: a counter that is started and
 * stopped. The methods are wrapped on their prototypes, so no library can make an object unseen, and none knows that it is
 * counted; while the counter is stopped only `createBindGroup` is wrapped, to know how many bytes a group binds.
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

export interface Counter {
  /** Counts from zero into the totals it returns. */
  start(): Totals;
  stop(): void;
}

type Method = (this: object, ...args: unknown[]) => unknown;

export function countWebGpuCalls(): Counter {
  if (typeof GPUDevice === "undefined") return { start: zero, stop: () => {} };
  const bytesOf = new WeakMap<object, number>();
  wrap(GPUDevice.prototype, "createBindGroup", (original) => function (descriptor) {
    const group = original.call(this, descriptor) as object;
    bytesOf.set(group, boundBytes(descriptor as GPUBindGroupDescriptor));
    return group;
  });
  let restore: (() => void)[] = [];
  return {
    start() {
      const totals = zero();
      restore = wrapAll(totals, bytesOf);
      return totals;
    },
    stop() {
      for (const undo of restore.splice(0)) undo();
    },
  };
}

const zero = (): Totals => ({
  buffers: 0, bindGroups: 0, pipelines: 0, shaderModules: 0, others: 0, commandEncoders: 0, passes: 0, submits: 0, dispatches: 0, boundBytes: 0,
});

function wrapAll(totals: Totals, bytesOf: WeakMap<object, number>): (() => void)[] {
  const note = (prototype: object, method: string, kind: keyof Totals): (() => void) =>
    wrap(prototype, method, (original) => function (...args) {
      totals[kind] += 1;
      return original.apply(this, args);
    });
  const created = Object.getOwnPropertyNames(GPUDevice.prototype).filter((name) => name.startsWith("create"));
  const groups = new WeakMap<object, Map<unknown, number>>();
  return [
    ...created.map((name) => note(GPUDevice.prototype, name, KINDS[name] ?? "others")),
    note(GPUCommandEncoder.prototype, "beginComputePass", "passes"),
    note(GPUQueue.prototype, "submit", "submits"),
    wrap(GPUComputePassEncoder.prototype, "setBindGroup", (original) => function (...args) {
      const bound = groups.get(this) ?? new Map<unknown, number>();
      groups.set(this, bound.set(args[0], bytesOf.get(args[1] as object) ?? 0));
      return original.apply(this, args);
    }),
    wrap(GPUComputePassEncoder.prototype, "dispatchWorkgroups", (original) => function (...args) {
      totals.dispatches += 1;
      for (const bytes of groups.get(this)?.values() ?? []) totals.boundBytes += bytes;
      return original.apply(this, args);
    }),
  ];
}

/** Replaces a method; gives back what undoes that. */
function wrap(prototype: object, name: string, around: (original: Method) => Method): () => void {
  const original = Reflect.get(prototype, name) as Method;
  Reflect.set(prototype, name, around(original));
  return () => void Reflect.set(prototype, name, original);
}

function boundBytes({ entries }: GPUBindGroupDescriptor): number {
  let bytes = 0;
  for (const { resource } of entries) {
    if (resource instanceof GPUBuffer) bytes += resource.size;
    else if (typeof resource === "object" && "buffer" in resource) bytes += resource.size ?? resource.buffer.size - (resource.offset ?? 0);
  }
  return bytes;
}

/** The totals of some steps, per step. */
export function perStep(totals: Totals, steps: number): Counts {
  const kinds = Object.keys(totals) as (keyof Counts)[];
  return Object.fromEntries(kinds.map((kind) => [kind, totals[kind] / steps])) as unknown as Counts;
}
