/**
 * A model in the memory of a device, and what can be done with it one at a time: an update, a measurement, a token, a snapshot.
 * In: a plan, its programs, a runtime, batches. Out: `Trainer`. It has no opinion on when to do what; run.ts has.
 */
import { type Program, countDispatches } from "../engine/compiler/program";
import type { Executable, KernelTime, Memory, Recording, Runtime, Watched } from "../engine/runtime/runtime";
import { sizeOf } from "../engine/graph/value";
import type { Batches } from "./batches";
import { type Plan, type Programs, STEP_METRICS, buffersOfRun, compilePrograms } from "./compileStep";
import { initialize } from "./initialize";
import { ARENA, cacheArena } from "./layout";
import { allocateBatch } from "./objectives/objective";
import { type TokenWriter, createTokenWriter } from "./tokenWriter";

export interface StepResult {
  readonly loss: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  /** 0 when a gradient was not finite, so that nothing was changed. */
  readonly applied: number;
}

/** The arenas of `Plan.stateArenas`, by name. */
export type TrainerState = Readonly<Record<string, ArrayBuffer>>;

export interface Trainer {
  readonly plan: Plan;
  readonly programs: Programs;
  readonly memoryBytes: number;
  /** Bytes of each buffer, by name. */
  readonly memorySizes: Readonly<Record<string, number>>;
  readonly dispatchesPerStep: number;
  /** As it is now: a device that turns out to be slow gets a step in more submits. */
  readonly submitsPerStep: number;
  /**
   * Queues update `step` (0-based). Resolves when another may be queued; undefined where that is so at once. `onQueued` is called in the very moment from which on
   * snapshots and results have this update in them.
   */
  update(step: number, onQueued?: () => void): Promise<void> | undefined;
  /** The results of the updates since the last call, oldest first. */
  collect(): Promise<StepResult[]>;
  /** The same as rows of STEP_METRICS, in an array that the next call reuses. */
  collectRows(): Promise<Float32Array>;
  /** Mean loss over the held-out windows. */
  evaluate(): Promise<number>;
  readonly decode: TokenWriter["decode"];
  readonly read: TokenWriter["read"];
  readonly write: TokenWriter["write"];
  /** Parameters and moments as they are between the updates queued before and after this call. */
  snapshot(): Promise<TrainerState>;
  restore(state: TrainerState): void;
  /**
   * Seconds of each kernel of an update, in order; undefined where the device has no clock. Weights and moments stay as they
   * are; updates that are asked for meanwhile wait.
   */
  profile(budgetMs?: number): Promise<readonly KernelTime[] | undefined>;
  initialize(): void;
  destroy(): void;
}

export interface TrainerOptions {
  readonly plan: Plan;
  readonly runtime: Runtime;
  readonly batches: Batches;
  readonly onKernel?: (done: number, total: number) => void;
}

const ROW_BYTES = STEP_METRICS.length * 4;

/** Allocates everything; compiles and loads what an update needs. Throws EngineErrors of the runtime, after giving everything back. */
export async function createTrainer({ plan, runtime, batches, onKernel }: TrainerOptions): Promise<Trainer> {
  const programs = compilePrograms(plan, runtime.target);
  const memory = await runtime.allocate(buffersOfRun(plan, programs));
  try {
    // What measures and writes is loaded when it is first used: the first update does not wait for its kernels.
    const needed = [programs.gradients, programs.update, ...(programs.accumulate ? [programs.accumulate] : [])];
    const total = needed.reduce((count, program) => count + program.kernels.length, 0);
    let done = 0;
    const load = (program: Program): Promise<Executable> => runtime.load(program, memory, () => onKernel?.((done += 1), total));
    const [gradients, update, accumulate] = await Promise.all(needed.map(load));
    const watched = { buffer: ARENA.metrics, offset: 0, bytes: ROW_BYTES };
    const recordings = {
      // One batch per update is one submit; more are one each, and one for the update.
      batch: accumulate ? runtime.record([gradients!, accumulate]) : undefined,
      update: accumulate ? runtime.record([update!], watched) : runtime.record([gradients!, update!], watched),
      evaluate: recordLater(runtime, programs.evaluate, memory, { buffer: ARENA.metrics, offset: 256, bytes: 16 }),
    };
    plan.decoder.constants.forEach(({ name, data }) => {
      const place = placeOfConstant(programs, name);
      if (place) memory.write(place.buffer, place.offset, data as Float32Array<ArrayBuffer>);
    });
    const profile = (budgetMs?: number): ReturnType<Trainer["profile"]> =>
      profileUpdate(runtime, memory, accumulate ? [gradients!, accumulate] : [gradients!], update!, budgetMs);
    return makeTrainer(plan, programs, memory, recordings, createTokenWriter({ plan, programs, runtime, memory }), batches, profile);
  } catch (error) {
    memory.destroy();
    throw error;
  }
}

/**
 * Gradients may be computed as often as one likes. The update is made with a gradient that is no number: then each of its
 * kernels does all its work and writes the old weights and moments again.
 */
async function profileUpdate(
  runtime: Runtime, memory: Memory, batch: readonly Executable[], update: Executable, budgetMs?: number,
): ReturnType<Trainer["profile"]> {
  const before = await runtime.profile(batch, budgetMs);
  for (const arena of [ARENA.gradients, ARENA.accumulated]) if (arena in memory.sizes) memory.write(arena, 0, Float32Array.of(NaN));
  const after = await runtime.profile([update], budgetMs);
  return before && after && [...before, ...after.map((kernel) => ({ ...kernel, index: before.length + kernel.index }))];
}

function placeOfConstant(programs: Programs, name: string): { buffer: string; offset: number } | undefined {
  return programs.gradients.leaves[name] ?? programs.decode.leaves[name];
}

interface Recordings {
  readonly batch: Recording | undefined;
  readonly update: Recording;
  readonly evaluate: LateRecording;
}

/** A program that is compiled and loaded at its first use. */
interface LateRecording {
  get(): Promise<Recording>;
  destroy(): void;
}

function recordLater(runtime: Runtime, program: Program, memory: Memory, watched: Watched): LateRecording {
  let recording: Promise<Recording> | undefined;
  return {
    get: () => (recording ??= runtime.load(program, memory).then((executable) => runtime.record([executable], watched))),
    // What could not be loaded has nothing to give back.
    destroy: () => void recording?.then((loaded) => loaded.destroy(), () => {}),
  };
}

function makeTrainer(plan: Plan, programs: Programs, memory: Memory, recordings: Recordings, writer: TokenWriter, batches: Batches, profile: Trainer["profile"]): Trainer {
  const { settings, extent, objective, feed, layout } = plan;
  const accumulation = settings.gradientAccumulation;
  const windowLength = objective.windowLength(extent.time);
  const tokens = new Uint32Array(extent.batch * windowLength);
  const starts = Uint32Array.from({ length: extent.batch }, (_, row) => row * windowLength);
  const batch = allocateBatch(objective, extent);
  const names = Object.keys(batch);
  feed.words["key"]![0] = settings.seed;

  const writeBatch = (step: number, micro: number): void => {
    objective.collate(tokens, starts, extent, batch);
    for (const name of names) feed.words[name]!.set(batch[name]!);
    feed.words["key"]![1] = step * accumulation + micro;
    feed.floats["step"]![0] = step;
    feed.floats["first"]![0] = micro === 0 ? 1 : 0;
    memory.write(ARENA.feed, 0, feed.bytes);
  };
  const dispatches = (programs.accumulate ? countDispatches(programs.accumulate) * accumulation : 0) +
    countDispatches(programs.gradients) * accumulation + countDispatches(programs.update);

  let isUpdating = false;
  let profiling: Promise<unknown> | undefined;
  let onUpdated = (): void => {};
  const finish = (onQueued: (() => void) | undefined): Promise<void> | undefined => {
    recordings.update.run();
    onQueued?.();
    return recordings.update.pace();
  };
  const updateByBatches = async (step: number, onQueued: (() => void) | undefined): Promise<void> => {
    while (profiling) await profiling;
    isUpdating = true;
    try {
      for (let micro = 0; micro < accumulation; micro += 1) {
        batches.fill(step, micro, tokens);
        writeBatch(step, micro);
        if (!recordings.batch) continue;
        recordings.batch.run();
        await recordings.batch.pace();
      }
      await finish(onQueued);
    } finally {
      isUpdating = false;
      onUpdated();
    }
  };
  const profileAlone = async (budgetMs?: number): ReturnType<Trainer["profile"]> => {
    // Not between the batches of an update: their sum is in memory.
    if (isUpdating) await new Promise<void>((resolve) => (onUpdated = resolve));
    batches.fill(0, 0, tokens);
    writeBatch(0, 0);
    return profile(budgetMs);
  };

  return {
    plan,
    programs,
    memoryBytes: memory.bytes,
    memorySizes: memory.sizes,
    dispatchesPerStep: dispatches,
    get submitsPerStep() {
      return recordings.update.submits + (recordings.batch ? accumulation * recordings.batch.submits : 0);
    },
    update(step, onQueued) {
      if (accumulation > 1 || profiling) return updateByBatches(step, onQueued);
      // The usual step makes no object: no promise either, unless it has to wait for the device.
      batches.fill(step, 0, tokens);
      writeBatch(step, 0);
      return finish(onQueued);
    },
    async profile(budgetMs) {
      while (profiling) await profiling;
      const result = profileAlone(budgetMs);
      profiling = result.then(() => (profiling = undefined), () => (profiling = undefined));
      return result;
    },
    async collect() {
      const rows = await recordings.update.collect();
      return Array.from({ length: rows.length / STEP_METRICS.length }, (_, row) => {
        const [loss, learningRate, gradientNorm, applied] = rows.subarray(row * STEP_METRICS.length) as unknown as [number, number, number, number];
        return { loss, learningRate, gradientNorm, applied };
      });
    },
    collectRows: () => recordings.update.collect(),
    async evaluate() {
      const recording = await recordings.evaluate.get();
      for (let index = 0; index < batches.validationBatches; index += 1) {
        batches.fillValidation(index, tokens);
        writeBatch(0, 0);
        recording.run();
        await recording.pace();
      }
      const rows = await recording.collect();
      let sum = 0;
      for (let row = 0; row < rows.length; row += 4) sum += rows[row]!;
      return sum / batches.validationBatches;
    },
    decode: writer.decode,
    read: writer.read,
    write: writer.write,
    async snapshot() {
      // All copies are queued before the first wait, so they are of one moment.
      const reads = plan.stateArenas.map(async (arena) => [arena, await memory.read(arena, 0, layout.bytes)] as const);
      return Object.fromEntries(await Promise.all(reads));
    },
    restore(state) {
      for (const arena of plan.stateArenas) memory.write(arena, 0, new Uint8Array(state[arena]!));
    },
    initialize() {
      for (const arena of plan.stateArenas) memory.clear(arena);
      for (let layer = 0; layer < plan.decoder.config.layers; layer += 1) memory.clear(cacheArena(layer));
      for (const spec of layout.specs) {
        memory.write(ARENA.parameters, layout.offsets[spec.name]!, initialize(spec, settings.seed, new Float32Array(sizeOf(spec.shape))) as Float32Array<ArrayBuffer>);
      }
    },
    destroy() {
      recordings.batch?.destroy();
      for (const recording of [recordings.update, recordings.evaluate]) recording.destroy();
      writer.destroy();
      memory.destroy();
    },
  };
}
