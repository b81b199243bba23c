/**
 * A sequence of GPU programs, run again and again. A short run is one submit. A long one is cut into several, and a dispatch that
 * is too long into pieces of its workgroups, by what the device was measured to take: never by its name. In: executables, what
 * one submit may take. Out: a `Recording`. Per run it makes what WebGPU uses up (encoder, pass, command buffer, one promise).
 */
import { measureShares } from "./callCosts";
import { type Call, type GpuExecutable, encodeCalls } from "./gpuProgram";
import { createPace, cutPieces, hasDrifted } from "./pacing";
import type { PipelineCache } from "./pipelines";
import { createReadback } from "./readback";
import type { Recording, Watched } from "./runtime";
import { splitCalls } from "./splitCalls";

export interface SubmitLimits {
  /** A longer run is cut into submits of this. */
  readonly submitMs: number;
  /** A run no longer than this stays one submit. */
  readonly wholeMs: number;
  readonly dispatchMs: number;
}

/** A run of more operations is cut before it is measured, so that not even the first one holds the device for seconds. */
const CAREFUL_FLOPS = 2e9;
const CAREFUL_CALLS = 16;

export function createRecording(
  device: GPUDevice, pipelines: PipelineCache, executables: readonly GpuExecutable[], watched: Watched | undefined, limits: SubmitLimits,
): Recording {
  const readback = watched ? createReadback(device, watched.bytes) : undefined;
  const source = watched && executables[0]?.memory.buffers.get(watched.buffer);
  const watchedOffset = watched?.offset ?? 0;
  const dispatches = executables.reduce((count, executable) => count + executable.calls.length, 0);
  const schedule = createSchedule(device, pipelines, executables, limits);
  const pace = createPace();
  const commands: GPUCommandBuffer[] = [];
  const onDone = (): void => pace.finished();
  return {
    dispatches,
    get submits() {
      return schedule.ends.length;
    },
    run: () => {
      const stamps = schedule.adapt(pace.runMs);
      const { calls, ends } = schedule;
      let start = 0;
      for (let piece = 0; piece < ends.length; piece += 1) {
        const end = ends[piece]!;
        const encoder = device.createCommandEncoder();
        if (stamps) stamps.encode(encoder, start, end);
        else {
          const pass = encoder.beginComputePass();
          encodeCalls(pass, calls, start, end);
          pass.end();
        }
        if (end === calls.length && readback && source) readback.copy(encoder, source, watchedOffset);
        commands[0] = encoder.finish();
        device.queue.submit(commands);
        start = end;
      }
      readback?.submitted();
      pace.queued();
      // After a loss this resolves too, so nobody waits forever.
      void device.queue.onSubmittedWorkDone().then(onDone, onDone);
    },
    pace: () => pace.wait(),
    collect: () => (readback ? readback.collect() : Promise.resolve(new Float32Array())),
    destroy: () => {
      readback?.destroy();
      schedule.destroy();
    },
  };
}

interface Schedule {
  readonly calls: readonly Call[];
  /** Where each submit ends. */
  readonly ends: readonly number[];
  /** Before each run: plans anew where that is due. Gives stamps where this run is to be measured call by call. */
  adapt(runMs: number): ReturnType<typeof measureShares>;
  destroy(): void;
}

function createSchedule(device: GPUDevice, pipelines: PipelineCache, executables: readonly GpuExecutable[], limits: SubmitLimits): Schedule {
  let calls: readonly Call[] = executables.flatMap((executable) => executable.calls);
  const isLarge = executables.reduce((sum, { program }) => sum + program.flops, 0) > CAREFUL_FLOPS;
  let ends = isLarge ? cutPieces(calls.map(() => 1), CAREFUL_CALLS) : [calls.length];
  /** Of a run's time, by call; empty until it is needed and measured. */
  let shares: readonly number[] = [];
  let plannedMs = 0;
  let isMeasuring = false;
  let isOver = false;
  const buffers: GPUBuffer[] = [];

  const destroy = (): void => {
    isOver = true;
    buffers.forEach((buffer) => buffer.destroy());
  };
  const cut = (runMs: number): void => {
    plannedMs = runMs;
    ends = cutPieces(shares.map((share) => share * runMs), limits.submitMs);
  };
  const learn = async (measured: Promise<readonly number[]>): Promise<void> => {
    const ms = plannedMs;
    const costs = (await measured).map((share) => share * ms);
    const split = await splitCalls(device, pipelines, calls, costs, limits.dispatchMs);
    if (split.buffer) buffers.push(split.buffer);
    if (isOver) return destroy();
    calls = split.calls;
    shares = split.costs.map((cost) => cost / ms);
    cut(ms);
  };
  return {
    get calls() {
      return calls;
    },
    get ends() {
      return ends;
    },
    adapt: (runMs) => {
      if (runMs === 0 || isMeasuring || (plannedMs > 0 && !hasDrifted(runMs, plannedMs))) return undefined;
      plannedMs = runMs;
      if (runMs <= limits.wholeMs) ends = [calls.length];
      else if (shares.length > 0) cut(runMs);
      else {
        isMeasuring = true;
        const stamps = measureShares(device, calls);
        // A device that is lost meanwhile says so where results are read; the cuts then stay as they are.
        learn(stamps ? stamps.shares : Promise.resolve(sharesOfBytes(calls))).catch(() => {}).finally(() => (isMeasuring = false));
        return stamps;
      }
      return undefined;
    },
    destroy,
  };
}

/** A guess, where the device has no clock. */
function sharesOfBytes(calls: readonly Call[]): number[] {
  const total = calls.reduce((sum, { bytes }) => sum + bytes, 0);
  return calls.map(({ bytes }) => bytes / total);
}
