/**
 * What crosses between the page and its two workers: plain data only. Commands are methods of two interfaces carried by
 * Comlink; everything the train worker reports by itself is a `TrainEvent` on one MessagePort, batched. Failures are data,
 * because Comlink keeps nothing of an error but its text.
 */
import type { Catalog, Experiment } from "../settings/experiment";
import type { Failure } from "../settings/failure";

// ------------------------------------------------------------------------------------------------ failures

export type { Failure, FailureKind } from "../settings/failure";

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

// ------------------------------------------------------------------------------------------------ data worker

export interface DatasetSummary {
  readonly id: string;
  readonly name: string;
  /** Where it came from: shipped with the app, made by a generator, or brought by the user. */
  readonly origin: "sample" | "task" | "user";
  readonly summary: string;
  /** UTF-8 bytes; 0 while a sample has not been opened yet. */
  readonly bytes: number;
  readonly characters: number;
  /** The source, licence or author, where there is one. */
  readonly source?: string;
  /** A prompt that suits this text. */
  readonly prompt: string;
}

export interface ImportProgress {
  readonly name: string;
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** Entropies in nats per token of the training split; what a model that knows nothing, frequencies, or pairs would score. */
export interface Baselines {
  readonly uniform: number;
  readonly unigram: number;
  readonly bigram: number;
}

/** A dataset cut into tokens, ready for the train worker, which opens `shard` itself. */
export interface PreparedData {
  readonly datasetId: string;
  readonly datasetName: string;
  readonly tokenizerId: string;
  /** The trained tokenizer as JSON text (tokenizers restore themselves from it). */
  readonly tokenizer: string;
  readonly vocabularySize: number;
  /** Path in the origin's private file system; bytesPerToken 1, 2 or 4, little-endian. */
  readonly shard: string;
  readonly bytesPerToken: 1 | 2 | 4;
  /** Tokens [0, trainTokens) train, [trainTokens, tokens) validate. */
  readonly tokens: number;
  readonly trainTokens: number;
  /** SHA-256 of the shard, so that a resume notices a changed dataset. */
  readonly hash: string;
  readonly baselines: Baselines;
}

export interface DataBackend {
  listDatasets(): Promise<Result<DatasetSummary[]>>;
  /** Streams the file in; `onProgress` is a Comlink proxy, never awaited. */
  importFile(file: File, onProgress: (progress: ImportProgress) => void): Promise<Result<DatasetSummary>>;
  importText(name: string, content: string): Promise<Result<DatasetSummary>>;
  cancelImport(): Promise<void>;
  removeDataset(id: string): Promise<Result<null>>;
  /** The first `characters` of the text, for the preview. */
  readText(id: string, characters: number): Promise<Result<string>>;
  prepare(datasetId: string, tokenizerId: string, validationFraction: number): Promise<Result<PreparedData>>;
}

// ------------------------------------------------------------------------------------------------ train worker

export interface DeviceSummary {
  readonly runtime: "webgpu" | "cpu";
  /** e.g. "Apple M2" or "SwiftShader (software)" or "CPU". */
  readonly name: string;
  /** e.g. "WebGPU, f32, subgroups 32". */
  readonly detail: string;
  /** True for a software adapter or the CPU runtime: smaller defaults suit it. */
  readonly slow: boolean;
  /** Why there is no WebGPU, and which browsers and settings have it; absent when there is. */
  readonly notice?: Failure;
  /** Settings that suit this machine, laid over the schema's defaults on a first visit. */
  readonly defaults: Readonly<Record<string, number | string | boolean>>;
}

/** What a run would cost, before it starts. */
export interface Preview {
  readonly parameters: number;
  readonly memoryBytes: number;
  /** Largest single allocation allowed here; a run above it is refused. */
  readonly memoryLimitBytes: number;
  readonly tokensPerStep: number;
  readonly secondsPerStep: number;
  /** Problems that forbid Train, each a full sentence. */
  readonly problems: readonly string[];
}

export type RunPhase = "preparing" | "running" | "paused" | "finished" | "stopped" | "failed";

export interface RunSummary {
  readonly id: string;
  /** Two readable words, from the seed of the run. */
  readonly name: string;
  readonly phase: RunPhase;
  readonly step: number;
  readonly settings: Experiment;
  readonly data: PreparedData;
  readonly parameters: number;
  /** Step of the newest checkpoint on disk; -1 before the first. */
  readonly savedStep: number;
  readonly startedAt: number;
}

/** The columns of one telemetry row, in order. `seconds` is active training time, pauses excluded. */
export const METRIC_COLUMNS = ["step", "trainingLoss", "learningRate", "gradientNorm", "tokens", "seconds"] as const;
export type MetricColumn = (typeof METRIC_COLUMNS)[number];

export interface GenerateRequest {
  readonly prompt: string;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
}

export type TrainEvent =
  | { readonly type: "run"; readonly run: RunSummary }
  /** What is being done before the first step: "Compiling 24 of 31 kernels". */
  | { readonly type: "progress"; readonly text: string; readonly fraction: number }
  /** `rows` rows of METRIC_COLUMNS.length numbers; the buffer is transferred. Not-finite values are kept. */
  | { readonly type: "metrics"; readonly rows: number; readonly values: Float32Array }
  | { readonly type: "validation"; readonly step: number; readonly tokens: number; readonly seconds: number; readonly loss: number }
  | { readonly type: "sample"; readonly step: number; readonly prompt: string; readonly text: string }
  | { readonly type: "speed"; readonly tokensPerSecond: number; readonly dispatches: number; readonly submits: number }
  | { readonly type: "saved"; readonly step: number }
  /** Text added to an answer of `generate`; `done` ends it. */
  | { readonly type: "generated"; readonly request: number; readonly text: string; readonly done: boolean }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "failure"; readonly failure: Failure };

/** The past of a run, for the charts, after a reload. */
export interface RunHistory {
  readonly metrics: Float32Array;
  readonly validation: readonly { step: number; tokens: number; seconds: number; loss: number }[];
  readonly samples: readonly { step: number; prompt: string; text: string }[];
}

export interface TrainBackend {
  /** The port on which all TrainEvents arrive. Call once, first. */
  attach(events: MessagePort): Promise<void>;
  openDevice(): Promise<Result<DeviceSummary>>;
  catalog(): Promise<Catalog>;
  preview(settings: Experiment, vocabularySize: number): Promise<Result<Preview>>;
  start(settings: Experiment, data: PreparedData): Promise<Result<RunSummary>>;
  pause(): Promise<Result<null>>;
  resume(): Promise<Result<null>>;
  /** Exactly one update, then paused. */
  step(): Promise<Result<null>>;
  /** Ends the run; its last state is saved and can still be prompted. */
  stop(): Promise<Result<null>>;
  /** The run that a reload interrupted, if its checkpoint is whole. */
  findResumable(): Promise<Result<RunSummary | null>>;
  /** Loads that run, paused, with its history. */
  restore(id: string): Promise<Result<{ readonly run: RunSummary; readonly history: RunHistory }>>;
  discard(id: string): Promise<Result<null>>;
  /** The answer streams as "generated" events with the returned number. Works during training too. */
  generate(request: GenerateRequest): Promise<Result<number>>;
  cancelGenerate(): Promise<void>;
  /** Saves now; called when the page is hidden. */
  save(): Promise<Result<null>>;
}
