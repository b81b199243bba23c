/** Gradient checkpointing and heads in chunks, in whole runs: the same numbers from less memory. */
import { expect, test } from "vitest";
import { BASE_TARGET } from "../engine/compiler/compile";
import { type Program, buffersOf } from "../engine/compiler/program";
import { compilePrograms, planRun } from "./compileStep";
import { makeTinyRun, makeUpdates, tinySettings } from "./testing/tinyRun";
import { openCpuRuntime } from "../engine/runtime/cpu";

const slotBytes = ({ slots }: Program): number => slots.reduce((sum, bytes) => sum + bytes, 0);

test.each(["gpt", "llama"])("%s: blocks that are computed again give the same run, bit for bit", async (model) => {
  const [plain, again] = await Promise.all(
    [false, true].map(async (gradientCheckpointing) => {
      const settings = tinySettings({ model, layers: 2, ...(model === "llama" ? { keyValueHeads: 1 } : {}), dropout: 0.2, gradientCheckpointing });
      const { trainer } = await makeTinyRun(openCpuRuntime(), settings);
      const results = await makeUpdates(trainer, 0, 8);
      const state = await trainer.snapshot();
      trainer.destroy();
      return { results, parameters: new Uint8Array(state["parameters"]!) };
    }),
  );
  expect(again).toEqual(plain);
});

test("each further layer keeps little more than its input", () => {
  const grownBy = (gradientCheckpointing: boolean): number => {
    const [few, many] = [8, 12].map((layers) => {
      const plan = planRun(tinySettings({ layers, width: 64, contextLength: 64, batchSize: 4, gradientCheckpointing }), 65, BASE_TARGET);
      return slotBytes(compilePrograms(plan, BASE_TARGET).gradients);
    });
    return (many! - few!) / 4 / (64 * 4 * 64 * 4);
  };
  expect(grownBy(true)).toBeLessThan(1.1);
  expect(grownBy(false)).toBeGreaterThan(10);
});

test("a vocabulary that is too large for whole logits is trained in chunks", () => {
  const plan = planRun(tinySettings({ width: 64, contextLength: 64, batchSize: 4 }), 500, BASE_TARGET);
  const largestLogits = 64 * 500 * 4;
  const { gradients, evaluate } = compilePrograms({ ...plan, largestLogits }, BASE_TARGET);
  for (const program of [gradients, evaluate]) {
    const logits = program.steps.flatMap(({ outputs }) => outputs).filter(({ shape }) => shape.at(-1) === 500);
    expect(logits.length).toBeGreaterThan(0);
    for (const { bytes } of logits) expect(bytes).toBeLessThanOrEqual(largestLogits);
  }
});

/**
 * What a pre-LN GPT has to keep for its backward pass, in numbers. Per layer and token: two inputs of norms, their two outputs,
 * q | k | v (3), the mixed values, the hidden numbers before and after GELU (4 each): 16 widths; a log-sum per head; two means and
 * deviations. Besides: the last norm's input and output, and the logits, as far as they are made at once.
 */
function activationBound({ layers, heads, width, rows, vocabulary }: Record<"layers" | "heads" | "width" | "rows" | "vocabulary", number>): number {
  return 4 * (rows * layers * (16 * width + heads + 4) + rows * (2 * width + 2) + Math.min(rows * vocabulary, 2 ** 24));
}

test.each([
  ["S", 2, 2, 64, 64, 8, 65], ["M", 4, 4, 128, 128, 8, 65], ["L", 6, 6, 384, 256, 64, 512], ["XL", 12, 12, 768, 1024, 4, 50_257],
] as const)("%s: activations take at most 1.15 times what has to be kept; XL fits in 6 GB", (_, layers, heads, width, contextLength, batchSize, vocabulary) => {
  const target = { ...BASE_TARGET, bindingBytes: 2 ** 31 - 4 };
  const plan = planRun(tinySettings({ layers, heads, width, contextLength, batchSize }), vocabulary, target);
  const { gradients, update, evaluate, decode } = compilePrograms(plan, target);
  const bound = activationBound({ layers, heads, width, rows: contextLength * batchSize, vocabulary });
  expect(slotBytes(gradients)).toBeLessThanOrEqual(1.15 * bound);
  const all = Object.values(buffersOf([gradients, update, evaluate, decode])).reduce((sum, bytes) => sum + bytes, 0);
  expect(all).toBeLessThan(6e9);
});
