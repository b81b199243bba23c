/**
 * The tuner: which variant of each kernel family is fastest here. In: a runtime, the programs that a run will use, what is known
 * already. Out: a choice for every class of work in them, within a bounded time, and which of them were measured. First each family's
 * class that teaches most for its compiling, then the others by cost; what wins in one is the first candidate in the next of its
 * family; a class for which no time is left takes the choice of the class most like it. No family, op or device is known by name.
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
  /** Of the known ones those that are only a guess: timed now, the guess first. Empty where nothing is said. */
  readonly guessed?: ReadonlySet<string>;
  /** Milliseconds that all of it may take. */
  readonly budgetMs?: number;
  /** Pipelines compiled at once: about as many as the machine has cores. */
  readonly parallel?: number;
  readonly clock?: Clock;
  /** Before each class that is tried, and at the end. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Seconds by variant of a class that was measured. */
  readonly onMeasured?: (key: string, seconds: ReadonlyMap<string, number>) => void;
  /** Ends it early, with what was found until then. */
  readonly signal?: AbortSignal;
  /** What would take longer to compile is not tried: a compilation cannot be called off. */
  readonly longestMs?: number;
}

export interface Tuned {
  /** For the classes of these programs only; {} on a runtime that has no kernels. */
  readonly choices: KernelChoices;
  /** Classes whose choice is no guess: measured now and the same twice, or with nothing to compare. */
  readonly settled: readonly string[];
}

export const BUDGET_MS = 2000;
/** A challenger has to be faster than the first of the list by this, and by more on a busy machine. */
const MARGIN = 0.97;
const UNSTEADY_MARGIN = 0.8;
/** One that computes in less than f32 has to be faster than the best of the others by this, at least. */
const ROUNDING_MARGIN = 0.9;
/** Updates within which a kernel that takes longer to compile has to be worth it: a short run. */
const PAYBACK_UPDATES = 1000;
/** Of a class's time, how much goes into compiling. A compilation cannot be called off: what it takes beyond that is the next classes' loss. */
const COMPILE_SHARE = 0.65;
/** Of the time that a family's cost is worth, how much goes into its first class: the others take over most of what it teaches. */
const LEADER_SHARE = 0.5;
/** So many variants have to be compared in a family's first class before it counts as measured; two in any other. */
const LEADERS_CANDIDATES = 3;
/** Enough to compare two or three, however little their class is worth. */
const LEAST_COMPARE_MS = 60;
/** Less than this is not enough to compile and compare two. */
const LEAST_MS = 40;
/** What came this near to the best elsewhere is tried before what was not tried anywhere. */
const PROMISING = 1.1;

const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export async function tune({ runtime, workloads, known = {}, guessed = new Set(), ...options }: TuneOptions): Promise<Tuned> {
  if (runtime.kind === "cpu") return { choices: {}, settled: [] };
  const classes = collectClasses(workloads);
  const unmet = new Set(unmetClasses(classes, known, runtime.target));
  const choices: Record<string, string> = {};
  for (const one of classes) if (!unmet.has(one)) choices[one.key] = known[one.key]!;
  const open = classes.filter((one) => unmet.has(one) || guessed.has(one.key));
  const hasChoice = (one: WorkClass): boolean => one.family.variants(workOf(one.step), runtime.target).length > 1;
  const found = await chooseAll(runtime, inOrder(open.filter(hasChoice), choices), options);
  Object.assign(choices, found.choices);
  for (const one of unmet) choices[one.key] ??= inherit(one, classes, choices, runtime);
  return { choices, settled: [...open.filter((one) => !hasChoice(one)).map(({ key }) => key), ...found.settled] };
}

/** A class to be tried. */
interface Trial {
  readonly one: WorkClass;
  /** The likeliest: a guess made earlier, or nothing. */
  readonly guess: string | undefined;
  readonly isLeader: boolean;
  /** Of the time, in the unit of `costOf`. */
  readonly worth: number;
}

/** A family's leader is the class with the most cost by the length of its kernels' text; leaders go first, the rest by cost. */
function inOrder(classes: readonly WorkClass[], choices: KernelChoices): Trial[] {
  const members = (family: KernelFamily): WorkClass[] => classes.filter((other) => other.family === family);
  const leaders = new Set(classes.map(({ family }) => members(family).reduce((a, b) => (b.cost / b.letters > a.cost / a.letters ? b : a))));
  return classes
    .map((one): Trial => {
      const isLeader = leaders.has(one);
      const worth = isLeader ? Math.max(one.cost, LEADER_SHARE * members(one.family).reduce((sum, { cost }) => sum + cost, 0)) : one.cost;
      return { one, guess: choices[one.key], isLeader, worth };
    })
    .sort((a, b) => Number(b.isLeader) - Number(a.isLeader));
}

type ChooseOptions = Omit<TuneOptions, "runtime" | "workloads" | "known" | "guessed">;

/** By key, for the classes there was time for. */
async function chooseAll(runtime: Runtime, trials: readonly Trial[], options: ChooseOptions): Promise<{ choices: Record<string, string>; settled: string[] }> {
  const { clock = realClock, budgetMs = BUDGET_MS, parallel = 4, onProgress, onMeasured, signal, longestMs = Infinity } = options;
  const end = clock.now() + budgetMs;
  const choices: Record<string, string> = {};
  const settled: string[] = [];
  const compiling = { letters: 0, ms: 0 };
  const rankings = new Map<KernelFamily, Map<string, number>>();
  for (const [index, { one, guess, isLeader }] of trials.entries()) {
    const ranking = rankings.get(one.family) ?? new Map<string, number>();
    rankings.set(one.family, ranking);
    const candidates = listCandidates(one, ranking, guess, runtime);
    if (candidates.length < 2) settled.push(one.key);
    const now = clock.now();
    if (candidates.length < 2 || end - now < LEAST_MS || signal?.aborted) continue;
    onProgress?.(index, trials.length);
    const share = shareOfTime(trials.slice(index), end - now);
    const times = { compileUntil: now + COMPILE_SHARE * share, compareMs: Math.max(LEAST_COMPARE_MS, (1 - COMPILE_SHARE) * share), end };
    const trial = { runtime, clock, parallel, compiling, cost: costOf(one.step), longestMs, ...times, ...(signal ? { signal } : {}) };
    const result = await timeCandidates(candidates, trial).catch(unlessLost);
    if (!result) continue;
    const { compiled, seconds, isSteady } = result;
    // Without a comparison: what could be compiled in time is better than what could not.
    const likeliest = [...compiled.keys()].find((variant) => !rounds(one.family, variant));
    if (seconds.size === 0 && guess === undefined && likeliest !== undefined) choices[one.key] = likeliest;
    const costs = costsOfRun(one, seconds, compiled);
    const winner = winnerOf(costs, one.family, isSteady ? MARGIN : UNSTEADY_MARGIN);
    if (winner === undefined) continue;
    // What a busy machine says is better than nothing, and not better than a guess.
    if (isSteady || guess === undefined) choices[one.key] = winner;
    if (isSteady && seconds.size >= Math.min(candidates.length, isLeader ? LEADERS_CANDIDATES : 2)) settled.push(one.key);
    onMeasured?.(one.key, seconds);
    rank(ranking, costs, one.family);
  }
  if (trials.length > 0) onProgress?.(trials.length, trials.length);
  return { choices, settled };
}

/** A class that does not fit into the memory, say, is not tuned; a lost device ends everything. */
function unlessLost(error: unknown): undefined {
  if (error instanceof EngineError && error.kind !== "device-lost") return undefined;
  throw error;
}

/** By worth, but no less than half of an equal share. */
function shareOfTime(trials: readonly Trial[], ms: number): number {
  const total = trials.reduce((sum, { worth }) => sum + worth, 0);
  return ms * Math.min(1, Math.max(trials[0]!.worth / total, 0.5 / trials.length));
}

/** Variants whose kernels differ, likeliest first. */
function listCandidates({ key, family, step }: WorkClass, ranking: ReadonlyMap<string, number>, guess: string | undefined, { target }: Runtime): Candidate[] {
  const listed = family.variants(workOf(step), target);
  // A guess stands before what was as good elsewhere, so that it stays where nothing is clearly better.
  const order = (variant: string): number => (variant === guess ? MARGIN * (ranking.get(variant) ?? 1) : (ranking.get(variant) ?? PROMISING));
  const texts = new Set<string>();
  return listed
    .toSorted((a, b) => Number(rounds(family, a)) - Number(rounds(family, b)) || order(a) - order(b))
    .map((variant) => ({ variant, rounds: rounds(family, variant), program: compileAlone(step, { ...target, choices: { ...target.choices, [key]: variant } }) }))
    .filter(({ program }) => {
      const text = JSON.stringify([program.kernels, program.steps[0]!.dispatches]);
      return !texts.has(text) && texts.add(text);
    });
}

/** Seconds that all of a class takes by variant, for each update: what compiling takes is spread over PAYBACK_UPDATES. */
function costsOfRun({ step, cost, texts }: WorkClass, seconds: ReadonlyMap<string, number>, compileMs: ReadonlyMap<string, number>): Map<string, number> {
  const steps = cost / costOf(step);
  return new Map([...seconds].map(([variant, time]) => [variant, steps * time + (texts.size * compileMs.get(variant)!) / 1000 / PAYBACK_UPDATES]));
}

/** Keeps for each variant its worst ratio to the winner of a class. */
function rank(ranking: Map<string, number>, costs: ReadonlyMap<string, number>, family: KernelFamily): void {
  const best = costs.get(winnerOf(costs, family, MARGIN)!)!;
  for (const [variant, time] of costs) ranking.set(variant, Math.max(ranking.get(variant) ?? 1, time / best));
}

const rounds = (family: KernelFamily, variant: string): boolean => family.rounds?.(variant) ?? false;

/** Undefined where nothing was timed that computes in f32. */
function winnerOf(costs: ReadonlyMap<string, number>, family: KernelFamily, margin: number): string | undefined {
  const [first, ...others] = [...costs].filter(([variant]) => !rounds(family, variant));
  if (!first) return undefined;
  const best = others.reduce((a, b) => (b[1] < a[1] ? b : a), first);
  const exact = best[1] < margin * first[1] ? best : first;
  const rounding = [...costs].filter(([variant, time]) => rounds(family, variant) && time < Math.min(ROUNDING_MARGIN, margin) * exact[1]);
  return (rounding.toSorted((a, b) => a[1] - b[1])[0] ?? exact)[0];
}

/** The choice of the class of this family whose name begins most alike, the costliest of those, where this work can be done so. What rounds is not taken unmeasured. */
function inherit(one: WorkClass, classes: readonly WorkClass[], choices: KernelChoices, { target }: Runtime): string {
  const possible = one.family.variants(workOf(one.step), target).filter((variant) => !rounds(one.family, variant));
  const alike = (other: WorkClass): number => {
    const differs = [...one.key].findIndex((letter, at) => letter !== other.key[at]);
    // The other's name may go on where this one ends: then it is as alike as can be.
    return differs < 0 ? one.key.length : differs;
  };
  const neighbors = classes.filter((other) => other.family === one.family && other !== one && possible.includes(choices[other.key] ?? ""));
  const nearest = neighbors.toSorted((a, b) => alike(b) - alike(a))[0];
  return nearest ? choices[nearest.key]! : possible[0]!;
}
