/**
 * What there is to choose for some programs. In: programs and how often each runs. Out: their works by family and class, the
 * costliest class first, each with the step that teaches most. The tuner knows families only through this.
 */
import { flopsOf } from "../compiler/flops";
import type { Program, ProgramKernel, Step } from "../compiler/program";
import { type KernelChoices, type KernelFamily, type Work, choiceKey, familyOf } from "../graph/kernelFamily";
import type { Target } from "../graph/op";

export interface Workload {
  readonly program: Program;
  /** Runs of the program for each update of a training run. */
  readonly runs: number;
}

export interface WorkClass {
  readonly key: string;
  readonly family: KernelFamily;
  /** The one that is timed: of its steps, that with the most cost by the length of its kernels' text, because compiling takes most of a tuner's time. */
  readonly step: Step;
  /** Length of those texts, as they were compiled for the programs. */
  readonly letters: number;
  /** Every text of all its steps: each will be compiled before a run begins. */
  readonly texts: ReadonlySet<string>;
  /** Of all its steps, for one update; in the unit of `costOf`. */
  readonly cost: number;
}

/** Arithmetic in whose time a device moves a byte: between a processor (1) and a large GPU (80). */
const FLOPS_PER_BYTE = 10;

/** A measure of a step's time that knows no device: floating-point operations, and bytes as if they were such. */
export function costOf({ op, inputs, outputs, attributes }: Step): number {
  const bytes = [...inputs, ...outputs].reduce((sum, operand) => sum + operand.bytes, 0);
  return flopsOf(op, inputs, attributes) + FLOPS_PER_BYTE * bytes;
}

export const workOf = ({ inputs, outputs, attributes }: Step): Work => ({ inputTypes: inputs, outputTypes: outputs, attributes });

export const lettersOf = (kernels: readonly Pick<ProgramKernel, "code">[]): number => kernels.reduce((sum, { code }) => sum + code.length, 0);

export function collectClasses(workloads: readonly Workload[]): WorkClass[] {
  const classes = new Map<string, WorkClass>();
  for (const { program, runs } of workloads) {
    for (const step of program.steps) {
      const family = familyOf(step.op);
      if (!family) continue;
      const key = choiceKey(family, workOf(step));
      const kernels = [...new Set(step.dispatches.map(({ kernel }) => program.kernels[kernel]!))];
      const letters = lettersOf(kernels);
      const known = classes.get(key);
      const texts = new Set([...(known?.texts ?? []), ...kernels.map(({ code }) => code)]);
      const [timed, length] = known && costOf(known.step) / known.letters >= costOf(step) / letters ? [known.step, known.letters] : [step, letters];
      classes.set(key, { key, family, step: timed, letters: length, texts, cost: (known?.cost ?? 0) + runs * costOf(step) });
    }
  }
  return [...classes.values()].sort((a, b) => b.cost - a.cost);
}

/** The classes for which these choices name nothing that this target can do. */
export function unmetClasses(classes: readonly WorkClass[], choices: KernelChoices, target: Target): WorkClass[] {
  return classes.filter(({ key, family, step }) => {
    const wanted = choices[key];
    return wanted === undefined || !family.variants(workOf(step), target).includes(wanted);
  });
}
