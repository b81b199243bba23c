/**
 * Which arithmetic a run may use. In: settings, what the device can do. Out: a target, a runtime, without f16 unless the run asked for it, so that
 * nothing is computed in another precision that nobody chose; and what to tell where what was chosen cannot be had.
 */
import type { Target } from "../engine/graph/op";
import type { Runtime } from "../engine/runtime/runtime";
import type { Experiment } from "../settings/experiment";

type Choice = Pick<Experiment, "precision">;

export const targetFor = ({ precision }: Choice, target: Target): Target => (precision === "fast" || !target.f16 ? target : { ...target, f16: false });

const exactRuntimes = new WeakMap<Runtime, Runtime>();

/** The same object for the same runtime: what was tuned for it is found by it. */
export function runtimeFor({ precision }: Choice, runtime: Runtime): Runtime {
  if (precision === "fast" || !runtime.target.f16) return runtime;
  const exact = exactRuntimes.get(runtime) ?? { ...runtime, target: targetFor({ precision }, runtime.target) };
  exactRuntimes.set(runtime, exact);
  return exact;
}

/** One sentence for people, where fast products were asked for and the device has none. */
export function describePrecision({ precision }: Choice, { kind, target }: Pick<Runtime, "kind" | "target">): string | undefined {
  if (precision !== "fast" || target.f16) return undefined;
  const device = kind === "webgpu" ? "this GPU, or this browser's WebGPU, has no 16-bit arithmetic (shader-f16)" : "the CPU computes in f32 only";
  return `Precision is set to Fast, but ${device}. The run goes on in f32: right, and as fast as this device can.`;
}
