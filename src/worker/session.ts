/**
 * One run on one device: from settings and prepared data (and perhaps a checkpoint) to a loop that trains, saves and reports.
 * In: `openSession`. Out: a `Session`; what happens in it leaves as TrainEvents.
 */
import { withChoices } from "../engine/tuner/withChoices";
import { type Tokenizer, restoreTokenizer } from "../data/tokenizers/index";
import { type TokenSource, openTokenSource } from "../data/tokenSource";
import type { Experiment } from "../settings/experiment";
import { FailureError } from "../settings/failure";
import type { Ceilings, Cost, CostComparison, KernelShare, PerformanceReport } from "../settings/performance";
import { type DeviceTrail, METRIC_COLUMNS } from "../settings/run";
import { createBatches } from "../training/batches";
import { countWindows, createMixture } from "../training/mixture";
import type { CheckpointState } from "../training/checkpoint";
import type { CheckpointStore } from "../training/checkpointStore";
import { type Plan, planRun } from "../training/compileStep";
import { describeMove, extendTrail } from "../training/deviceTrail";
import { createGenerator } from "../training/generate";
import { type KernelChoices, decodeChoices, encodeChoices } from "../training/kernelChoices";
import { countParameters } from "../training/parameters";
import { createStepClock, groupKernels, memoryByPurpose } from "../training/performance";
import { type Phase, type Run, type RunObserver, createRun } from "../training/run";
import { nameRun } from "../training/runName";
import { describePrecision } from "../training/precision";
import { describeSplit, fitBatches, splitSettings } from "../training/splitBatches";
import { type Trainer, createTrainer } from "../training/trainer";
import { toFailure } from "./failure";
import type { Machine } from "./machine";
import type { GenerateRequest, PreparedData, RunSummary, TrainEvent } from "./protocol";

export type Send = (event: TrainEvent, transfer?: Transferable[]) => void;

export interface SessionOptions {
  readonly settings: Experiment;
  readonly data: PreparedData;
  readonly machine: Machine;
  readonly checkpoints: CheckpointStore;
  readonly send: Send;
  /** Whether an error means that the device is gone: then somebody else recovers. */
  readonly isLoss: (error: unknown) => boolean;
  /** What the estimate said before the run began. */
  readonly predicted?: Cost;
  readonly state?: CheckpointState;
  /** Of a run that has no checkpoint yet but a name. */
  readonly identity?: Identity;
  /** What a run that was lost before its first checkpoint had. */
  readonly choices?: KernelChoices;
}

interface Identity {
  readonly id: string;
  readonly name: string;
  readonly startedAt: number;
}

export interface Session {
  readonly choices: KernelChoices;
  readonly phase: Phase;
  readonly summary: RunSummary;
  readonly isUnsaved: boolean;
  /** Whether the run was told to go on and nothing but a lost device has ended that. */
  readonly isMeantToRun: boolean;
  resume(): void;
  step(): Promise<void>;
  pause(): Promise<void>;
  stop(): Promise<void>;
  save(): Promise<void>;
  generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<string, void, void>;
  /** Tells the page of the run and of what a step costs. */
  announce(): void;
  performance(): PerformanceReport;
  /** Times every kernel of a step; null where the device has no clock for it. */
  measureKernels(): Promise<KernelShare[] | null>;
  /** Measured seconds a step over those that were estimated, for settings like this run's; 1 until something was measured. */
  timeCorrection(estimated: number, settings: Experiment): number;
  /** The device is gone: nothing is saved, nothing more is said. */
  abandon(): void;
  /** Pauses, saves and gives the memory back. */
  close(): Promise<void>;
}

export async function openSession(options: SessionOptions): Promise<Session> {
  const { settings, data, checkpoints, send, state } = options;
  const identity = identityOf(options);
  const { trail, move } = settleDevice(options, identity);
  let savedStep = state?.manifest.step ?? -1;
  let isDead = false;
  let isMeantToRun = false;
  let measuring: Promise<unknown> = Promise.resolve();

  const plan = planRun(settings, data.vocabularySize, options.machine.runtime.target);
  const parameters = countParameters(plan.layout.specs);
  const source = await openTokenSource(data.shard, data.bytesPerToken, data.tokens, { hash: data.hash });
  const onKernel = (done: number, total: number): void =>
    send({ type: "progress", text: `Compiling ${done} of ${total} kernels`, fraction: done / total });
  const { trainer, tokenizer, choices, pieces } = await makeReady({ ...options, move }, plan, source, onKernel).catch((error: unknown) => {
    source.close();
    throw error;
  });

  const tokensPerStep = plan.extent.batch * plan.extent.time * settings.gradientAccumulation;
  const flopsPerStep = trainer.programs.gradients.flops * trainer.plan.settings.gradientAccumulation;
  const clock = createStepClock(tokensPerStep);
  // What was predicted and measured on another device says nothing about this one.
  const past = move ? undefined : state?.manifest.cost;
  const predicted = past?.predicted ?? options.predicted;
  const costNow = (): CostComparison | undefined => {
    if (!predicted) return undefined;
    const { secondsPerStep } = clock;
    const measured = secondsPerStep === undefined ? past?.measured : { secondsPerStep, memoryBytes: trainer.memoryBytes, steps: run.progress.step };
    return { predicted, ...(measured ? { measured } : {}) };
  };
  const sendSpeed = (tokensPerSecond: number): void =>
    send({
      type: "speed", tokensPerSecond, dispatches: trainer.dispatchesPerStep, submits: trainer.submitsPerStep,
      flopsPerToken: flopsPerStep / tokensPerStep, peakFlopsPerSecond: peakOf(options.machine.ceilings, (tokensPerSecond * flopsPerStep) / tokensPerStep),
    });
  const split = pieces > 1 ? { batchPieces: pieces } : {};
  const seenUpTo = countSeen(settings, data);
  if (pieces > 1) send({ type: "notice", text: describeSplit(settings, pieces, options.machine.runtime) });
  if (move) send({ type: "notice", text: move });
  const precision = describePrecision(settings, options.machine.runtime);
  if (precision) send({ type: "notice", text: precision });
  const summaryAt = (step: number, phase: Phase): RunSummary => ({ ...identity, phase, step, settings, ...split, data, ...seenUpTo(step), parameters, savedStep });
  const observer: RunObserver = {
    // A failure is told in onError: one by a lost device is none, the run comes back.
    onPhase: (phase, step) => {
      if (phase !== "failed") send({ type: "run", run: summaryAt(step, phase) });
    },
    onMetrics: (rows) => {
      // The history keeps its own copy, so this one may go.
      send({ type: "metrics", rows: rows.length / METRIC_COLUMNS.length, values: rows }, [rows.buffer]);
    },
    onValidation: (point) => send({ type: "validation", ...point }),
    onSample: (sample) => send({ type: "sample", ...sample }),
    onSpeed: (tokensPerSecond) => {
      clock.note(tokensPerSecond);
      sendSpeed(tokensPerSecond);
    },
    onSaved: (step) => {
      savedStep = step;
      send({ type: "saved", step });
    },
    onError: (error) => {
      if (options.isLoss(error)) return;
      if (run.phase === "failed") {
        isMeantToRun = false;
        send({ type: "run", run: summaryAt(run.progress.step, run.phase) });
      }
      send({ type: "failure", failure: toFailure(error, `step ${run.progress.step}`) });
    },
  };
  const generator = createGenerator(() => trainer, tokenizer);
  const run: Run = createRun({
    settings,
    trainer,
    generator,
    observer,
    start: { step: state?.manifest.step ?? 0, tokens: state?.manifest.tokens ?? 0, seconds: state?.manifest.seconds ?? 0 },
    ...(state ? { past: state.history } : {}),
    beforeMeasuring: (signal) => options.machine.measureCeilings(signal),
    save: (progress, arenas, history) =>
      checkpoints.save({
        manifest: {
          runId: identity.id, name: identity.name, startedAt: identity.startedAt, savedAt: Date.now(), ...progress,
          settings, ...split, data, ...seenUpTo(progress.step), modelParameters: parameters, kernelChoices: encodeChoices(choices), devices: [...trail], metricColumns: [...METRIC_COLUMNS],
          ...withDefined("cost", costNow()),
        },
        arenas,
        history,
      }),
  });
  const timeHere = (): StepTime => ({
    step: run.progress.step - (move ? (state?.manifest.step ?? 0) : 0),
    seconds: run.progress.seconds - (move ? (state?.manifest.seconds ?? 0) : 0),
  });
  const release = (): void => {
    if (isDead) return;
    isDead = true;
    trainer.destroy();
    source.close();
  };

  return {
    choices,
    get phase() {
      return run.phase;
    },
    get summary() {
      return summaryAt(run.progress.step, run.phase);
    },
    get isUnsaved() {
      return run.progress.step > 0 && run.progress.step !== savedStep && run.phase !== "failed";
    },
    get isMeantToRun() {
      return isMeantToRun && (run.phase === "running" || run.phase === "failed");
    },
    resume: () => {
      isMeantToRun = true;
      run.resume();
    },
    step: () => {
      isMeantToRun = false;
      return run.step();
    },
    pause: () => {
      isMeantToRun = false;
      return run.pause();
    },
    stop: () => {
      isMeantToRun = false;
      return run.stop();
    },
    save: () => run.save(),
    generate: (request, signal) => generator.generate(request, signal),
    announce: () => {
      send({ type: "run", run: summaryAt(run.progress.step, run.phase) });
      sendSpeed(0);
    },
    performance: () => ({
      ...withDefined("ceilings", options.machine.ceilings),
      dispatches: trainer.dispatchesPerStep,
      submits: trainer.submitsPerStep,
      tokensPerStep,
      flopsPerStep,
      memory: memoryByPurpose(trainer.memorySizes),
      choices,
      ...withDefined("cost", costNow()),
      devices: trail,
    }),
    measureKernels: async () => {
      const profiling = trainer.profile();
      measuring = profiling.catch(() => {});
      const times = await profiling;
      const { gradients, accumulate, update } = trainer.programs;
      return times ? groupKernels(times, [gradients, update, ...(accumulate ? [accumulate] : [])]) : null;
    },
    timeCorrection: (estimated, asked) => correctionOf(timeHere(), estimated, settings, asked),
    abandon: () => {
      run.abandon();
      release();
    },
    close: async () => {
      await run.pause();
      // What is still being timed uses the memory.
      await measuring;
      run.abandon();
      release();
    },
  };
}

/** What the run saw of each text of a mix after so many updates; nothing where there is only one. */
function countSeen({ seed, gradientAccumulation, batchSize }: Experiment, { sources }: PreparedData): (step: number) => { readonly seen?: number[] } {
  if (!sources) return () => ({});
  const windows = countWindows(createMixture(sources, seed), gradientAccumulation, batchSize);
  return (step) => ({ seen: [...windows.upTo(step)] });
}

/** What a run reaches is a measurement too: a ceiling that was measured in a bad moment is no more than that. 0 where none is known. */
const peakOf = (ceilings: Ceilings | undefined, reached: number): number => (ceilings ? Math.max(ceilings.flopsPerSecond, reached) : 0);

/** An optional property where there is a value, nothing where there is none. */
function withDefined<Key extends string, T>(key: Key, value: T | undefined): { readonly [key in Key]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in Key]: T });
}

function identityOf({ state, identity, settings }: SessionOptions): Identity {
  if (state) return { id: state.manifest.runId, name: state.manifest.name, startedAt: state.manifest.startedAt };
  if (identity) return identity;
  const startedAt = Date.now();
  return { id: crypto.randomUUID(), name: nameRun(startedAt + settings.seed), startedAt };
}

/** Everything that can refuse; whoever refuses gives back what it took. */
async function makeReady(
  options: KnownMove, plan: Plan, source: TokenSource, onKernel: (done: number, total: number) => void,
): Promise<{ trainer: Trainer; tokenizer: Tokenizer; choices: KernelChoices; pieces: number }> {
  const { settings, data, state, machine: { runtime } } = options;
  const { contextLength } = plan.decoder.config;
  const tokenizer = restoreTokenizer(data.tokenizerId, data.tokenizer);
  const { batchSize, seed } = settings;
  if (state) requireLayout(plan, state);
  const { made, pieces } = await fitBatches(settings, state?.manifest.batchPieces ?? 1, async (count) => {
    const batches = createBatches({ source, trainTokens: data.trainTokens, ...withDefined("sources", data.sources), contextLength, batchSize, pieces: count, seed });
    const executed = count === 1 ? plan : planRun(splitSettings(settings, count), data.vocabularySize, runtime.target);
    const choices = await settleChoices(options, executed);
    return { choices, trainer: await createTrainer({ plan: executed, runtime: withChoices(runtime, choices), batches, onKernel }) };
  });
  made.trainer.initialize();
  if (state) made.trainer.restore(state.arenas);
  return { ...made, tokenizer, pieces };
}

interface KnownMove extends SessionOptions {
  /** What is told of a run that was on another device. */
  readonly move: string | undefined;
}

/** The devices of the run with this one, and what to tell of it. */
function settleDevice({ machine: { summary }, state }: SessionOptions, { name }: Identity): { readonly trail: DeviceTrail; readonly move: string | undefined } {
  const { step = 0, devices = [] } = state?.manifest ?? {};
  const device = { runtime: summary.runtime, name: summary.name, detail: summary.detail };
  return { trail: extendTrail(devices, device, step), move: describeMove(name, devices, device, step) };
}

async function settleChoices({ state, choices, machine, send, move }: KnownMove, plan: Plan): Promise<KernelChoices> {
  const onProgress = (done: number, total: number): void => send({ type: "progress", text: `Tuning kernels: ${done} of ${total}`, fraction: done / total });
  const own = state ? decodeChoices(state.manifest.kernelChoices) : choices;
  // Trained on the CPU alone, a run has no kernels of its own: on a GPU it gets what a new one would.
  const chosen = await machine.choose(plan, move && own && Object.keys(own).length === 0 ? undefined : own, onProgress);
  if (state && !chosen.isKept && !move) {
    send({
      type: "notice",
      text: `${state.manifest.name} was trained with kernels that this version or this device does not have. It continues with other kernels: as good, but not bit for bit the same run.`,
    });
  }
  return chosen.choices;
}

function requireLayout(plan: Plan, state: CheckpointState): void {
  const wrong = plan.stateArenas.find((arena) => state.arenas[arena]?.byteLength !== plan.layout.bytes);
  if (!wrong) return;
  throw new FailureError({
    kind: "storage",
    message: `The checkpoint of ${state.manifest.name} does not have the memory layout of this version (${wrong}).`,
    hint: "Start a new run; the old checkpoint is left as it is.",
    where: state.manifest.name,
  });
}

/** Steps that were made on this device, and what they took. */
interface StepTime {
  readonly step: number;
  readonly seconds: number;
}

/** Only a run of the very same size says something about the time of another. */
function correctionOf({ step, seconds }: StepTime, estimated: number, own: Experiment, asked: Experiment): number {
  const sizes = ["model", "layers", "heads", "width", "contextLength", "batchSize", "gradientAccumulation"];
  if (step < 20 || estimated <= 0 || sizes.some((name) => own[name] !== asked[name])) return 1;
  return seconds / step / estimated;
}
