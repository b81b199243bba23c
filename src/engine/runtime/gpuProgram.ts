/**
 * A program made ready for a GPU: pipeline, bind group and workgroups of each dispatch in one flat list, so that encoding a run
 * makes nothing and reads nothing else. In: a program, buffers that have its arenas and slots. Out: a `GpuExecutable`.
 */
import type { Program, ProgramKernel } from "../compiler/program";
import { EngineError } from "../graph/engineError";
import type { PipelineCache } from "./pipelines";
import type { CompileOptions, Executable, Memory } from "./runtime";

export interface GpuMemory extends Memory {
  readonly buffers: ReadonlyMap<string, GPUBuffer>;
}

/** A dispatch, or a piece of one. */
export interface Call {
  readonly kernel: ProgramKernel;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Of a piece: where it begins. */
  readonly firstGroup: GPUBindGroup | undefined;
  readonly workgroups: readonly [number, number, number];
  /** Sum of the bound ranges. */
  readonly bytes: number;
}

export interface GpuExecutable extends Executable {
  readonly memory: GpuMemory;
  readonly calls: readonly Call[];
}

export async function loadProgram(device: GPUDevice, cache: PipelineCache, program: Program, memory: GpuMemory, onKernel?: () => void): Promise<GpuExecutable> {
  const compiled = await Promise.all(
    program.kernels.map(async (kernel) => {
      const result = await cache.whole(kernel);
      onKernel?.();
      return result;
    }),
  );
  const dispatches = program.steps.flatMap((step) => step.dispatches);
  device.pushErrorScope("validation");
  const calls = dispatches.map(({ kernel, ranges, workgroups }): Call => {
    const { pipeline, layout } = compiled[kernel]!;
    const entries = ranges.map(({ buffer, offset, bytes }, binding) => ({ binding, resource: { buffer: memory.buffers.get(buffer)!, offset, size: bytes } }));
    return {
      kernel: program.kernels[kernel]!,
      pipeline,
      bindGroup: device.createBindGroup({ label: program.kernels[kernel]!.label, layout, entries }),
      firstGroup: undefined,
      workgroups,
      bytes: ranges.reduce((sum, range) => sum + range.bytes, 0),
    };
  });
  const problem = await device.popErrorScope();
  if (problem) throw new EngineError("kernel-refused", `The program "${program.name}" does not fit its buffers: ${problem.message}`);
  return { program, memory, calls };
}

/** A few at a time, because a compilation that was begun cannot be called off; nobody waits for it then. */
export async function compileAhead(cache: PipelineCache, programs: readonly Program[], { parallel, signal }: CompileOptions): Promise<void> {
  const kernels = programs.flatMap((program) => program.kernels);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < kernels.length && !signal.aborted) await cache.whole(kernels[next++]!).catch(() => {});
  };
  const calledOff = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([Promise.all(Array.from({ length: parallel }, work)), calledOff]);
}

/** Encodes some of the calls into a pass. Makes nothing. */
export function encodeCalls(pass: GPUComputePassEncoder, calls: readonly Call[], start: number, end: number): void {
  let current: GPUComputePipeline | undefined;
  for (let i = start; i < end; i += 1) {
    const { pipeline, bindGroup, firstGroup, workgroups } = calls[i]!;
    if (pipeline !== current) pass.setPipeline(pipeline);
    current = pipeline;
    pass.setBindGroup(0, bindGroup);
    if (firstGroup) pass.setBindGroup(1, firstGroup);
    pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
  }
}
