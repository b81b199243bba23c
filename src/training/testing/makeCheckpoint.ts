/**
 * Checkpoints for tests: everything in them is made from (run, step), so that a loaded one can be compared with the one that
 * was saved. In: a run's id and a step. Out: a small state of many sectors.
 */
import { parseExperiment } from "../../settings/experiment";
import { type CheckpointState, PARAMETERS } from "../checkpoint";

const EMPTY_CATALOG = { tokenizers: [], objectives: [], models: [], optimizers: [], schedules: [] };

function numbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233));
}

export function makeCheckpoint(runId: string, step: number, floats = 300): CheckpointState {
  return {
    manifest: {
      runId,
      name: "brave-otter",
      step,
      tokens: step * 512,
      seconds: step * 0.25,
      settings: { ...parseExperiment(EMPTY_CATALOG, undefined).settings, learningRate: 0.003, layers: 4, tied: true },
      data: {
        datasetId: "moby-dick", datasetName: "Moby-Dick", tokenizerId: "characters", tokenizer: '{"characters":"aé🐳\\ud800"}', vocabularySize: 3,
        shard: "shards/abc.characters-1.tok", bytesPerToken: 1, tokens: 1000, trainTokens: 900, hash: "abc",
        baselines: { uniform: 1.1, unigram: 0.9, bigram: 0.5 }, notes: ["One character was left out."],
      },
      modelParameters: floats,
      kernelChoices: '{"matmul 64x64":"tile8"}',
      metricColumns: ["step", "trainingLoss", "learningRate"],
      startedAt: 1_790_000_000_000,
      savedAt: 1_790_000_000_000 + step * 1000,
    },
    arenas: {
      [PARAMETERS]: numbers(floats, step).buffer,
      firstMoments: numbers(floats, step + 0.5).buffer,
      secondMoments: new ArrayBuffer(0),
    },
    history: {
      metrics: Float32Array.from({ length: 3 * step }, (_, i) => (i % 7 === 3 ? NaN : i / 3)),
      validation: Array.from({ length: step % 5 }, (_, i) => ({ step: i, tokens: i * 512, seconds: i / 7, loss: i === 2 ? Infinity : i === 1 ? NaN : 1 / (i + 1) })),
      samples: [{ step, prompt: "Call me", text: `Ishmael ${step} 🐳 \ud800` }],
    },
  };
}
