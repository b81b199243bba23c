/** A small run on repeating text, for tests of the loop. In: a runtime, settings to change. Out: plan, batches, trainer. */
import type { Runtime } from "../../engine/runtime/runtime";
import { memoryTokenSource } from "../../data/tokenSource";
import { type Experiment, parseExperiment } from "../../settings/experiment";
import { type Batches, createBatches } from "../batches";
import { makeCatalog } from "../catalog";
import { type Plan, planRun } from "../compileStep";
import { type Trainer, createTrainer } from "../trainer";

export const TINY_TEXT = "the quick brown fox jumps over the lazy dog. ".repeat(60);
const letters = [...new Set(TINY_TEXT)].sort();

export const TINY_TOKENS = Uint32Array.from(TINY_TEXT, (letter) => letters.indexOf(letter));
export const TINY_VOCABULARY = letters.length;

export const TINY_SETTINGS = {
  layers: 1, heads: 2, width: 16, contextLength: 12, batchSize: 3, steps: 40, learningRate: 1e-2, warmupSteps: 4, validationEvery: 10,
  samplePrompt: "the", seed: 5,
} as const;

export function tinySettings(change: Readonly<Record<string, number | string | boolean>> = {}): Experiment {
  const { settings, problems } = parseExperiment(makeCatalog(), { ...TINY_SETTINGS, ...change });
  if (problems.length > 0) throw new Error(problems.join(" "));
  return settings;
}

export interface TinyRun {
  readonly plan: Plan;
  readonly batches: Batches;
  readonly trainer: Trainer;
}

export async function makeTinyRun(runtime: Runtime, settings: Experiment): Promise<TinyRun> {
  const plan = planRun(settings, TINY_VOCABULARY, runtime.target);
  const { batch: batchSize, time: contextLength } = plan.extent;
  const trainTokens = Math.floor(TINY_TOKENS.length * 0.9);
  const batches = createBatches({ source: memoryTokenSource(TINY_TOKENS), trainTokens, contextLength, batchSize, seed: settings.seed });
  const trainer = await createTrainer({ plan, runtime, batches });
  trainer.initialize();
  return { plan, batches, trainer };
}

/** All updates of [from, to), and their results. */
export async function makeUpdates(trainer: Trainer, from: number, to: number): ReturnType<Trainer["collect"]> {
  for (let step = from; step < to; step += 1) await trainer.update(step);
  return trainer.collect();
}
