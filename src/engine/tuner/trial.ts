/**
 * Times some ways to do one step. In: a runtime, the candidates as programs of one step, a clock and how long all may take. Out:
 * seconds of the step by candidate. Candidates are compiled side by side and timed only when compiling is quiet: in rounds, one
 * after another, the least of the rounds counts. A step too long for that runs a part of its workgroups.
 */
import { type Dispatch, type Program, buffersOf } from "../compiler/program";
import { sizeOf } from "../graph/value";
import { EngineError, type Executable, type Memory, type Runtime } from "../runtime/runtime";
import { errorBetween } from "./agreement";
import { lettersOf } from "./classes";

export interface Clock {
  readonly now: () => number;
  /** Resolves after that many milliseconds; the bound of every wait. */
  readonly sleep: (ms: number) => Promise<void>;
}

export interface Candidate {
  readonly variant: string;
  readonly program: Program;
  /** Whether it computes in less than f32. */
  readonly rounds: boolean;
}

export interface TrialOptions {
  readonly runtime: Runtime;
  readonly clock: Clock;
  /** Pipelines that are compiled at once. */
  readonly parallel: number;
  /** Time of the clock by which compilations should be done; later ones are not started. */
  readonly compileUntil: number;
  /** Milliseconds for comparing, from when compiling is quiet. */
  readonly compareMs: number;
  /** Time of the clock at which everything ends. */
  readonly end: number;
  /** The longest text that was compiled by now and how long that took, with others beside it: kept from trial to trial. */
  readonly compiling: { letters: number; ms: number };
  /** In the unit of `costOf`: what a short first run is sized by. */
  readonly cost: number;
  /** Ends everything early. */
  readonly signal?: AbortSignal;
  /** Candidates but for the first are passed over where compiling would seem to take longer than this. */
  readonly longestMs?: number;
}

const ROUNDS = 5;
/** A sample this long is told from the wait for its end. */
const SAMPLE_MS = 8;
const MOST_REPEATS = 128;
/** Cost that takes a slow device some milliseconds. */
const FIRST_COST = 8e6;
/** Candidates slower than this in each of two rounds are out; one slow round may be somebody else's work. */
const HOPELESS = 1.3;
/** The two least of some rounds are this near on a machine that does little else. */
const STEADY = 1.15;
/** Slower than this in one round is out: nobody else's work does that, and another round would be as long. */
const ABSURD = 4;

export interface Trial {
  /** Variants that were compiled in time, in the order of the candidates, with the milliseconds that took. */
  readonly compiled: ReadonlyMap<string, number>;
  /** Seconds of the step by variant; empty where there was no time to compare two. */
  readonly seconds: ReadonlyMap<string, number>;
  /** Whether the best and the first were as fast twice: on a busy machine the least of some rounds may still be somebody else's work. */
  readonly isSteady: boolean;
}

/** The first candidates are the likeliest: they are compiled first. */
export async function timeCandidates(candidates: readonly Candidate[], options: TrialOptions): Promise<Trial> {
  const { runtime, clock, compareMs, end, cost, signal } = options;
  const memory = await runtime.allocate(buffersOf(candidates.map(({ program }) => program)));
  try {
    fill(memory, candidates[0]!.program);
    const compileMs = await compileSome(candidates, memory, options);
    const compiled = await keepAgreeing(candidates.filter(({ variant }) => compileMs.has(variant)), memory, options);
    const until = Math.min(end, clock.now() + compareMs);
    const isOver = (): boolean => signal?.aborted === true || clock.now() >= until;
    const runners = compiled.length < 2 || isOver() ? [] : await compare(compiled, memory, { runtime, clock, cost, until, isOver });
    return { compiled: new Map(compiled.map(({ variant }) => [variant, compileMs.get(variant)!])), ...conclude(runners) };
  } finally {
    memory.destroy();
  }
}

/**
 * How far, root mean square, a variant that rounds may be from one that does not. f16 keeps 11 bits: rounding both factors of a product so
 * leaves 3e-4 of a sum; storing the results as bf16, 1e-3.
 */
const TOLERANCE = 2 ** -9;

/** Of the candidates that round, those whose results are near those of the first that does not. */
async function keepAgreeing(candidates: readonly Candidate[], memory: Memory, { runtime, cost, clock, end, signal }: TrialOptions): Promise<Candidate[]> {
  const exact = candidates.find(({ rounds }) => !rounds);
  const share = Math.min(1, FIRST_COST / cost);
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    const isNear = async (): Promise<boolean> =>
      exact !== undefined && !signal?.aborted && clock.now() < end
      && (await errorBetween(takePart(exact.program, share), takePart(candidate.program, share), memory, runtime)) <= TOLERANCE;
    if (!candidate.rounds || (await isNear())) kept.push(candidate);
  }
  return kept;
}

/**
 * What a device refuses is no candidate; a lost device is the caller's. From the time on by which compiling should be done, nobody
 * waits for a third: one that takes that long would take it again before the first step of a run.
 */
async function compileSome(candidates: readonly Candidate[], memory: Memory, options: TrialOptions): Promise<ReadonlyMap<string, number>> {
  const { runtime, clock, parallel, compileUntil, end, compiling, signal, longestMs = Infinity } = options;
  const done = new Map<string, number>();
  const losses: EngineError[] = [];
  let next = 0;
  let isOver = false;
  let announceTwo = (): void => {};
  const two = new Promise<void>((resolve) => (announceTwo = resolve));
  // One candidate alone would be compiled for nothing; a second may therefore eat into the time for comparing.
  const isTooLong = (at: number): boolean => at > 0 && at < candidates.length && predictMs(candidates[at]!.program, compiling) > longestMs;
  const mayStart = (): boolean => {
    while (isTooLong(next)) next += 1;
    const candidate = candidates[next];
    if (!candidate || isOver || signal?.aborted || losses.length > 0) return false;
    return clock.now() + predictMs(candidate.program, compiling) <= (done.size < 2 ? end : compileUntil);
  };
  const work = async (): Promise<void> => {
    while (mayStart()) {
      const { variant, program } = candidates[next++]!;
      const begin = clock.now();
      try {
        await runtime.load(program, memory);
        done.set(variant, clock.now() - begin);
        const letters = lettersOf(program.kernels);
        if (letters >= compiling.letters) Object.assign(compiling, { letters, ms: clock.now() - begin });
        if (done.size === 2) announceTwo();
      } catch (error) {
        if (error instanceof EngineError && error.kind === "device-lost") losses.push(error);
      }
    }
  };
  const sleepUntil = (time: number): Promise<void> => clock.sleep(Math.max(0, time - clock.now()));
  let callOff = (): void => {};
  const calledOff = new Promise<void>((resolve) => (callOff = resolve));
  signal?.addEventListener("abort", callOff);
  await Promise.race([Promise.all(Array.from({ length: parallel }, work)), Promise.all([two, sleepUntil(compileUntil)]), sleepUntil(end), calledOff]);
  signal?.removeEventListener("abort", callOff);
  isOver = true;
  if (losses[0]) throw losses[0];
  return new Map(done);
}

/** A compiler's work grows faster than the text: by its square, from the longest that was seen. */
const predictMs = ({ kernels }: Program, { letters, ms }: TrialOptions["compiling"]): number => (letters > 0 ? ms * (lettersOf(kernels) / letters) ** 2 : 0);

interface Comparison extends Pick<TrialOptions, "runtime" | "clock" | "cost"> {
  readonly until: number;
  readonly isOver: () => boolean;
}

interface Runner {
  readonly variant: string;
  readonly executable: Executable;
  /** Of the step's workgroups, how many run in a sample. */
  readonly share: number;
  /** The least of all rounds, and the next above it. */
  seconds: number;
  again: number;
}

async function compare(candidates: readonly Candidate[], memory: Memory, options: Comparison): Promise<readonly Runner[]> {
  const { isOver } = options;
  const wait = await leastOf(3, () => time(undefined, 0, memory, options));
  const { share, repeats } = await sizeSample(candidates, memory, wait, options);
  let runners: Runner[] = [];
  for (const { variant, program } of candidates) {
    const part = takePart(program, share);
    runners.push({ variant, executable: await options.runtime.load(part, memory), share: shareOf(part, program), seconds: Infinity, again: Infinity });
  }
  const measured = runners;
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const runner of runners) {
      if (isOver()) return measured;
      // The first time, what a driver does late is done; it does not count.
      const ms = await time(runner.executable, round === 0 ? 1 : repeats, memory, options);
      if (round > 0) note(runner, Math.max(ms - wait, 1e-4) / 1000 / repeats / runner.share);
    }
    const best = Math.min(...runners.map(({ seconds }) => seconds));
    if (round > 0) runners = runners.filter(({ seconds }) => seconds <= (round === 1 ? ABSURD : HOPELESS) * best);
    if (runners.length < 2) break;
  }
  return measured;
}

function note(runner: Runner, seconds: number): void {
  runner.again = Math.min(runner.again, Math.max(runner.seconds, seconds));
  runner.seconds = Math.min(runner.seconds, seconds);
}

function conclude(runners: readonly Runner[]): Pick<Trial, "seconds" | "isSteady"> {
  const timed = runners.filter(({ seconds }) => seconds < Infinity);
  const [first] = timed;
  if (!first || timed.length < 2) return { seconds: new Map(), isSteady: false };
  const best = timed.reduce((a, b) => (b.seconds < a.seconds ? b : a));
  // Who was out after two rounds was not near.
  const isSteady = [best, first].every(({ seconds, again }) => again <= STEADY * seconds || seconds > HOPELESS * best.seconds);
  return { seconds: new Map(timed.map(({ variant, seconds }) => [variant, seconds])), isSteady };
}

/** How much of the step, how many times, makes a sample: found with the first candidate, the same for all. */
async function sizeSample(candidates: readonly Candidate[], memory: Memory, wait: number, options: Comparison): Promise<{ share: number; repeats: number }> {
  const { clock, runtime, until, cost } = options;
  const { program } = candidates[0]!;
  const part = takePart(program, Math.min(1, FIRST_COST / cost));
  const executable = await runtime.load(part, memory);
  await time(executable, 1, memory, options);
  const ms = Math.max(0.02, (await time(executable, 1, memory, options)) - wait) / shareOf(part, program);
  const affordable = (until - clock.now()) / candidates.length / 3 - wait;
  const sample = Math.max(0.5, Math.min(SAMPLE_MS, affordable));
  return ms > sample ? { share: sample / ms, repeats: 1 } : { share: 1, repeats: Math.min(MOST_REPEATS, Math.ceil(sample / ms)) };
}

/** Milliseconds until a submit with so many repeats of the executable is done. */
async function time(executable: Executable | undefined, repeats: number, memory: Memory, { runtime, clock }: Comparison): Promise<number> {
  const recording = executable && runtime.record(Array.from({ length: repeats }, () => executable));
  const begin = clock.now();
  recording?.run();
  await memory.read(Object.keys(memory.sizes)[0]!, 0, 4);
  const ms = clock.now() - begin;
  recording?.destroy();
  return ms;
}

async function leastOf(times: number, measure: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let k = 0; k < times; k += 1) least = Math.min(least, await measure());
  return least;
}

/** The same kernels over the first of their workgroups. */
function takePart(program: Program, share: number): Program {
  if (share >= 1) return program;
  const cut = (dispatch: Dispatch): Dispatch => {
    const [x, y, z] = dispatch.workgroups;
    return { ...dispatch, workgroups: y > 1 ? [x, Math.ceil(y * share), z] : [Math.ceil(x * share), y, z] };
  };
  return { ...program, steps: program.steps.map((step) => ({ ...step, dispatches: step.dispatches.map(cut) })) };
}

/** By the workgroups of the largest dispatch. */
function shareOf(part: Program, whole: Program): number {
  const largest = (program: Program): number => Math.max(...program.steps.flatMap((step) => step.dispatches.map(({ workgroups: [x, y, z] }) => x * y * z)));
  return largest(part) / largest(whole);
}

const PATTERN_WORDS = 2 ** 16;
/** Beyond this a buffer stays zero: writing it would take longer than the trial. */
const MOST_FILLED_BYTES = 2 ** 23;

/** Numbers like those of a model: of both signs, around 1, none denormal; indices are small. */
function fill(memory: Memory, { leaves }: Program): void {
  const floats = Float32Array.from({ length: PATTERN_WORDS }, (_, i) => Math.sin(i * 12.9898 + 1) + (i % 2 === 0 ? 0.01 : -0.01));
  const indices = Uint32Array.from({ length: PATTERN_WORDS }, (_, i) => i % 32);
  // Packed numbers are the upper halves of f32s, two in a word.
  const pairs = new Uint32Array(floats.buffer).map((word) => (word & 0xffff_0000) | (word >>> 16));
  for (const { buffer, shape, dtype, packed } of Object.values(leaves)) {
    const words = Math.min(Math.ceil(sizeOf(shape) / (packed ? 2 : 1)), MOST_FILLED_BYTES / 4);
    const pattern = packed ? pairs : dtype === "u32" ? indices : floats;
    for (let at = 0; at < words; at += PATTERN_WORDS) {
      memory.write(buffer, at * 4, pattern.subarray(0, Math.min(PATTERN_WORDS, words - at)));
    }
  }
}
