/**
 * The WebGPU runtime. Everything a run needs (pipelines, bind groups, buffers) is made when a program is loaded; a run is one
 * encoder, one pass, one submit over a flat list (recording.ts). In: an open device. Out: a `Runtime`.
 */
import { EngineError } from "../graph/engineError";
import type { OpenDevice } from "./device";
import { type GpuExecutable, type GpuMemory, compileAhead, loadProgram } from "./gpuProgram";
import { explainFailure } from "./loss";
import { createPipelineCache } from "./pipelines";
import { profileDispatches } from "./profile";
import { type SubmitLimits, createRecording } from "./recording";
import type { Runtime } from "./runtime";
import { BUFFER_USAGE, MAP_MODE_READ } from "./webgpuFlags";

/**
 * What one submit and one dispatch may take, in milliseconds. Between submits the page's own drawing gets the GPU: 16 ms is a frame. A
 * long dispatch cannot be interrupted at all.
 */
const SMOOTH: SubmitLimits = { submitMs: 16, wholeMs: 20, dispatchMs: 50 };

export function openWebGpuRuntime({ device, target }: OpenDevice, limits: SubmitLimits = SMOOTH): Runtime {
  const pipelines = createPipelineCache(device);
  return {
    kind: "webgpu",
    target,
    bufferBytes: device.limits.maxBufferSize,
    lost: device.lost.then((info) => info.message || info.reason),
    allocate: (sizes) => allocate(device, sizes),
    load: (program, memory, onKernel) => loadProgram(device, pipelines, program, memory as GpuMemory, onKernel),
    compile: (programs, options) => compileAhead(pipelines, programs, options),
    record: (executables, watched) => createRecording(device, pipelines, executables as readonly GpuExecutable[], watched, limits),
    profile: (executables, budgetMs) => profileDispatches(device, executables as readonly GpuExecutable[], budgetMs),
    destroy: () => device.destroy(),
  };
}

async function allocate(device: GPUDevice, sizes: Readonly<Record<string, number>>): Promise<GpuMemory> {
  for (const [name, bytes] of Object.entries(sizes)) {
    if (bytes > device.limits.maxBufferSize) {
      throw new EngineError("too-large", `"${name}" needs ${mebibytes(bytes)} in one buffer; this device allows ${mebibytes(device.limits.maxBufferSize)}.`);
    }
  }
  const usage = BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST;
  device.pushErrorScope("out-of-memory");
  const buffers = new Map(Object.entries(sizes).map(([label, size]) => [label, device.createBuffer({ label, size, usage })]));
  const bytes = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  const destroy = (): void => buffers.forEach((buffer) => buffer.destroy());
  if (await device.popErrorScope()) {
    destroy();
    throw new EngineError("out-of-memory", `The GPU could not give ${mebibytes(bytes)}.`);
  }
  return {
    bytes,
    sizes,
    buffers,
    destroy,
    write: (buffer, offset, data) => device.queue.writeBuffer(buffers.get(buffer)!, offset, data),
    read: (buffer, offset, length) => readBuffer(device, buffers.get(buffer)!, offset, length),
    clear: (buffer) => {
      const encoder = device.createCommandEncoder();
      encoder.clearBuffer(buffers.get(buffer)!);
      device.queue.submit([encoder.finish()]);
    },
  };
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

async function readBuffer(device: GPUDevice, source: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
  const size = Math.ceil(bytes / 4) * 4;
  const staging = device.createBuffer({ size, usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, offset, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  try {
    await staging.mapAsync(MAP_MODE_READ);
    return staging.getMappedRange().slice(0, bytes);
  } catch (error) {
    throw await explainFailure(device, error, "results were read back");
  } finally {
    staging.destroy();
  }
}
