/**
 * Finds something to compute on. In: the browser, what the user chose for this machine. Out: a runtime, WebGPU or the CPU, and what the
 * page says about it. This is the only place that looks for a device; what is not used is not opened, or closed again.
 */
import { openCpuRuntime } from "../engine/runtime/cpu";
import { hasVectors } from "../engine/runtime/cpu/features";
import { type OpenDevice, openDevice } from "../engine/runtime/device";
import type { Runtime } from "../engine/runtime/runtime";
import { openWebGpuRuntime } from "../engine/runtime/webgpu";
import type { Failure } from "../settings/failure";
import type { MachineSettings } from "../settings/machine";
import { takeFaster } from "./calibrate";
import type { DeviceSummary } from "./protocol";
import { countThreads, startThread } from "./threads";
import type { TuningStore } from "./tuningStore";

export interface OpenRuntime {
  readonly runtime: Runtime;
  readonly summary: DeviceSummary;
  /** Tells this adapter, or this many threads, from others. */
  readonly identity: string;
}

export interface Opening {
  readonly settings: MachineSettings;
  /** Where it is kept which of two devices is the faster. */
  readonly store: TuningStore;
  /** Hears of mistakes that a device reports to nobody in particular. */
  readonly onError: (message: string) => void;
}

export async function openRuntime({ settings, store, onError }: Opening): Promise<OpenRuntime> {
  if (settings.device === "cpu") return openCpu(settings, onError);
  const found = await openGpu(onError);
  if ("notice" in found) return openCpu(settings, onError, found.notice);
  if (settings.device === "gpu" || !found.gpu.summary.slow) return found.gpu;
  return takeFaster(found.gpu, await openCpu(settings, onError), store);
}

/** The WebGPU runtime again after a loss; undefined while the browser gives no adapter. */
export async function reopenWebGpu(onError: (message: string) => void): Promise<OpenRuntime | undefined> {
  const found = await openGpu(onError);
  return "gpu" in found ? found.gpu : undefined;
}

async function openGpu(onError: (message: string) => void): Promise<{ readonly gpu: OpenRuntime } | { readonly notice: Failure }> {
  const { gpu } = navigator as { gpu?: GPU };
  if (!gpu) return noWebGpu("This browser has no WebGPU, or has it turned off.");
  const opened = await openDevice(gpu).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (opened instanceof Error) return noWebGpu(`The GPU could not be opened (${opened.message}).`);
  if (!opened) return noWebGpu("This browser found no GPU that it can use.");
  opened.device.addEventListener("uncapturederror", (event) => onError(`WebGPU refused an operation: ${event.error.message}`));
  return { gpu: { runtime: openWebGpuRuntime(opened), summary: describeGpu(opened), identity: opened.identity } };
}

function noWebGpu(message: string): { readonly notice: Failure } {
  return {
    notice: {
      kind: "no-webgpu",
      message: `${message} Training runs on the processor instead, which is slower.`,
      hint:
        "For full speed use Chrome or Edge 113 or newer, Safari 26 or newer, or Firefox 141 or newer on a computer with a GPU. " +
        "In Chrome, check that graphics acceleration is on in Settings › System; on Linux also turn on chrome://flags/#enable-unsafe-webgpu.",
    },
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

/** A thread that has not come up by then joins later. */
const LONGEST_START_MS = 1000;

/** With its threads at work, so that what is measured next is measured on all of them. */
async function openCpu({ cpuThreads }: MachineSettings, onError: (message: string) => void, notice?: Failure): Promise<OpenRuntime> {
  const told = notice ? { notice } : {};
  if (!hasVectors()) {
    const summary = { runtime: "cpu", name: "CPU", detail: "plain CPU, f32, 1 thread", slow: true, defaults: TINY, ...told } as const;
    return { runtime: openCpuRuntime(), identity: "cpu plain", summary };
  }
  const threads = countThreads(cpuThreads);
  const starting: Promise<void>[] = [];
  const start = (): ReturnType<typeof startThread> => {
    const port = startThread(onError);
    starting.push(new Promise((resolve) => port.onReady(resolve)));
    return port;
  };
  const runtime = openCpuRuntime(threads > 1 ? { threads, startThread: start } : {});
  if (starting.length > 0) await Promise.race([Promise.all(starting), new Promise((resolve) => setTimeout(resolve, LONGEST_START_MS))]);
  const detail = `WebAssembly, f32, ${threads === 1 ? "1 thread" : `${threads} threads`}`;
  return { runtime, identity: `cpu ${threads}`, summary: { runtime: "cpu", name: "CPU", detail, slow: true, defaults: MEDIUM, ...told } };
}

/** A model that a software adapter teaches to spell within a minute or two. */
const SMALL = {
  layers: 2, heads: 2, width: 64, contextLength: 64, batchSize: 8, steps: 1000, learningRate: 3e-3, warmupSteps: 20, validationEvery: 50,
} as const;
/** The same for two cores with vectors: about 2.5 billion multiplications and additions a step. */
const MEDIUM = { ...SMALL, layers: 4, heads: 4, width: 128 } as const;
/** The same for plain JavaScript. */
const TINY = { ...SMALL, layers: 1, width: 32, contextLength: 32, batchSize: 4 } as const;
