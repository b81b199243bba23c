/**
 * Which kernels a run computes with. In: its plan, a runtime, what is known of the device and, for a saved run, what it was trained
 * with. Out: choices for all its programs, tuned where nothing is known, and whether a saved run keeps its own. The text of choices
 * in a checkpoint is JSON; "fixed" stands in checkpoints made before there was a tuner.
 */
import type { KernelChoices } from "../engine/graph/kernelFamily";
import type { Target } from "../engine/graph/op";
import type { Runtime } from "../engine/runtime/runtime";
import { type Workload, collectClasses, unmetClasses } from "../engine/tuner/classes";
import { hashKernels } from "../engine/tuner/hashKernels";
import { type TuneOptions, type Tuned, tune } from "../engine/tuner/tune";
import { parseExperiment } from "../settings/experiment";
import { makeCatalog } from "./catalog";
import { type Plan, type Programs, compilePrograms, planRun } from "./compileStep";
import { runtimeFor } from "./precision";

export type { KernelChoices };

/** Batches of a measurement and tokens of a sample, about. */
const EVALUATIONS = 8;
const SAMPLE_TOKENS = 96;

function workloadsOf({ settings }: Plan, programs: Programs): Workload[] {
  const { gradientAccumulation, validationEvery } = settings;
  return [
    { program: programs.gradients, runs: gradientAccumulation },
    ...(programs.accumulate ? [{ program: programs.accumulate, runs: gradientAccumulation }] : []),
    { program: programs.update, runs: 1 },
    { program: programs.evaluate, runs: EVALUATIONS / validationEvery },
    { program: programs.decode, runs: SAMPLE_TOKENS / validationEvery },
    { program: programs.sample, runs: SAMPLE_TOKENS / validationEvery },
  ];
}

export interface ChooseOptions extends Pick<TuneOptions, "guessed" | "budgetMs" | "parallel" | "clock" | "onProgress" | "onMeasured" | "signal" | "longestMs"> {
  readonly plan: Plan;
  readonly runtime: Runtime;
  /** What the device's store knows. */
  readonly known?: KernelChoices;
  /** What a saved run was trained with. */
  readonly own?: KernelChoices;
}

export interface Chosen extends Tuned {
  /** False where a saved run cannot have its own kernels here, so that it goes on, but not bit for bit. */
  readonly isKept: boolean;
}

export async function chooseKernels({ plan, runtime: device, known = {}, own, ...options }: ChooseOptions): Promise<Chosen> {
  const runtime = runtimeFor(plan.settings, device);
  // The CPU has one way to do each op; what the run was given is kept for a GPU that may come back.
  if (runtime.kind === "cpu") return { choices: own ?? {}, settled: [], isKept: true };
  const workloads = workloadsOf(plan, compilePrograms(plan, runtime.target));
  const isKept = own === undefined || unmetClasses(collectClasses(workloads), own, runtime.target).length === 0;
  return { ...(await tune({ ...options, runtime, workloads, known: { ...known, ...own } })), isKept };
}

// ------------------------------------------------------------------------------------------------ in a checkpoint

export const encodeChoices = (choices: KernelChoices): string => JSON.stringify(choices);

/** {} where the text names no choices. */
export function decodeChoices(text: string): KernelChoices {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof read !== "object" || read === null || Array.isArray(read)) return {};
  return Object.fromEntries(Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

// ------------------------------------------------------------------------------------------------ in the browser

/** Settings with works of all the usual kinds: if what these can choose from changes, what was measured before is void. */
const CANONICAL = { layers: 1, heads: 4, width: 128, contextLength: 128, batchSize: 8 } as const;
const CANONICAL_VOCABULARY = 65;

/** Changes whenever a kernel that could be chosen changes. */
export async function hashChoosable(target: Target): Promise<string> {
  const catalog = makeCatalog();
  const workloads = catalog.models.flatMap(({ id }) => {
    const plan = planRun(parseExperiment(catalog, { ...CANONICAL, model: id }).settings, CANONICAL_VOCABULARY, target);
    return workloadsOf(plan, compilePrograms(plan, target));
  });
  return hashKernels(workloads, target);
}
