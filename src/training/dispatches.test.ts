/**
 * How many kernels a training step is, by model and size: a number of dispatches is time that no kernel gives back. The targets are 7
 * forward and 16 backward for each layer of a GPT, 16 for the rest, and 155 for L. Counted by compiling; nothing is timed, so this holds
 * on every machine. docs/performance.md shows these tables.
 */
import { describe, expect, test } from "vitest";
import { BASE_TARGET } from "../engine/compiler/compile";
import { type Program, countDispatches } from "../engine/compiler/program";
import type { Target } from "../engine/graph/op";
import { compilePrograms, planRun } from "./compileStep";
import { tinySettings } from "./testing/tinyRun";

type Settings = NonNullable<Parameters<typeof tinySettings>[0]>;

/** Products in one piece: where the tuner cuts a long K, a second kernel adds up the pieces. The limits are those that most adapters have. */
const WHOLE: Target = { ...BASE_TARGET, storageBuffers: 10, choices: { matmul: "registers-4x4" } };
/** What every WebGPU device allows. */
const SMALLEST: Target = { ...WHOLE, storageBuffers: 8 };
/** Norms whose rows are shared by a workgroup, which leaves the sums over rows to a second kernel. */
const SHARED_ROWS: Target = { ...WHOLE, choices: { ...WHOLE.choices, rows: "32" } };

const programsOf = (settings: Settings, vocabulary: number, target: Target) => compilePrograms(planRun(tinySettings(settings), vocabulary, target), target);

const SMALL = { width: 64, heads: 2, contextLength: 64, batchSize: 8 } as const;

interface Counts {
  readonly forward: number;
  readonly gradients: number;
  readonly update: number;
}

function countsOf(settings: Settings, target: Target): Counts {
  const { evaluate, gradients, update } = programsOf({ ...SMALL, ...settings }, 65, target);
  return { forward: countDispatches(evaluate), gradients: countDispatches(gradients), update: countDispatches(update) };
}

interface PerLayer {
  readonly forward: number;
  readonly backward: number;
  readonly fixed: number;
}

/** A further layer's kernels forward and backward, and those of an update that no layer has. */
function perLayer(settings: Settings, target: Target = WHOLE): PerLayer {
  const [one, two, three] = [1, 2, 3].map((layers) => countsOf({ ...settings, layers }, target)) as [Counts, Counts, Counts];
  const forward = two.forward - one.forward;
  const both = two.gradients - one.gradients;
  expect([three.forward - two.forward, three.gradients - two.gradients]).toEqual([forward, both]);
  return { forward, backward: both - forward, fixed: one.gradients - both + three.update };
}

const MODELS: readonly (readonly [string, Settings, PerLayer])[] = [
  ["GPT", { model: "gpt" }, { forward: 7, backward: 12, fixed: 13 }],
  ["GPT without biases", { model: "gpt", biases: false }, { forward: 7, backward: 12, fixed: 13 }],
  ["GPT with a head of its own", { model: "gpt", tiedEmbeddings: false }, { forward: 7, backward: 12, fixed: 13 }],
  ["Llama", { model: "llama" }, { forward: 9, backward: 15, fixed: 12 }],
  ["Llama with tied embeddings", { model: "llama", tiedEmbeddings: true }, { forward: 9, backward: 15, fixed: 12 }],
  ["LayerNorm, learned positions, SwiGLU", { model: "transformer", normalization: "layerNorm", positions: "learned", feedForward: "swiglu" }, { forward: 8, backward: 14, fixed: 13 }],
  ["RMSNorm, rotary positions, GELU", { model: "transformer", normalization: "rmsNorm", positions: "rotary", feedForward: "gelu" }, { forward: 8, backward: 13, fixed: 12 }],
];

describe("per layer, and the rest", () => {
  test.each(MODELS)("%s", (_, settings, expected) => expect(perLayer(settings)).toEqual(expected));

  test.each(MODELS)("dropout costs nothing: %s", (_, settings) => {
    expect(countsOf({ ...settings, layers: 2, dropout: 0.1 }, WHOLE)).toEqual(countsOf({ ...settings, layers: 2 }, WHOLE));
  });

  test("dropout where only eight buffers can be bound: the sums beside a norm's gradient take a kernel of their own", () => {
    const ofTwoLayers = (settings: Settings): number => countsOf({ ...settings, layers: 2 }, SMALLEST).gradients;
    expect(["gpt", "llama"].map((model) => [ofTwoLayers({ model }), ofTwoLayers({ model, dropout: 0.1 })])).toEqual([[48, 53], [57, 60]]);
  });

  test("with rows shared by a workgroup, and with dropout there", () => {
    expect(perLayer({ model: "gpt" }, SHARED_ROWS)).toEqual({ forward: 7, backward: 14, fixed: 14 });
    expect(perLayer({ model: "gpt", dropout: 0.1 }, SHARED_ROWS)).toEqual({ forward: 7, backward: 14, fixed: 14 });
  });

  test("with gradient checkpointing and several batches an update", () => {
    expect(perLayer({ model: "gpt", gradientCheckpointing: true, dropout: 0.1 })).toEqual({ forward: 7, backward: 18, fixed: 13 });
    const { accumulate, gradients } = programsOf({ ...SMALL, gradientAccumulation: 4 }, 65, WHOLE);
    expect(countDispatches(accumulate!)).toBe(2);
    expect(countDispatches(gradients)).toBe(countDispatches(programsOf(SMALL, 65, WHOLE).gradients));
  });
});

/** Kernels that do nothing but elementwise work, or move numbers. */
function alone(program: Program): string[] {
  const labels = program.steps.flatMap((step) => (["fusedElementwise", "slice", "pad", "permute", "stack"].includes(step.op) ? step.dispatches : []));
  return labels.map(({ kernel }) => `${program.name}: ${program.kernels[kernel]!.label}`);
}

test.each(MODELS)("no sum, activation or dropout stands alone: %s", (_, settings) => {
  for (const target of [WHOLE, SMALLEST, SHARED_ROWS]) {
    for (const more of [{}, { dropout: 0.1 }, { dropout: 0.1, gradientCheckpointing: true }]) {
      const { gradients, evaluate, decode } = programsOf({ ...SMALL, ...settings, ...more, layers: 2 }, 65, target);
      expect([gradients, evaluate, decode].flatMap(alone)).toEqual([]);
    }
  }
});

/** The reference workload; `dispatches` of a whole update. */
const SIZES: readonly (readonly [string, Settings, number, number])[] = [
  ["XS", { layers: 1, heads: 2, width: 32, contextLength: 32, batchSize: 4 }, 65, 31],
  ["S", { layers: 2, heads: 2, width: 64, contextLength: 64, batchSize: 8 }, 65, 51],
  ["M", { layers: 4, heads: 4, width: 128, contextLength: 128, batchSize: 8 }, 65, 89],
  ["L", { layers: 6, heads: 6, width: 384, contextLength: 256, batchSize: 4 }, 512, 127],
  // From 1025 tokens on the gradient of a frequent token's embedding is added in blocks, by one kernel more.
  ["L, 64 windows", { layers: 6, heads: 6, width: 384, contextLength: 256, batchSize: 64 }, 512, 128],
];

test.each(SIZES)("the reference workload: %s", (_, settings, vocabulary, dispatches) => {
  const ofUpdate = (target: Target): number => {
    const { gradients, update } = programsOf({ model: "gpt", biases: false, tiedEmbeddings: false, ...settings }, vocabulary, target);
    return countDispatches(gradients) + countDispatches(update);
  };
  expect(ofUpdate(WHOLE)).toBe(dispatches);
  expect(ofUpdate(BASE_TARGET)).toBeLessThanOrEqual(155);
});
