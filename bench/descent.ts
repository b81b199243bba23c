/**
 * Descent as a contender: the very parts that the studio trains with. In: a runtime, a problem. Out: a `Contender`, and what only
 * Descent can tell: how fast it writes text, where the time of an update goes.
 */
import { flopsOf } from "../src/engine/compiler/flops";
import { buffersOf } from "../src/engine/compiler/program";
import { measureCeilings } from "../src/engine/runtime/ceilings";
import type { Runtime } from "../src/engine/runtime/runtime";
import { withChoices } from "../src/engine/tuner/withChoices";
import { parseExperiment } from "../src/settings/experiment";
import { createBatchSizes } from "../src/training/batchSizes";
import { makeCatalog } from "../src/training/catalog";
import { listPrograms, planRun } from "../src/training/compileStep";
import { chooseKernels } from "../src/training/kernelChoices";
import { countParameters } from "../src/training/parameters";
import { requestOf } from "../src/training/sampling";
import { type Trainer, createTrainer } from "../src/training/trainer";
import { type Answers, type Contender, createSession } from "./contender";
import { batchesOf, makeProblem } from "./problem";
import type { Device, Facts, GenerateAnswer, KernelTime, Problem, ProfileAnswer } from "./result";

export interface OpenDescent {
  readonly runtime: Runtime;
  readonly device: Omit<Device, "ceilings" | "runtime">;
  /** Of the processor, where that computes. */
  readonly threads?: number;
}

/** All questions, in a worker or in Node; `open` finds the device. */
export function answerForDescent(open: () => Promise<OpenDescent>): Answers {
  let running: DescentContender | undefined;
  const model = (): DescentContender => {
    if (!running) throw new Error("Descent was asked about a model before it was given a problem.");
    return running;
  };
  const openModel = async () => {
    const { runtime, threads } = await open();
    return async (problem: Problem) => (running = { ...(await trainWithDescent(runtime, problem)), ...(threads ? { threads } : {}) });
  };
  return createSession(openModel, {
    describe: async () => {
      const { runtime, device } = await open();
      const ceilings = await measureCeilings(runtime);
      runtime.destroy();
      return { ...device, runtime: runtime.kind, ceilings };
    },
    prepare: (question) => Promise.resolve(question.ask === "prepare" ? makeProblem(question.size, question.isSlow, question.batch) : undefined!),
    generate: (question) => generateTokens(model(), question.ask === "generate" ? question.tokens : 0),
    profile: () => profileKernels(model()),
  });
}

interface DescentContender extends Contender {
  readonly trainer: Trainer;
  readonly facts: Facts;
}

async function trainWithDescent(runtime: Runtime, problem: Problem): Promise<DescentContender> {
  const { settings } = parseExperiment(makeCatalog(), problem.settings);
  const plan = planRun(settings, problem.vocabulary, runtime.target);
  const began = performance.now();
  const { choices } = await chooseKernels({ plan, runtime });
  const tuned = performance.now();
  const trainer = await createTrainer({ plan, runtime: withChoices(runtime, choices), batches: batchesOf(problem) });
  trainer.restore(firstState(trainer, problem));
  return {
    trainer,
    facts: { ...factsOf(trainer), tuningMs: tuned - began, compilingMs: performance.now() - tuned, choices },
    update: async (step) => {
      await trainer.update(step);
    },
    collect: async () => (await trainer.collect()).map(({ loss }) => loss),
  };
}

/** The given weights at their places, and moments of zero. */
function firstState({ plan }: Trainer, problem: Problem): Record<string, ArrayBuffer> {
  const state = Object.fromEntries(plan.stateArenas.map((arena) => [arena, new ArrayBuffer(plan.layout.bytes)]));
  for (const { name } of plan.layout.specs) {
    const { data } = problem.weights[name]!;
    new Float32Array(state["parameters"]!, plan.layout.offsets[name]!, data.length).set(data);
  }
  return state;
}

function factsOf({ plan, programs, dispatchesPerStep, submitsPerStep, memoryBytes }: Trainer): Omit<Facts, "tuningMs" | "compilingMs" | "choices"> {
  const all = listPrograms(programs);
  const slots = Object.entries(buffersOf(all)).filter(([name]) => name.startsWith("slot"));
  return {
    parameters: countParameters(plan.layout.specs),
    tokensPerStep: plan.extent.batch * plan.extent.time * plan.settings.gradientAccumulation,
    flopsPerStep: programs.gradients.flops + programs.update.flops,
    plannedDispatches: dispatchesPerStep,
    plannedSubmits: submitsPerStep,
    slotBytes: slots.reduce((sum, [, bytes]) => sum + bytes, 0),
    memoryBytes,
  };
}

/** How the studio asks, unless a person says otherwise. */
const ASKED = { temperature: 0.8, topK: 40, topP: 1 } as const;
const SEED = 1;

/**
 * One token after the other, each fed back in, chosen and batched as in the studio. The context is filled from its start as often as it
 * takes; the first time is not counted, because kernels are compiled and sizes of batches found in it.
 */
async function generateTokens({ trainer, facts }: DescentContender, tokens: number): Promise<GenerateAnswer> {
  const { contextLength, vocabularySize, width } = trainer.plan.decoder.config;
  const sizes = createBatchSizes();
  const fill = async (most: number): Promise<number> => {
    const began = performance.now();
    let token = 0;
    for (let position = 0; position < most; ) {
      const count = Math.min(sizes.next, most - position);
      const start = performance.now();
      const written = await trainer.write({ token, position, count, request: requestOf(ASKED, SEED, 0) });
      sizes.took(count, performance.now() - start);
      token = written.at(-1)!;
      position += count;
    }
    return performance.now() - began;
  };
  const most = Math.min(tokens, contextLength);
  await fill(most);
  const fills = Math.ceil(tokens / most);
  let ms = 0;
  for (let i = 0; i < fills; i += 1) ms += await fill(most);
  // Of the two tables of embeddings one row is read.
  return { tokens: fills * most, ms, weightBytes: 4 * (facts.parameters - (vocabularySize - 1) * width - (contextLength - 1) * width) };
}

/** Milliseconds to spend on measuring; the median of many runs is steadier than that of two. */
const PROFILE_MS = 2000;

/** Where the time of an update goes, dispatches of one label together, the longest first. */
async function profileKernels({ trainer }: DescentContender): Promise<ProfileAnswer> {
  const times = await trainer.profile(PROFILE_MS);
  if (!times) throw new Error("This device has no clock for single kernels (the feature timestamp-query).");
  const programs = [trainer.programs.gradients, trainer.programs.accumulate, trainer.programs.update].filter((one) => one !== undefined);
  const byLabel = new Map<string, KernelTime>();
  for (const one of times) {
    const step = programs.find(({ name }) => name === one.program)?.steps[one.step];
    // The arithmetic of a step is its longest dispatch's; the others make ready or add up.
    const isLongest = times.every((other) => other.program !== one.program || other.step !== one.step || other.seconds <= one.seconds);
    const flops = step && isLongest ? flopsOf(step.op, step.inputs, step.attributes) : 0;
    const sum = byLabel.get(one.label) ?? { label: one.label, dispatches: 0, ms: 0, flops: 0, bytes: 0 };
    byLabel.set(one.label, {
      label: one.label, dispatches: sum.dispatches + 1, ms: sum.ms + 1000 * one.seconds, flops: sum.flops + flops, bytes: sum.bytes + one.bytes,
    });
  }
  return { kernels: [...byLabel.values()].sort((a, b) => b.ms - a.ms) };
}
