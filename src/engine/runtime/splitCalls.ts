/**
 * Dispatches that would hold the device for too long, in pieces. In: calls and what each costs. Out: the same work as more calls:
 * a piece runs some of the workgroups, and reads the number of its first from a uniform buffer. Each workgroup computes what it
 * did before, so results are the same to the bit.
 */
import { MAX_GROUPS } from "../wgsl/kernel";
import type { Call } from "./gpuProgram";
import type { PipelineCache } from "./pipelines";
import { BUFFER_USAGE } from "./webgpuFlags";

export interface SplitCalls {
  readonly calls: readonly Call[];
  /** What each one costs now: the pieces of a call share its cost. */
  readonly costs: readonly number[];
  /** Holds the first workgroups; undefined where nothing was split. */
  readonly buffer: GPUBuffer | undefined;
}

/** Where uniform bindings may begin on every device. */
const UNIFORM_STEP = 256;

/** Calls that cost more than `limit` are cut into pieces of half of it: what is measured once may take longer later. */
export async function splitCalls(
  device: GPUDevice, pipelines: PipelineCache, calls: readonly Call[], costs: readonly number[], limit: number,
): Promise<SplitCalls> {
  const counts = calls.map((call, index) => (costs[index]! > limit && !call.firstGroup ? countPieces(call, costs[index]! / (limit / 2)) : 1));
  const kernels = [...new Set(calls.filter((_, index) => counts[index]! > 1).map((call) => call.kernel))];
  const compiled = new Map(await Promise.all(kernels.map(async (kernel) => [kernel, await pipelines.inPieces(kernel)] as const)));
  const pieces = counts.reduce((sum, count) => sum + (count > 1 ? count : 0), 0);
  if (pieces === 0) return { calls, costs, buffer: undefined };

  const buffer = device.createBuffer({ size: pieces * UNIFORM_STEP, usage: BUFFER_USAGE.UNIFORM, mappedAtCreation: true });
  const firsts = new Uint32Array(buffer.getMappedRange());
  let made = 0;
  const split = calls.flatMap((call, index) => {
    const count = counts[index]!;
    const [x, y] = call.workgroups;
    return Array.from({ length: count }, (_, piece): Call => {
      if (count === 1) return call;
      const [first, end] = [Math.floor((piece * x * y) / count), Math.floor(((piece + 1) * x * y) / count)];
      const offset = made * UNIFORM_STEP;
      made += 1;
      firsts[offset / 4] = first;
      const entries = [{ binding: 0, resource: { buffer, offset, size: 4 } }];
      const firstGroup = device.createBindGroup({ layout: pipelines.firstGroupLayout, entries });
      return { ...call, pipeline: compiled.get(call.kernel)!, firstGroup, workgroups: [end - first, 1, 1], bytes: call.bytes / count };
    });
  });
  buffer.unmap();
  return { calls: split, costs: counts.flatMap((count, index) => new Array<number>(count).fill(costs[index]! / count)), buffer };
}

/** As many as wanted, but none without workgroups and none with more than one dimension takes. */
function countPieces({ workgroups: [x, y] }: Call, wanted: number): number {
  return Math.max(Math.ceil((x * y) / MAX_GROUPS), Math.min(x * y, Math.ceil(wanted)));
}
