/**
 * Compiled kernels of one device. In: kernel texts. Out: pipelines and the layouts of their bind groups; compiled asynchronously,
 * many at once, each text only once.
 */
import { EngineError } from "../graph/engineError";
import type { ProgramKernel } from "../compiler/program";
import { explainFailure } from "./loss";
import { SHADER_STAGE_COMPUTE } from "./webgpuFlags";

export type PipelineCache = (kernel: ProgramKernel) => Promise<{ readonly pipeline: GPUComputePipeline; readonly layout: GPUBindGroupLayout }>;

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
  const compile = async (kernel: ProgramKernel): Promise<GPUComputePipeline> => {
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: kernel.label, code: kernel.code });
    // The message of a refused text is taken from the compilation info below.
    void device.popErrorScope();
    const layout = device.createPipelineLayout({ bindGroupLayouts: [layoutFor(kernel.access)] });
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
  return async (kernel) => {
    let pipeline = pipelines.get(kernel.code);
    if (!pipeline) {
      pipeline = compile(kernel);
      pipelines.set(kernel.code, pipeline);
      pipeline.catch(() => pipelines.delete(kernel.code));
    }
    return { pipeline: await pipeline, layout: layoutFor(kernel.access) };
  };
}
