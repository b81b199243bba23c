/**
 * Finds something to compute on. In: the browser. Out: a runtime, WebGPU where there is an adapter and otherwise the CPU, and
 * what the page says about it. This is the only place that looks for a device.
 */
import { openCpuRuntime } from "../engine/runtime/cpu";
import { type OpenDevice, openDevice } from "../engine/runtime/device";
import type { Runtime } from "../engine/runtime/runtime";
import { openWebGpuRuntime } from "../engine/runtime/webgpu";
import type { Failure } from "../settings/failure";
import type { DeviceSummary } from "./protocol";

export interface OpenRuntime {
  readonly runtime: Runtime;
  readonly summary: DeviceSummary;
  /** Tells this adapter from others. */
  readonly identity: string;
}

/** `onError` hears of mistakes that WebGPU reports to nobody in particular. */
export async function openRuntime(onError: (message: string) => void): Promise<OpenRuntime> {
  const gpu = (navigator as { gpu?: GPU }).gpu;
  if (!gpu) return openCpu(noWebGpu("This browser has no WebGPU, or has it turned off."));
  const opened = await openDevice(gpu).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (opened instanceof Error) return openCpu(noWebGpu(`The GPU could not be opened (${opened.message}).`));
  if (!opened) return openCpu(noWebGpu("This browser found no GPU that it can use."));
  opened.device.addEventListener("uncapturederror", (event) => onError(event.error.message));
  return { runtime: openWebGpuRuntime(opened), summary: describeGpu(opened), identity: opened.identity };
}

/** The WebGPU runtime again after a loss; undefined while the browser gives no adapter. */
export async function reopenWebGpu(onError: (message: string) => void): Promise<OpenRuntime | undefined> {
  const open = await openRuntime(onError);
  if (open.runtime.kind === "webgpu") return open;
  open.runtime.destroy();
  return undefined;
}

function noWebGpu(message: string): Failure {
  return {
    kind: "no-webgpu",
    message: `${message} Training runs on the processor instead, which is slower.`,
    hint:
      "For full speed use Chrome or Edge 113 or newer, Safari 26 or newer, or Firefox 141 or newer on a computer with a GPU. " +
      "In Chrome, check that graphics acceleration is on in Settings › System; on Linux also turn on chrome://flags/#enable-unsafe-webgpu.",
  };
}

function describeGpu({ name, software, features, subgroupSize }: OpenDevice): DeviceSummary {
  const subgroups = features.includes("subgroups") && subgroupSize ? [`subgroups ${subgroupSize}`] : [];
  return {
    runtime: "webgpu",
    name,
    detail: ["WebGPU", "f32", ...subgroups].join(", "),
    slow: software,
    defaults: software ? SMALL : {},
  };
}

function openCpu(notice: Failure): OpenRuntime {
  return {
    runtime: openCpuRuntime(),
    identity: "cpu",
    summary: { runtime: "cpu", name: "CPU", detail: "plain CPU, f32, one thread", slow: true, notice, defaults: TINY },
  };
}

/** A model that a software adapter teaches to spell within a minute or two. */
const SMALL = {
  layers: 2, heads: 2, width: 64, contextLength: 64, batchSize: 8, steps: 1000, learningRate: 3e-3, warmupSteps: 20, validationEvery: 50,
} as const;
/** The same for plain JavaScript. */
const TINY = {
  layers: 1, heads: 2, width: 32, contextLength: 32, batchSize: 4, steps: 1000, learningRate: 3e-3, warmupSteps: 20, validationEvery: 50,
} as const;
