/**
 * The reference workload in its sizes: a pre-LN GPT with an untied head and without biases, trained with AdamW (clip 1, weight
 * decay 0.1 on matrices). In: a name. Out: settings by their schema ids.
 */
export const SIZES = {
  xs: { layers: 1, heads: 2, width: 32, contextLength: 32, batchSize: 4, vocabulary: 65 },
  s: { layers: 2, heads: 2, width: 64, contextLength: 64, batchSize: 8, vocabulary: 65 },
  m: { layers: 4, heads: 4, width: 128, contextLength: 128, batchSize: 8, vocabulary: 65 },
  /** 64 windows on a GPU, 4 where the processor stands in for one. */
  l: { layers: 6, heads: 6, width: 384, contextLength: 256, batchSize: 64, slowBatchSize: 4, vocabulary: 512 },
  xl: { layers: 12, heads: 12, width: 768, contextLength: 1024, batchSize: 4, vocabulary: 50_257 },
} as const satisfies Record<string, Size>;

export interface Size {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly contextLength: number;
  readonly batchSize: number;
  readonly slowBatchSize?: number;
  readonly vocabulary: number;
}

export type SizeName = keyof typeof SIZES;

/** What every size shares; everything else is the schema's default. */
export const SHARED = {
  model: "gpt", biases: false, tiedEmbeddings: false, dropout: 0, optimizer: "adamw", learningRate: 1e-3, schedule: "constant", warmupSteps: 0,
  gradientClipping: 1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, seed: 1337,
} as const;

export function settingsOf(name: SizeName, isSlow: boolean): Record<string, string | number | boolean> {
  const { vocabulary: _, slowBatchSize, ...sizes }: Size = SIZES[name];
  return { ...SHARED, ...sizes, ...(isSlow && slowBatchSize ? { batchSize: slowBatchSize } : {}) };
}
