/**
 * Trains one size and times it, with the very parts that the studio trains with: planRun, createTrainer, a device of the worker
 * floor. In: a BenchRequest. Out: a BenchResult, or the text of an error. Updates are queued as the loop queues them; a
 * block of them is timed from its first to the moment its losses have been read back, so no queued work is left out.
 */
import { memoryTokenSource } from "../src/data/tokenSource";
import { buffersOf } from "../src/engine/compiler/program";
import { type Words, philox } from "../src/engine/wgsl/philox";
import { parseExperiment } from "../src/settings/experiment";
import { createBatches } from "../src/training/batches";
import { makeCatalog } from "../src/training/catalog";
import { planRun } from "../src/training/compileStep";
import { countParameters } from "../src/training/parameters";
import { type Trainer, createTrainer } from "../src/training/trainer";
import { openRuntime } from "../src/worker/device";
import { countWebGpuCalls, perStep } from "./count";
import type { BenchRequest, BenchResult } from "./result";
import { SIZES, settingsOf } from "./sizes";

const readTotals = countWebGpuCalls();

const WARM_UP_STEPS = 3;
/** Long enough that the one wait at a block's end weighs little, and at least this many blocks. */
const BLOCK_MS = 100;
const FEWEST_BLOCKS = 5;
const TOKENS = 2 ** 16;

self.onmessage = ({ data }: MessageEvent<BenchRequest>) => {
  bench(data).then(
    (result) => self.postMessage({ result }),
    (error: unknown) => self.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
};

async function bench({ size, steps }: BenchRequest): Promise<BenchResult> {
  const opening = performance.now();
  const { runtime, summary } = await openRuntime((message) => self.postMessage({ error: `WebGPU refused an operation: ${message}` }));
  const deviceMs = performance.now() - opening;
  const given = settingsOf(size, summary.slow);
  const { settings, problems } = parseExperiment(makeCatalog(), given);
  if (problems.length > 0) throw new Error(problems.join(" "));

  const { vocabulary } = SIZES[size];
  const source = memoryTokenSource(randomTokens(vocabulary));
  const { contextLength, batchSize } = SIZES[size];
  const batches = createBatches({
    source, trainTokens: Math.floor(0.9 * TOKENS), contextLength, batchSize: Number(given["batchSize"] ?? batchSize), seed: settings.seed,
  });

  const start = performance.now();
  const plan = planRun(settings, vocabulary, runtime.target);
  const trainer = await createTrainer({ plan, runtime, batches });
  trainer.initialize();
  await trainer.update(0);
  const [first] = await trainer.collect();
  const firstStepMs = performance.now() - start;

  const { stepsPerBlock, blocks, counts, lastLoss } = await timeBlocks(trainer, steps);
  const { programs } = trainer;
  const all = [programs.gradients, programs.accumulate, programs.update, programs.evaluate, programs.decode].filter((one) => one !== undefined);
  const slots = Object.entries(buffersOf(all)).filter(([name]) => name.startsWith("slot"));
  return {
    size,
    adapter: summary.name,
    detail: summary.detail,
    isSlow: summary.slow,
    settings,
    parameters: countParameters(plan.layout.specs),
    tokensPerStep: plan.extent.batch * plan.extent.time,
    flopsPerStep: programs.gradients.flops + programs.update.flops,
    plannedDispatches: trainer.dispatchesPerStep,
    plannedSubmits: trainer.submitsPerStep,
    slotBytes: slots.reduce((sum, [, bytes]) => sum + bytes, 0),
    memoryBytes: trainer.memoryBytes,
    deviceMs,
    firstStepMs,
    blocks,
    stepsPerBlock,
    counts: runtime.kind === "webgpu" ? counts : null,
    firstLoss: first?.loss ?? NaN,
    lastLoss,
  };
}

async function timeBlocks(trainer: Trainer, steps: number) {
  let step = 1;
  let lastLoss = NaN;
  /** Milliseconds of `count` updates. */
  const runBlock = async (count: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < count; i += 1) await trainer.update(step++);
    lastLoss = (await trainer.collect()).at(-1)?.loss ?? NaN;
    return performance.now() - start;
  };
  const guess = (await runBlock(WARM_UP_STEPS)) / WARM_UP_STEPS;
  const stepsPerBlock = Math.max(1, Math.min(Math.ceil(BLOCK_MS / guess), Math.floor(steps / FEWEST_BLOCKS)));
  // A whole block more, so that the readback ring has all its buffers.
  await runBlock(stepsPerBlock);
  const before = readTotals();
  const blocks: number[] = [];
  while (blocks.length * stepsPerBlock < steps) blocks.push((await runBlock(stepsPerBlock)) / stepsPerBlock);
  const counts = perStep(before, readTotals(), blocks.length * stepsPerBlock);
  return { stepsPerBlock, blocks, counts, lastLoss };
}

/** The same tokens on every machine. */
function randomTokens(vocabulary: number): Uint32Array {
  const tokens = new Uint32Array(TOKENS);
  const words: Words = [0, 0, 0, 0];
  for (let i = 0; i < TOKENS; i += 4) {
    [words[0], words[1], words[2], words[3]] = [i / 4, 0, 0, 0];
    philox(words, 1337, 0);
    for (let k = 0; k < 4; k += 1) tokens[i + k] = words[k]! % vocabulary;
  }
  return tokens;
}
