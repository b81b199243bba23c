/**
 * The WebGPU runtime. Everything a run needs (pipelines, bind groups, buffers) is made when a program is loaded; a run is one
 * encoder, one pass, one submit over a flat list. In: an open device. Out: a `Runtime`.
 */
import { EngineError } from "../graph/engineError";
import type { OpenDevice } from "./device";
import { type GpuExecutable, type GpuMemory, loadProgram } from "./gpuProgram";
import { explainFailure } from "./loss";
import { createPipelineCache } from "./pipelines";
import { profileDispatches } from "./profile";
import { createReadback } from "./readback";
import type { Recording, Runtime, Watched } from "./runtime";
import { BUFFER_USAGE, MAP_MODE_READ } from "./webgpuFlags";

export function openWebGpuRuntime({ device, target }: OpenDevice): Runtime {
  const pipelines = createPipelineCache(device);
  return {
    kind: "webgpu",
    target,
    bufferBytes: device.limits.maxBufferSize,
    lost: device.lost.then((info) => info.message || info.reason),
    allocate: (sizes) => allocate(device, sizes),
    load: (program, memory, onKernel) => loadProgram(device, pipelines, program, memory as GpuMemory, onKernel),
    record: (executables, watched) => record(device, executables as readonly GpuExecutable[], watched),
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

/** Milliseconds of queued work to keep ahead of the device, so that it never waits for us nor we far ahead of it. */
const AHEAD_MS = 24;
const MOST_AHEAD = 32;

function record(device: GPUDevice, executables: readonly GpuExecutable[], watched: Watched | undefined): Recording {
  const readback = watched ? createReadback(device, watched.bytes) : undefined;
  const source = watched && executables[0]?.memory.buffers.get(watched.buffer);
  let unfinished = 0;
  let finished = 0;
  let lastFinish = performance.now();
  let stepMs = AHEAD_MS;
  let waiting: (() => void)[] = [];
  const onDone = (): void => {
    unfinished -= 1;
    finished += 1;
    const now = performance.now();
    stepMs = finished === 1 ? stepMs : 0.8 * stepMs + 0.2 * (now - lastFinish);
    lastFinish = now;
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const encode = (pass: GPUComputePassEncoder): void => {
    let current: GPUComputePipeline | undefined;
    for (const { pipelines, bindGroups, dispatches } of executables) {
      for (let i = 0; i < pipelines.length; i += 1) {
        if (pipelines[i] !== current) pass.setPipeline(pipelines[i]!);
        current = pipelines[i];
        pass.setBindGroup(0, bindGroups[i]!);
        const groups = dispatches[i]!.workgroups;
        pass.dispatchWorkgroups(groups[0], groups[1], groups[2]);
      }
    }
  };
  return {
    dispatches: executables.reduce((count, executable) => count + executable.pipelines.length, 0),
    run: () => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encode(pass);
      pass.end();
      if (readback && source && watched) readback.copy(encoder, source, watched.offset);
      device.queue.submit([encoder.finish()]);
      readback?.submitted();
      unfinished += 1;
      // After a loss this resolves too, so nobody waits forever.
      void device.queue.onSubmittedWorkDone().then(onDone, onDone);
    },
    pace: async () => {
      const limit = Math.min(MOST_AHEAD, Math.max(2, Math.ceil(AHEAD_MS / stepMs)));
      while (unfinished >= limit) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      }
    },
    collect: () => (readback ? readback.collect() : Promise.resolve(new Float32Array())),
    destroy: () => readback?.destroy(),
  };
}
