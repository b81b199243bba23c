/**
 * A program made ready for a GPU: its pipelines and bind groups as flat lists, one entry per dispatch, so that encoding a run
 * makes nothing and reads nothing else. In: a program, buffers that have its arenas and slots. Out: a `GpuExecutable`.
 */
import type { Dispatch, Program } from "../compiler/program";
import { EngineError } from "../graph/engineError";
import type { PipelineCache } from "./pipelines";
import type { Executable, Memory } from "./runtime";

export interface GpuMemory extends Memory {
  readonly buffers: ReadonlyMap<string, GPUBuffer>;
}

/** Parallel lists, one entry per dispatch. */
export interface GpuExecutable extends Executable {
  readonly memory: GpuMemory;
  readonly dispatches: readonly Dispatch[];
  readonly pipelines: readonly GPUComputePipeline[];
  readonly bindGroups: readonly GPUBindGroup[];
}

export async function loadProgram(device: GPUDevice, cache: PipelineCache, program: Program, memory: GpuMemory, onKernel?: () => void): Promise<GpuExecutable> {
  const compiled = await Promise.all(
    program.kernels.map(async (kernel) => {
      const result = await cache(kernel);
      onKernel?.();
      return result;
    }),
  );
  const dispatches = program.steps.flatMap((step) => step.dispatches);
  device.pushErrorScope("validation");
  const bindGroups = dispatches.map(({ kernel, ranges }) =>
    device.createBindGroup({
      label: program.kernels[kernel]!.label,
      layout: compiled[kernel]!.layout,
      entries: ranges.map(({ buffer, offset, bytes }, binding) => ({ binding, resource: { buffer: memory.buffers.get(buffer)!, offset, size: bytes } })),
    }),
  );
  const problem = await device.popErrorScope();
  if (problem) throw new EngineError("kernel-refused", `The program "${program.name}" does not fit its buffers: ${problem.message}`);
  return {
    program,
    memory,
    bindGroups,
    dispatches,
    pipelines: dispatches.map(({ kernel }) => compiled[kernel]!.pipeline),
  };
}
