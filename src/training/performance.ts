/**
 * What a run takes of its device, told in the page's words. In: times of dispatches with their programs, sizes of buffers,
 * speeds as they are reported. Out: kernels grouped by label, memory by purpose, seconds a step as measured so far.
 */
import { flopsOf } from "../engine/compiler/flops";
import type { Program } from "../engine/compiler/program";
import type { KernelTime } from "../engine/runtime/runtime";
import type { KernelShare, MemoryShare } from "../settings/performance";

/** One line per label, the slowest first. */
export function groupKernels(times: readonly KernelTime[], programs: readonly Program[]): KernelShare[] {
  const byName = new Map(programs.map((program) => [program.name, program]));
  const groups = new Map<string, { label: string; dispatches: number; seconds: number; flops: number; bytes: number }>();
  for (const { program, step: index, label, seconds, bytes } of times) {
    const step = byName.get(program)?.steps[index];
    const group = groups.get(label) ?? { label, dispatches: 0, seconds: 0, flops: 0, bytes: 0 };
    group.dispatches += 1;
    group.seconds += seconds;
    group.bytes += bytes;
    // Where an op takes several kernels, each does an equal part: nearer to the truth than all to one of them.
    if (step) group.flops += flopsOf(step.op, step.inputs, step.attributes) / Math.max(1, step.dispatches.length);
    groups.set(label, group);
  }
  return [...groups.values()].sort((a, b) => b.seconds - a.seconds);
}

const PURPOSES: readonly (readonly [RegExp, string])[] = [
  [/^parameters$/, "Weights"],
  [/^(gradients|accumulated)$/, "Gradients"],
  [/^moment\./, "Moments of the optimizer"],
  [/^slot\d+$/, "Activations"],
  [/^(cache\.\d+|logits|decodeFeed|request|written)$/, "Text generation"],
];

/** The largest first; what has no purpose of its own is the data that goes in and the results that come out. */
export function memoryByPurpose(sizes: Readonly<Record<string, number>>): MemoryShare[] {
  const shares = new Map<string, number>();
  for (const [name, bytes] of Object.entries(sizes)) {
    const purpose = PURPOSES.find(([pattern]) => pattern.test(name))?.[1] ?? "Data and results";
    shares.set(purpose, (shares.get(purpose) ?? 0) + bytes);
  }
  return [...shares].map(([purpose, bytes]) => ({ purpose, bytes })).sort((a, b) => b.bytes - a.bytes);
}

export interface StepClock {
  /** A speed as the loop reports it: updates only, without validation and samples. */
  note(tokensPerSecond: number): void;
  /** Undefined until enough was heard. */
  readonly secondsPerStep: number | undefined;
}

/** Reports that are heard before a mean is worth telling. */
const FEWEST_REPORTS = 3;

export function createStepClock(tokensPerStep: number): StepClock {
  let reports = 0;
  let seconds = 0;
  return {
    note(tokensPerSecond) {
      if (!(tokensPerSecond > 0)) return;
      reports += 1;
      seconds += tokensPerStep / tokensPerSecond;
    },
    get secondsPerStep() {
      return reports >= FEWEST_REPORTS ? seconds / reports : undefined;
    },
  };
}
