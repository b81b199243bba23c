/**
 * Descent as a contender: the very parts that the studio trains with. In: a runtime, a problem. Out: a `Contender`, and what only
 * Descent can tell: how fast it writes text, where the time of an update goes.
 */
import { buffersOf } from "../src/engine/compiler/program";
import type { Runtime } from "../src/engine/runtime/runtime";
import { withChoices } from "../src/engine/tuner/withChoices";
import { parseExperiment } from "../src/settings/experiment";
import { makeCatalog } from "../src/training/catalog";
import { planRun } from "../src/training/compileStep";
import { chooseKernels } from "../src/training/kernelChoices";
import { countParameters } from "../src/training/parameters";
import { type Trainer, createTrainer } from "../src/training/trainer";
import type { Contender } from "./contender";
import { batchesOf } from "./problem";
import type { Facts, GenerateAnswer, Problem } from "./result";

export interface DescentContender extends Contender {
  readonly trainer: Trainer;
  readonly facts: Facts;
}

export async function trainWithDescent(runtime: Runtime, problem: Problem): Promise<DescentContender> {
  const { settings } = parseExperiment(makeCatalog(), problem.settings);
  const plan = planRun(settings, problem.vocabulary, runtime.target);
  const { choices } = await chooseKernels({ plan, runtime });
  const trainer = await createTrainer({ plan, runtime: withChoices(runtime, choices), batches: batchesOf(problem) });
  trainer.initialize();
  trainer.restore(firstState(trainer, problem));
  return {
    trainer,
    facts: factsOf(trainer),
    update: (step) => trainer.update(step),
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

function factsOf({ plan, programs, dispatchesPerStep, submitsPerStep, memoryBytes }: Trainer): Facts {
  const all = [programs.gradients, programs.accumulate, programs.update, programs.evaluate, programs.decode].filter((one) => one !== undefined);
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

const UNTIMED_TOKENS = 4;

/** One token after the other, each fed back in, from an empty cache; no sampling, so that only the model is timed. */
export async function generateTokens({ trainer, facts }: DescentContender, tokens: number): Promise<GenerateAnswer> {
  const { contextLength, vocabularySize, width } = trainer.plan.decoder.config;
  const count = Math.min(tokens, contextLength - UNTIMED_TOKENS);
  let began = 0;
  let token = 0;
  for (let position = 0; position < count + UNTIMED_TOKENS; position += 1) {
    if (position === UNTIMED_TOKENS) began = performance.now();
    const logits = await trainer.decode(token, position);
    token = logits.reduce((best, value, index) => (value > logits[best]! ? index : best), 0);
  }
  const ms = performance.now() - began;
  // Of the two tables of embeddings one row is read.
  return { tokens: count, ms, weightBytes: 4 * (facts.parameters - (vocabularySize - 1) * width - (contextLength - 1) * width) };
}
