/**
 * How long each dispatch of a run takes, by the device's own clock. In: executables. Out: a `KernelTime` per dispatch. Every
 * dispatch gets a pass of its own with a timestamp at either end; that costs more than a run does, but not within the passes.
 * Browsers round timestamps (to 65 or 100 µs): over several rounds the mean of rounded differences is still right.
 */
import { type Call, type GpuExecutable, encodeCalls } from "./gpuProgram";
import { explainFailure } from "./loss";
import type { KernelTime } from "./runtime";
import { BUFFER_USAGE, MAP_MODE_READ } from "./webgpuFlags";

export const PROFILE_BUDGET_MS = 1000;
const FEWEST_ROUNDS = 2;
const MOST_ROUNDS = 64;
/** Dispatches of one submit: few, so that the page gets its turn between them. Their stamps fill 256 bytes, the step in which stamps may be placed. */
const PER_SUBMIT = 16;
/** Two stamps of 8 bytes. */
const BYTES_PER_DISPATCH = 16;

export async function profileDispatches(
  device: GPUDevice, executables: readonly GpuExecutable[], budgetMs = PROFILE_BUDGET_MS,
): Promise<readonly KernelTime[] | undefined> {
  if (!device.features.has("timestamp-query")) return undefined;
  const kernels = executables.flatMap(describeDispatches);
  if (kernels.length === 0) return [];
  const bytes = Math.ceil(kernels.length / PER_SUBMIT) * PER_SUBMIT * BYTES_PER_DISPATCH;
  const queries = device.createQuerySet({ type: "timestamp", count: 2 * PER_SUBMIT });
  const resolved = device.createBuffer({ size: bytes, usage: BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC });
  const staging = device.createBuffer({ size: bytes, usage: BUFFER_USAGE.COPY_DST | BUFFER_USAGE.MAP_READ });
  const rounds: BigUint64Array[] = [];
  const start = performance.now();
  try {
    while (rounds.length < FEWEST_ROUNDS || (rounds.length < MOST_ROUNDS && performance.now() - start < budgetMs)) {
      runOnce(device, executables, queries, resolved, staging);
      await staging.mapAsync(MAP_MODE_READ);
      rounds.push(new BigUint64Array(staging.getMappedRange().slice(0)));
      staging.unmap();
    }
  } catch (error) {
    throw await explainFailure(device, error, "kernels were timed");
  } finally {
    queries.destroy();
    resolved.destroy();
    staging.destroy();
  }
  const tick = tickOf(rounds);
  return kernels.map((kernel, index) => ({
    ...kernel,
    index,
    seconds: 1e-9 * typicalOf(rounds.map((stamps) => Number(stamps[2 * index + 1]! - stamps[2 * index]!)), tick),
  }));
}

function describeDispatches({ program }: GpuExecutable): Omit<KernelTime, "seconds" | "index">[] {
  return program.steps.flatMap(({ op, dispatches }, step) =>
    dispatches.map(({ kernel, workgroups, ranges }) => ({
      program: program.name,
      step,
      op,
      label: program.kernels[kernel]!.label,
      workgroups,
      bytes: ranges.reduce((sum, range) => sum + range.bytes, 0),
    })),
  );
}

function runOnce(device: GPUDevice, executables: readonly GpuExecutable[], queries: GPUQuerySet, resolved: GPUBuffer, staging: GPUBuffer): void {
  const calls = executables.flatMap((executable) => executable.calls);
  for (let first = 0; first < calls.length; first += PER_SUBMIT) {
    const end = Math.min(calls.length, first + PER_SUBMIT);
    const encoder = device.createCommandEncoder();
    encodeStamped(encoder, calls, first, end, queries, first);
    encoder.resolveQuerySet(queries, 0, 2 * (end - first), resolved, first * BYTES_PER_DISPATCH);
    if (end === calls.length) encoder.copyBufferToBuffer(resolved, 0, staging, 0, staging.size);
    device.queue.submit([encoder.finish()]);
  }
}

/** Each call in a pass of its own with a stamp at either end; call i has the stamps 2·(i − origin) and the one after. */
export function encodeStamped(encoder: GPUCommandEncoder, calls: readonly Call[], start: number, end: number, querySet: GPUQuerySet, origin: number): void {
  for (let i = start; i < end; i += 1) {
    const at = 2 * (i - origin);
    const pass = encoder.beginComputePass({ timestampWrites: { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 } });
    encodeCalls(pass, calls, i, i + 1);
    pass.end();
  }
}

/** Nanoseconds that all stamps are multiples of: 1 for a fine clock, the step of a browser that rounds. */
function tickOf(rounds: readonly BigUint64Array[]): number {
  const greatestDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestDivisor(b, a % b));
  return Number(rounds.flatMap((stamps) => [...stamps]).reduce(greatestDivisor, 0n));
}

/**
 * The mean without rounds that something disturbed. A difference may be off by a tick either way, so what lies within a tick of
 * the median has to stay: with a coarse clock most differences are 0 and only their mean says something.
 */
export function typicalOf(values: readonly number[], tick: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  const kept = sorted.filter((value) => value >= 0 && value <= 1.5 * median + tick);
  return kept.reduce((sum, value) => sum + value, 0) / Math.max(1, kept.length);
}
