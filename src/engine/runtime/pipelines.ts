/**
 * Compiled kernels of one device. In: kernel texts. Out: pipelines and the layouts of their bind groups; compiled asynchronously,
 * many at once, each text only once, the last used ones kept. A kernel has a second form, for dispatches of some of its workgroups, made when needed.
 */
import { EngineError } from "../graph/engineError";
import type { ProgramKernel } from "../compiler/program";
import { codeInPieces } from "../wgsl/kernel";
import { explainFailure } from "./loss";
import { SHADER_STAGE_COMPUTE } from "./webgpuFlags";

export interface PipelineCache {
  readonly whole: (kernel: ProgramKernel) => Promise<{ readonly pipeline: GPUComputePipeline; readonly layout: GPUBindGroupLayout }>;
  /** The form that reads the number of its first workgroup from a uniform buffer in group 1. */
  readonly inPieces: (kernel: ProgramKernel) => Promise<GPUComputePipeline>;
  readonly firstGroupLayout: GPUBindGroupLayout;
}

/** Some tens make a run, and some tens more are tried or compiled ahead for settings that nobody trains with in the end. */
const MOST_KEPT = 512;

export function createPipelineCache(device: GPUDevice): PipelineCache {
  const layouts = new Map<string, GPUBindGroupLayout>();
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();
  const layoutFor = (access: string): GPUBindGroupLayout => {
    const known = layouts.get(access);
    if (known) return known;
    const entries = [...access].map((one, binding) => ({
      binding,
      visibility: SHADER_STAGE_COMPUTE,
      buffer: { type: one === "r" ? ("read-only-storage" as const) : ("storage" as const) },
    }));
    const layout = device.createBindGroupLayout({ entries });
    layouts.set(access, layout);
    return layout;
  };
  const firstGroupLayout = device.createBindGroupLayout({ entries: [{ binding: 0, visibility: SHADER_STAGE_COMPUTE, buffer: { type: "uniform" } }] });
  const compile = async (kernel: ProgramKernel, bindGroupLayouts: GPUBindGroupLayout[]): Promise<GPUComputePipeline> => {
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: kernel.label, code: kernel.code });
    // The message of a refused text is taken from the compilation info below.
    void device.popErrorScope();
    const layout = device.createPipelineLayout({ bindGroupLayouts });
    try {
      return await device.createComputePipelineAsync({ label: kernel.label, layout, compute: { module, entryPoint: "main" } });
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const details = messages.map((message) => `line ${message.lineNum}: ${message.message}`).join("; ");
      // A refusal comes with a reason in the text; without one the device may have gone.
      if (details === "") throw await explainFailure(device, error, `the kernel "${kernel.label}" was compiled`);
      throw new EngineError("kernel-refused", `The kernel "${kernel.label}" was refused: ${details}`);
    }
  };
  const pipelineOf = (kernel: ProgramKernel, bindGroupLayouts: GPUBindGroupLayout[]): Promise<GPUComputePipeline> => {
    const known = pipelines.get(kernel.code);
    const pipeline = known ?? compile(kernel, bindGroupLayouts);
    // The last used stands last. What is in use is also held by whoever uses it.
    pipelines.delete(kernel.code);
    pipelines.set(kernel.code, pipeline);
    if (known) return known;
    for (const code of pipelines.keys()) {
      if (pipelines.size <= MOST_KEPT) break;
      pipelines.delete(code);
    }
    pipeline.catch(() => pipelines.delete(kernel.code));
    return pipeline;
  };
  return {
    firstGroupLayout,
    whole: async (kernel) => {
      const layout = layoutFor(kernel.access);
      return { pipeline: await pipelineOf(kernel, [layout]), layout };
    },
    inPieces: async (kernel) => pipelineOf({ ...kernel, code: codeInPieces(kernel.code) }, [layoutFor(kernel.access), firstGroupLayout]),
  };
}
