/**
 * How many kernels a training step is, by model: a number of dispatches is time that no kernel gives back. The targets are 7 forward and 16
 * backward for each layer and 16 for the rest. Counted by compiling; nothing is timed, so this holds on every machine.
 */
import { expect, test } from "vitest";
import { BASE_TARGET } from "../engine/compiler/compile";
import { countDispatches } from "../engine/compiler/program";
import type { Target } from "../engine/graph/op";
import { compilePrograms, planRun } from "./compileStep";
import { tinySettings } from "./testing/tinyRun";

type Settings = Parameters<typeof tinySettings>[0];

interface Counts {
  readonly forward: number;
  readonly gradients: number;
  readonly update: number;
}

/** Products in one piece: where the tuner cuts a long K, a second kernel adds up the pieces. */
const WHOLE: Target = { ...BASE_TARGET, choices: { matmul: "registers-4x4" } };

function countsOf(settings: Settings, vocabulary: number, target: Target): Counts {
  const { evaluate, gradients, update } = compilePrograms(planRun(tinySettings(settings), vocabulary, target), target);
  return { forward: countDispatches(evaluate), gradients: countDispatches(gradients), update: countDispatches(update) };
}

/** A further layer's kernels forward and backward, and those of a step that no layer has. */
function perLayer(settings: Settings): { forward: number; backward: number; fixed: number } {
  const [one, two, three] = [1, 2, 3].map((layers) => countsOf({ width: 64, heads: 2, contextLength: 64, batchSize: 8, ...settings, layers }, 65, WHOLE)) as [Counts, Counts, Counts];
  const forward = two.forward - one.forward;
  const both = two.gradients - one.gradients;
  expect([three.forward - two.forward, three.gradients - two.gradients]).toEqual([forward, both]);
  return { forward, backward: both - forward, fixed: one.gradients - both + three.update };
}

test.each([
  ["GPT", { model: "gpt" }, { forward: 7, backward: 14, fixed: 14 }],
  ["GPT without biases", { model: "gpt", biases: false }, { forward: 7, backward: 14, fixed: 14 }],
  ["Llama", { model: "llama" }, { forward: 9, backward: 17, fixed: 13 }],
])("%s", (_, settings, expected) => expect(perLayer(settings)).toEqual(expected));

test("the large GPT of the reference workload", () => {
  const kernels = [WHOLE, BASE_TARGET].map((target) => {
    const { gradients, update } = countsOf({ model: "gpt", biases: false, layers: 6, heads: 6, width: 384, contextLength: 256, batchSize: 4 }, 512, target);
    return gradients + update;
  });
  expect(kernels[0]).toBe(140);
  expect(kernels[1]).toBeLessThanOrEqual(155);
});
