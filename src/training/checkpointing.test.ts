/** Gradient checkpointing and heads in chunks, in whole runs: the same numbers from less memory. */
import { expect, test } from "vitest";
import { BASE_TARGET } from "../engine/compiler/compile";
import type { Program } from "../engine/compiler/program";
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
