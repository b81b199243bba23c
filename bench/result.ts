/** What the page asks of the benchmark worker and what comes back: plain data, written to `bench/results` as it is. */
import type { SizeName } from "./sizes";

export interface BenchRequest {
  readonly size: SizeName;
  /** Updates to time. */
  readonly steps: number;
}

/** Objects made and calls sent per update, counted where the browser makes them. */
export interface Counts {
  readonly buffers: number;
  readonly bindGroups: number;
  readonly pipelines: number;
  readonly shaderModules: number;
  /** Layouts, query sets, textures, samplers: whatever else a device can create. */
  readonly others: number;
  /** Inherent: an encoder is used once. */
  readonly commandEncoders: number;
  readonly submits: number;
  readonly dispatches: number;
}

export interface BenchResult {
  readonly size: SizeName;
  readonly adapter: string;
  readonly detail: string;
  readonly isSlow: boolean;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly parameters: number;
  readonly tokensPerStep: number;
  /** Multiplications and additions of the matrix products and attention of one update. */
  readonly flopsPerStep: number;
  /** Of the program, before it ran. */
  readonly plannedDispatches: number;
  readonly plannedSubmits: number;
  /** Activations that share memory, all programs together. */
  readonly slotBytes: number;
  /** Everything allocated for the run. */
  readonly memoryBytes: number;
  /** Opening the device; not part of the next figure. */
  readonly deviceMs: number;
  /** From nothing compiled to the first update's loss on this side: graphs, kernels, buffers, weights, one update. */
  readonly firstStepMs: number;
  /** Milliseconds a step of each timed block, oldest first; a block ends when its last loss is on this side. */
  readonly blocks: readonly number[];
  readonly stepsPerBlock: number;
  /** Per timed update; null on the CPU runtime, which has no such objects. */
  readonly counts: Counts | null;
  readonly firstLoss: number;
  readonly lastLoss: number;
}
