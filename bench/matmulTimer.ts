/**
 * One product, one variant: compiled, bound and run again and again. In: a work and a variant's id. Out: what compiling took
 * and a function that runs it for about 60 ms and says how often that was. Of a product that would take a processor a
 * good part of a second only the first workgroups run, and count as their share of a run.
 */
import "../src/engine/ops";
import type { Work } from "../src/engine/graph/kernelFamily";
import type { LowerCall, Target } from "../src/engine/graph/op";
import { sizeOf } from "../src/engine/graph/value";
import { matmulExtents } from "../src/engine/ops/matmul/extents";
import { lowerVariant } from "../src/engine/ops/matmul/kernel";
import { openDevice } from "../src/engine/runtime/device";
import { BUFFER_USAGE } from "../src/engine/runtime/webgpuFlags";
import { codeWithLengths } from "../src/engine/wgsl/kernel";

const BLOCK_MS = 60;
/** More floating-point operations than these are not made in one go. */
const MOST_FLOPS = 5e8;

/** As the op itself is asked by the compiler: the epilogue apart from the product. */
function callFor({ inputTypes, outputTypes, attributes }: Work, target: Target): LowerCall {
  const { epilogue: expression, ...own } = attributes;
  const epilogue = expression === undefined ? {} : { epilogue: { expression, inputTypes: inputTypes.slice(2) } };
  return { inputTypes: inputTypes.slice(0, 2), outputTypes: outputTypes.slice(0, 1), attributes: own, target, inPlace: () => false, isRead: () => true, ...epilogue };
}

async function openOnce() {
  const open = await openDevice(navigator.gpu);
  if (!open) throw new Error("This browser gives no WebGPU adapter.");
  open.device.addEventListener("uncapturederror", (event) => console.error(event.error.message));
  return open;
}
let opened: ReturnType<typeof openOnce> | undefined;

export async function openSearch() {
  const { device, target } = await (opened ??= openOnce());
  return { target, prepare: (work: Work, variant: string) => prepare(device, target, work, variant) };
}

export interface Prepared {
  readonly compileMs: number;
  readonly run: () => Promise<{ readonly ms: number; readonly count: number }>;
  readonly destroy: () => void;
}

async function prepare(device: GPUDevice, target: Target, work: Work, variant: string): Promise<Prepared> {
  const { kernels, scratch } = lowerVariant(callFor(work, target), variant);
  const { batch, M, N, K } = matmulExtents(work.inputTypes, work.attributes);
  const share = Math.min(1, MOST_FLOPS / (2 * batch * M * N * K));
  const words: Record<string, number> = { ...scratch };
  work.outputTypes.forEach(({ shape }, index) => (words[`y${index}`] = sizeOf(shape)));
  work.inputTypes.forEach(({ shape }, index) => (words[["a", "b"][index] ?? `e${index - 2}`] = sizeOf(shape)));
  words["y"] = words["y0"]!;
  const buffers = new Map(Object.entries(words).map(([name, size]) => [name, filledBuffer(device, size)]));
  const start = performance.now();
  const pipelines = await Promise.all(kernels.map((kernel) => {
    const code = codeWithLengths(kernel, kernel.operands.map(({ name }) => words[name]! * 4));
    return device.createComputePipelineAsync({ layout: "auto", compute: { module: device.createShaderModule({ code }) } });
  }));
  const compileMs = performance.now() - start;
  const groups = kernels.map(({ operands }, index) => device.createBindGroup({
    layout: pipelines[index]!.getBindGroupLayout(0),
    entries: operands.map(({ name }, binding) => ({ binding, resource: { buffer: buffers.get(name)! } })),
  }));
  const runTimes = async (count: number): Promise<{ ms: number; count: number }> => {
    const begun = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < count; i += 1) {
      kernels.forEach(({ workgroups: [x, y, z] }, index) => {
        pass.setPipeline(pipelines[index]!);
        pass.setBindGroup(0, groups[index]!);
        pass.dispatchWorkgroups(Math.ceil(x * share), y, z);
      });
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return { ms: performance.now() - begun, count };
  };
  await runTimes(1);
  const count = Math.max(1, Math.round(BLOCK_MS / ((await runTimes(2)).ms / 2)));
  const run = async (): Promise<{ ms: number; count: number }> => ({ ...(await runTimes(count)), count: count * share });
  return { compileMs, run, destroy: () => buffers.forEach((buffer) => buffer.destroy()) };
}

/** Numbers around 0 without a pattern that could be denormal or special. */
function filledBuffer(device: GPUDevice, size: number): GPUBuffer {
  const buffer = device.createBuffer({ size: size * 4, usage: BUFFER_USAGE.STORAGE, mappedAtCreation: true });
  new Float32Array(buffer.getMappedRange()).forEach((_, i, array) => (array[i] = ((i * 7919) % 1009) / 1009 - 0.5));
  buffer.unmap();
  return buffer;
}
