/** What the page asks of a contender's worker and what comes back: plain data; the answers are written to `bench/results`. */
import type { Ceilings } from "../src/engine/runtime/ceilings";
import type { Runtime } from "../src/engine/runtime/runtime";
import type { CONTENDERS } from "./contenders.mjs";
import type { SizeName } from "./sizes";

export type ContenderName = keyof typeof CONTENDERS;
/** Descent's own: on WebGPU, or on the processor. */
export type OwnName = "descent" | "descent-cpu";

export interface Weight {
  readonly shape: readonly number[];
  /** Whether weight decay pulls it to zero. */
  readonly decay: boolean;
  readonly data: Float32Array<ArrayBuffer>;
}

export interface Problem {
  readonly size: SizeName;
  /** A run's settings, by their schema ids. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  /** B, T and V. */
  readonly batch: number;
  readonly time: number;
  readonly vocabulary: number;
  readonly text: Uint32Array<ArrayBuffer>;
  /** Linear weights are [out, in]. */
  readonly weights: Readonly<Record<string, Weight>>;
}

/** When losses are read: after each update, or at the end of a block. */
export type Reading = "every step" | "at the end";

export type Question =
  /** Opens the device, makes the model, does the first update. */
  | { readonly ask: "start"; readonly problem: Problem }
  | { readonly ask: "block"; readonly steps: number; readonly reading: Reading }
  /** The same updates, counted instead of timed. */
  | { readonly ask: "count"; readonly steps: number }
  /** Descent only: the device and what it can do at best. */
  | { readonly ask: "describe" }
  /** Descent only: what all contenders of a size will be given. */
  | { readonly ask: "prepare"; readonly size: SizeName; readonly isSlow: boolean; readonly batch: number | undefined }
  /** Descent only: tokens one after another with the cache, at batch 1. */
  | { readonly ask: "generate"; readonly tokens: number }
  /** Descent only: the time of every dispatch of an update. */
  | { readonly ask: "profile" };

export interface Device {
  readonly runtime: Runtime["kind"];
  readonly adapter: string;
  readonly detail: string;
  readonly isSlow: boolean;
  readonly ceilings: Ceilings;
}

export interface StartAnswer {
  /** Opening the device; not part of the next figure. */
  readonly deviceMs: number;
  /** From nothing compiled to the first update's loss on this side: graphs, kernels, buffers, weights, one update. */
  readonly firstStepMs: number;
  readonly losses: readonly number[];
  readonly facts?: Facts;
  /** All that compute, where the processor does. */
  readonly threads?: number;
  /** What of the library computes, where its name does not say. */
  readonly detail?: string;
}

export interface BlockAnswer {
  /** From the first update to the moment the last loss is on this side. */
  readonly ms: number;
  readonly losses: readonly number[];
}

export interface CountAnswer {
  readonly counts: Counts;
}

export interface GenerateAnswer {
  readonly tokens: number;
  readonly ms: number;
  /** Read for every token. */
  readonly weightBytes: number;
}

/** Times of one kernel, all its dispatches of one update together. */
export interface KernelTime {
  readonly label: string;
  readonly dispatches: number;
  readonly ms: number;
  readonly flops: number;
  /** Bound ranges, each read or written once. */
  readonly bytes: number;
}

export interface ProfileAnswer {
  readonly kernels: readonly KernelTime[];
}

export type Answer = Device | Problem | StartAnswer | BlockAnswer | CountAnswer | GenerateAnswer | ProfileAnswer;

/** Per update, counted where the browser makes them. */
export interface Counts {
  readonly buffers: number;
  readonly bindGroups: number;
  readonly pipelines: number;
  readonly shaderModules: number;
  /** Layouts, query sets, textures, samplers: whatever else a device can create. */
  readonly others: number;
  /** Inherent: an encoder is used once. */
  readonly commandEncoders: number;
  readonly passes: number;
  readonly submits: number;
  readonly dispatches: number;
  /** Sum of the ranges that the dispatches bind: an upper bound of what they touch. */
  readonly boundBytes: number;
}

/** What only Descent knows of its own run. */
export interface Facts {
  readonly parameters: number;
  readonly tokensPerStep: number;
  /** Multiplications and additions of the matrix products and attention of one update; the same work for every contender. */
  readonly flopsPerStep: number;
  readonly plannedDispatches: number;
  readonly plannedSubmits: number;
  /** Activations that share memory, all programs together. */
  readonly slotBytes: number;
  /** Everything allocated for the run. */
  readonly memoryBytes: number;
  /** Measuring kernels to choose among them: part of the first step here, once per browser in the studio. */
  readonly tuningMs: number;
  /** The rest of what comes before the first update: graphs, kernels that the tuner did not compile, memory, first weights. */
  readonly compilingMs: number;
  readonly choices: Readonly<Record<string, string>>;
}

export interface Block {
  /** Milliseconds a step. */
  readonly ms: number;
  /** Processors that other programs kept busy meanwhile; null where the system does not tell. */
  readonly othersBusy: number | null;
  readonly isDisturbed: boolean;
}

/** One library at one size. */
export interface Entry {
  readonly size: SizeName;
  readonly contender: ContenderName;
  /** Why it was dropped; everything below is then what was known by that moment. */
  readonly dropped?: string;
  readonly start?: StartAnswer;
  readonly firstLosses: readonly number[];
  readonly reading: Reading;
  readonly stepsPerBlock: number;
  readonly blocks: readonly Block[];
  readonly lastLoss: number | null;
  readonly counts?: Counts;
}

/** What the driver of a benchmark can ask of a place where contenders run. */
export interface BenchPage {
  describe(name: OwnName): Promise<Device>;
  /** Makes what all contenders of a size are given; gives the settings of that run. */
  prepare(size: SizeName, isSlow: boolean, batch?: number): Promise<Problem["settings"]>;
  /** Starts afresh each time: no size finds the pipelines of another. */
  start(name: ContenderName): Promise<Answer>;
  ask(name: ContenderName, question: Question): Promise<Answer>;
  stop(name: ContenderName): Promise<void>;
}

/** Into a folder; what it gives writes windows.i32 there: ids [B, T], then targets [B, T], of so many next steps. */
export type WriteProblem = (folder: string, ...problem: Parameters<BenchPage["prepare"]>) => (steps: number) => void;
