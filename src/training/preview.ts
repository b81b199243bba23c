/**
 * What a run would cost, before it starts. In: settings, a runtime's limits and its measured rates. Out: parameters, bytes,
 * seconds a step, and what forbids it. The bytes are those of the very memory plan that would be allocated; the time is
 * arithmetic over a short measurement of this machine (`measureRates`), corrected by runs that were really made here.
 */
import { compile } from "../engine/compiler/compile";
import { type Program, buffersOf, countBytes, countDispatches } from "../engine/compiler/program";
import { leaf } from "../engine/graph/leaf";
import { f32 } from "../engine/graph/value";
import { square } from "../engine/ops/elementwise";
import { layerNorm } from "../engine/ops/layerNorm";
import { matmul } from "../engine/ops/matmul/matmul";
import type { Recording, Runtime } from "../engine/runtime/runtime";
import type { Experiment } from "../settings/experiment";
import { FailureError } from "../settings/failure";
import type { Preview } from "../settings/run";
import { buffersOfRun, compilePrograms, planRun } from "./compileStep";
import { countParameters } from "./parameters";
import { adviseLess, isTooMuch, nextSplit, splitSettings } from "./splitBatches";

/** What a program takes is taken to be the sum of three parts. */
export interface Rates {
  /** Of a matrix product, beyond its bytes. */
  readonly flopsPerSecond: number;
  /** Of a kernel that reads a number, computes a little and writes one: less than a copy's where computing is slow. */
  readonly bytesPerSecond: number;
  /** Of one that does next to nothing. */
  readonly secondsPerDispatch: number;
}

/** A batch that this device could not hold is estimated as it would be trained: in pieces. */
export function estimateCost(settings: Experiment, vocabularySize: number, runtime: Runtime, rates: Rates, pieces = 1): Preview {
  const cost = estimateAsAsked(splitSettings(settings, pieces), vocabularySize, runtime, rates);
  const next = cost.isTooLarge ? nextSplit(settings.batchSize, pieces) : undefined;
  if (next !== undefined) return estimateCost(settings, vocabularySize, runtime, rates, next);
  return { ...cost.preview, notes: pieces > 1 && !cost.isTooLarge ? [announceSplit(settings, pieces)] : [] };
}

const announceSplit = ({ batchSize }: Experiment, pieces: number): string =>
  `This device cannot hold batches of ${batchSize}; Descent will train with ${pieces} × ${batchSize / pieces}: same result, a little slower.`;

function estimateAsAsked(settings: Experiment, vocabularySize: number, runtime: Runtime, rates: Rates): { readonly preview: Preview; readonly isTooLarge: boolean } {
  const memoryLimitBytes = runtime.bufferBytes;
  try {
    const plan = planRun(settings, vocabularySize, runtime.target);
    const programs = compilePrograms(plan, runtime.target);
    const sizes = buffersOfRun(plan, programs);
    const batches = settings.gradientAccumulation;
    const seconds = (program: Program): number => program.flops / rates.flopsPerSecond + restOf(program, rates);
    const largest = Object.entries(sizes).reduce((a, b) => (b[1] > a[1] ? b : a));
    const preview = {
      parameters: countParameters(plan.layout.specs),
      memoryBytes: Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0),
      memoryLimitBytes,
      tokensPerStep: plan.extent.batch * plan.extent.time * batches,
      secondsPerStep: batches * (seconds(programs.gradients) + (programs.accumulate ? seconds(programs.accumulate) : 0)) + seconds(programs.update),
      problems: largest[1] > memoryLimitBytes ? [tooLarge(largest[1], memoryLimitBytes, settings)] : [],
    };
    return { preview, isTooLarge: largest[1] > memoryLimitBytes };
  } catch (error) {
    const problem = error instanceof FailureError ? error.failure.message : error instanceof Error ? error.message : String(error);
    const preview = { parameters: 0, memoryBytes: 0, memoryLimitBytes, tokensPerStep: 0, secondsPerStep: 0, problems: [problem] };
    return { preview, isTooLarge: isTooMuch(error) };
  }
}

function tooLarge(bytes: number, limit: number, settings: Experiment): string {
  const mebibytes = (value: number): string => `${Math.ceil(value / 2 ** 20).toLocaleString("en")} MiB`;
  return `One buffer of this run needs ${mebibytes(bytes)} and this device allows ${mebibytes(limit)}. ${adviseLess(settings)}`;
}

/** What a program takes beside its multiplications and additions. */
const restOf = (program: Program, rates: Pick<Rates, "bytesPerSecond" | "secondsPerDispatch">): number =>
  countBytes(program) / rates.bytesPerSecond + countDispatches(program) * rates.secondsPerDispatch;

/** Shapes of what is timed: like those of a small model's step. */
const [ROWS, COLUMNS, INNER] = [512, 256, 128];
const SMALL_DISPATCHES = 64;
/** Kernels that take turns, as they do in a step; each more would be compiled for nothing. */
const SMALL_KERNELS = 4;
const MEASURE_MS = 60;

/** Times a matrix product, a norm and a row of tiny kernels; takes about a fifth of a second. */
export async function measureRates(runtime: Runtime): Promise<Rates> {
  const product = productFor(runtime);
  const norm = compile("norm", [{ name: "y", value: layerNorm(leaf("x", f32(ROWS, COLUMNS)), leaf("gain", f32(COLUMNS)), leaf("bias", f32(COLUMNS))) }], runtime.target);
  const small = Array.from({ length: SMALL_DISPATCHES }, (_, index) => ({ name: `y${index}`, value: square(leaf(`x${index}`, f32(64 + (index % SMALL_KERNELS)))) }));
  const tiny = compile("tiny", small, runtime.target);
  const productSeconds = await timeRun(runtime, product);
  const normSeconds = await timeRun(runtime, norm);
  const secondsPerDispatch = (await timeRun(runtime, tiny)) / SMALL_DISPATCHES;
  // Each is what is left of its program, and at least a part of it: a busy moment may have made another slower.
  const beyond = (seconds: number, rest: number): number => Math.max(seconds - rest, seconds / 4);
  const bytesPerSecond = countBytes(norm) / beyond(normSeconds, countDispatches(norm) * secondsPerDispatch);
  return { secondsPerDispatch, bytesPerSecond, flopsPerSecond: product.flops / beyond(productSeconds, restOf(product, { bytesPerSecond, secondsPerDispatch })) };
}

const productFor = ({ target }: Runtime): Program =>
  compile("product", [{ name: "y", value: matmul(leaf("a", f32(ROWS, INNER)), leaf("b", f32(COLUMNS, INNER)), "NT") }], target);

/** Multiplications and additions per second of a product alone; a tenth of a second. */
export async function measureProduct(runtime: Runtime): Promise<number> {
  const product = productFor(runtime);
  return product.flops / (await timeRun(runtime, product));
}

async function timeRun(runtime: Runtime, program: Program): Promise<number> {
  const memory = await runtime.allocate(buffersOf([program]));
  let recording: Recording | undefined;
  try {
    recording = runtime.record([await runtime.load(program, memory)]);
    const { buffer } = Object.values(program.outputs)[0]!;
    const finish = (): Promise<unknown> => memory.read(buffer, 0, 16);
    recording.run();
    await finish();
    let runs = 1;
    for (;;) {
      const start = performance.now();
      for (let i = 0; i < runs; i += 1) {
        recording.run();
        await recording.pace();
      }
      await finish();
      const elapsed = performance.now() - start;
      if (elapsed >= MEASURE_MS || runs >= 4096) return elapsed / 1000 / runs;
      runs = Math.min(4096, Math.ceil(runs * Math.max(2, (1.2 * MEASURE_MS) / Math.max(1, elapsed))));
    }
  } finally {
    recording?.destroy();
    memory.destroy();
  }
}
