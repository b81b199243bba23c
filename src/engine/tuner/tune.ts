/**
 * The tuner: which variant of each kernel family is fastest here. In: a runtime, the programs that a run will use, what is known
 * already. Out: a choice for every class of work in them, within a bounded time. The costliest class of each family is tried first, then
 * the others by cost; what wins in one is the first candidate in the next of its family; a class for which no time is left takes
 * the choice of the class most like it. No family, op or device is known by name.
 */
import type { KernelChoices, KernelFamily } from "../graph/kernelFamily";
import { EngineError, type Runtime } from "../runtime/runtime";
import { type WorkClass, type Workload, collectClasses, costOf, unmetClasses, workOf } from "./classes";
import { compileAlone } from "./compileAlone";
import { type Candidate, type Clock, timeCandidates } from "./trial";

export interface TuneOptions {
  readonly runtime: Runtime;
  readonly workloads: readonly Workload[];
  /** Chosen earlier; kept where this target can do it, and not timed again. */
  readonly known?: KernelChoices;
  /** Milliseconds that all of it may take. */
  readonly budgetMs?: number;
  /** Pipelines compiled at once: about as many as the machine has cores. */
  readonly parallel?: number;
  readonly clock?: Clock;
  /** Before each class that is tried, and at the end. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Seconds by variant of a class that was measured. */
  readonly onMeasured?: (key: string, seconds: ReadonlyMap<string, number>) => void;
}

const BUDGET_MS = 2000;
/** A challenger has to be faster than the first of the list by this. */
const MARGIN = 0.97;
/** Of a class's time, how much goes into compiling. A compilation cannot be called off: what it takes beyond that is the next classes' loss. */
const COMPILE_SHARE = 0.65;
/** Less than this is not enough to compile and compare two. */
const LEAST_MS = 40;
/** What came this near to the best elsewhere is tried before what was not tried anywhere. */
const PROMISING = 1.1;

const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Choices for the classes of these programs only; {} on a runtime that has no kernels. */
export async function tune({ runtime, workloads, known = {}, ...options }: TuneOptions): Promise<KernelChoices> {
  if (runtime.kind === "cpu") return {};
  const classes = collectClasses(workloads);
  const unmet = new Set(unmetClasses(classes, known, runtime.target));
  const choices: Record<string, string> = {};
  for (const one of classes) if (!unmet.has(one)) choices[one.key] = known[one.key]!;
  const open = classes.filter((one) => unmet.has(one) && one.family.variants(workOf(one.step), runtime.target).length > 1);
  Object.assign(choices, await chooseAll(runtime, leadersFirst(open), options));
  for (const one of unmet) choices[one.key] ??= inherit(one, classes, choices, runtime);
  return choices;
}

/** A family's first class teaches most: the others can take its winner. */
function leadersFirst(classes: readonly WorkClass[]): WorkClass[] {
  const isLeader = (one: WorkClass): boolean => classes.find(({ family }) => family === one.family) === one;
  return [...classes.filter(isLeader), ...classes.filter((one) => !isLeader(one))];
}

/** By key, for the classes there was time for. */
async function chooseAll(runtime: Runtime, classes: readonly WorkClass[], options: Omit<TuneOptions, "runtime" | "workloads" | "known">): Promise<Record<string, string>> {
  const { clock = realClock, budgetMs = BUDGET_MS, parallel = 4, onProgress, onMeasured } = options;
  const end = clock.now() + budgetMs;
  const choices: Record<string, string> = {};
  const compiling = { msPerLetter: 0 };
  const rankings = new Map<KernelFamily, Map<string, number>>();
  for (const [index, one] of classes.entries()) {
    const now = clock.now();
    const share = shareOfTime(classes.slice(index), end - now);
    if (end - now < LEAST_MS) break;
    onProgress?.(index, classes.length);
    const ranking = rankings.get(one.family) ?? new Map<string, number>();
    rankings.set(one.family, ranking);
    const candidates = listCandidates(one, ranking, runtime);
    if (candidates.length < 2) continue;
    const times = { compileUntil: now + COMPILE_SHARE * share, compareMs: (1 - COMPILE_SHARE) * share, end };
    const trial = { runtime, clock, parallel, compiling, cost: costOf(one.step), ...times };
    const result = await timeCandidates(candidates, trial).catch(unlessLost);
    if (!result) continue;
    const { compiled, seconds } = result;
    // Without a comparison: what could be compiled in time is better than what could not.
    if (seconds.size === 0 && compiled[0] !== undefined) choices[one.key] = compiled[0];
    if (seconds.size === 0) continue;
    choices[one.key] = winnerOf(seconds);
    onMeasured?.(one.key, seconds);
    rank(ranking, seconds);
  }
  if (classes.length > 0) onProgress?.(classes.length, classes.length);
  return choices;
}

/** A class that does not fit into the memory, say, is not tuned; a lost device ends everything. */
function unlessLost(error: unknown): undefined {
  if (error instanceof EngineError && error.kind !== "device-lost") return undefined;
  throw error;
}

/** By cost, but no less than half of an equal share. */
function shareOfTime(classes: readonly WorkClass[], ms: number): number {
  const total = classes.reduce((sum, { cost }) => sum + cost, 0);
  return ms * Math.min(1, Math.max(classes[0]!.cost / total, 0.5 / classes.length));
}

/** Variants whose kernels differ, likeliest first. */
function listCandidates({ key, family, step }: WorkClass, ranking: ReadonlyMap<string, number>, { target }: Runtime): Candidate[] {
  const listed = family.variants(workOf(step), target);
  const order = (variant: string): number => {
    const ratio = ranking.get(variant);
    return ratio === undefined ? PROMISING : ratio;
  };
  const texts = new Set<string>();
  return listed
    .toSorted((a, b) => order(a) - order(b))
    .map((variant) => ({ variant, program: compileAlone(step, { ...target, choices: { ...target.choices, [key]: variant } }) }))
    .filter(({ program }) => {
      const text = JSON.stringify([program.kernels, program.steps[0]!.dispatches]);
      return !texts.has(text) && texts.add(text);
    });
}

/** Keeps for each variant its worst ratio to the winner of a class. */
function rank(ranking: Map<string, number>, seconds: ReadonlyMap<string, number>): void {
  const best = seconds.get(winnerOf(seconds))!;
  for (const [variant, time] of seconds) ranking.set(variant, Math.max(ranking.get(variant) ?? 1, time / best));
}

function winnerOf(seconds: ReadonlyMap<string, number>): string {
  const [first, ...rest] = [...seconds];
  const best = rest.reduce((a, b) => (b[1] < a[1] ? b : a), first!);
  return best[1] < MARGIN * first![1] ? best[0] : first![0];
}

/** The choice of the class of this family whose name begins most alike, the costliest of those, where this work can be done so. */
function inherit(one: WorkClass, classes: readonly WorkClass[], choices: KernelChoices, { target }: Runtime): string {
  const possible = one.family.variants(workOf(one.step), target);
  const alike = (other: WorkClass): number => [...one.key].findIndex((letter, at) => letter !== other.key[at]);
  const neighbors = classes.filter((other) => other.family === one.family && other !== one && possible.includes(choices[other.key] ?? ""));
  const nearest = neighbors.toSorted((a, b) => alike(b) - alike(a))[0];
  return nearest ? choices[nearest.key]! : possible[0]!;
}
