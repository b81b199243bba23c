/**
 * Activations kept as bf16, in whole runs: how much memory that is, that it costs no dispatch, and that the loss falls as it does with f32.
 */
import { expect, test } from "vitest";
import { BASE_TARGET } from "../engine/compiler/compile";
import { type Program, buffersOf, countDispatches } from "../engine/compiler/program";
import { openCpuRuntime } from "../engine/runtime/cpu";
import { compilePrograms, planRun } from "./compileStep";
import { makeTinyRun, makeUpdates, tinySettings } from "./testing/tinyRun";

type Change = NonNullable<Parameters<typeof tinySettings>[0]>;

function programsOf(change: Change, vocabulary: number): { readonly gradients: Program; readonly bytes: number } {
  const target = { ...BASE_TARGET, bindingBytes: 2 ** 31 - 4 };
  const { gradients, update, evaluate, decode } = compilePrograms(planRun(tinySettings(change), vocabulary, target), target);
  return { gradients, bytes: Object.values(buffersOf([gradients, update, evaluate, decode])).reduce((sum, bytes) => sum + bytes, 0) };
}

test.each([
  ["S", 2, 2, 64, 64, 8, 65, 0.73], ["M", 4, 4, 128, 128, 8, 65, 0.7], ["L", 6, 6, 384, 256, 64, 512, 0.58], ["XL", 12, 12, 768, 1024, 4, 50_257, 0.76],
] as const)("%s takes less memory in as many dispatches", (_, layers, heads, width, contextLength, batchSize, vocabulary, share) => {
  const size = { layers, heads, width, contextLength, batchSize };
  const [f32, bf16] = ["f32", "bf16"].map((activations) => programsOf({ ...size, activations }, vocabulary)) as [ReturnType<typeof programsOf>, ReturnType<typeof programsOf>];
  expect(bf16.bytes / f32.bytes).toBeLessThan(share);
  expect(countDispatches(bf16.gradients)).toBe(countDispatches(f32.gradients));
});

test.each([
  ["GPT", { model: "gpt" }, 0], ["Llama", { model: "llama", keyValueHeads: 1 }, 0], ["computed again", { gradientCheckpointing: true }, 0],
  // What dropout leaves of the embedding is the first residual, and dropout's kernel takes no epilogue.
  ["dropout", { dropout: 0.1 }, 1],
] as const)("%s costs no dispatch of a layer", (_, change, more) => {
  const [f32, bf16] = ["f32", "bf16"].map((activations) => countDispatches(programsOf({ layers: 2, width: 64, contextLength: 64, ...change, activations }, 65).gradients));
  expect(bf16! - f32!).toBeLessThanOrEqual(more);
});

const STEPS = 200;
/** Of a loss of f32, at every step; another seed differs by three quarters. */
const TOLERANCE = 0.02;

test.each(["gpt", "llama"])("%s: the loss stays near that of f32 for 200 steps", async (model) => {
  const [f32, bf16] = await Promise.all(["f32", "bf16"].map(async (activations) => {
    const settings = tinySettings({ model, steps: STEPS, learningRate: 3e-3, activations });
    const { trainer } = await makeTinyRun(openCpuRuntime(), settings);
    const results = await makeUpdates(trainer, 0, STEPS);
    trainer.destroy();
    return results.map(({ loss }) => loss);
  })) as [number[], number[]];
  const apart = f32.map((loss, step) => Math.abs(bf16[step]! - loss) / loss);
  expect(f32.at(-1)).toBeLessThan(f32[0]! / 2);
  expect(Math.max(...apart)).toBeLessThan(TOLERANCE);
  expect(Math.max(...apart)).toBeGreaterThan(0);
}, 120_000);
