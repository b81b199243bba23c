/** The programs of a tiny GPT, kept as text: a change of kernels, buffers or their order shows here and has to be meant. */
import { describe, expect, it } from "vitest";
import { BASE_TARGET } from "../engine/compiler/compile";
import { countDispatches, printProgram } from "../engine/compiler/program";
import { compilePrograms, planRun } from "./compileStep";
import { tinySettings } from "./testing/tinyRun";

function dispatchesOf(layers: number, model = "gpt"): { forward: number; backwardAndForward: number; update: number } {
  const plan = planRun(tinySettings({ model, layers, width: 32, heads: 2, contextLength: 32 }), 65, BASE_TARGET);
  const programs = compilePrograms(plan, BASE_TARGET);
  return { forward: countDispatches(programs.evaluate), backwardAndForward: countDispatches(programs.gradients), update: countDispatches(programs.update) };
}

describe("the programs of a run", () => {
  it("print as they did", async () => {
    const plan = planRun(tinySettings(), 27, BASE_TARGET);
    const { gradients, update, evaluate, decode, sample } = compilePrograms(plan, BASE_TARGET);
    const text = [gradients, update, evaluate, decode, sample].map(printProgram).join("\n\n");
    await expect(`${text}\n`).toMatchFileSnapshot("fixtures/tiny-gpt.program.txt");
  });

  it("take the same number of kernels for every further layer", () => {
    const [one, two, three] = [1, 2, 3].map((layers) => dispatchesOf(layers));
    const perLayer = { forward: two!.forward - one!.forward, both: two!.backwardAndForward - one!.backwardAndForward };
    expect(three!.forward - two!.forward).toBe(perLayer.forward);
    expect(perLayer.forward).toBe(7);
    expect(three!.backwardAndForward - two!.backwardAndForward).toBe(perLayer.both);
    expect(three!.update).toBe(one!.update);
  });

  it("keep no buffer that grows with the square of the context", () => {
    const bytes = [128, 256].map((contextLength) => {
      const plan = planRun(tinySettings({ contextLength, batchSize: 1 }), 27, BASE_TARGET);
      return compilePrograms(plan, BASE_TARGET).gradients.slots.reduce((sum, size) => sum + size, 0);
    });
    expect(bytes[1]! / bytes[0]!).toBeLessThan(2.1);
  });
});
