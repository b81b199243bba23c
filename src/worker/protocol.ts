/**
 * What crosses between the page and its two workers: plain data only. Commands are methods of two interfaces carried by
 * Comlink; everything the train worker reports by itself is a `TrainEvent` on one MessagePort, batched. Failures are data,
 * because Comlink keeps nothing of an error but its text.
 */
import type {
  BalanceReport, BalanceRequest, Cell, ColumnChoice, ColumnStatistics, DatasetSummary, DuplicateReport, ExportedFile, ExportRequest, FormatInfo,
  ImportOutcome, ImportPreview, ImportProgress, ImportRequest, ImportSource, Mix, PreparedData, Recipe, RecipeCounts, RestoreSummary, RowChange, RowWindow,
  SavedRecipe, SavedTokenizer, SourceShare, SplitSettings, SplitSummary, StepInfo, StorageReport, Tokenization, TokenizerProgress, TrainTokenizerRequest,
  ViewInfo, ViewQuery, VocabularyGrowth,
} from "../data/types";
import type { FieldValue } from "../settings/field";
import type { Catalog, Experiment } from "../settings/experiment";
import type { Failure } from "../settings/failure";
import type { MachineSettings } from "../settings/machine";
import type { KernelShare, PerformanceReport } from "../settings/performance";
import type { Preview, RunHistory } from "../settings/run";

// ------------------------------------------------------------------------------------------------ failures

export type { Failure, FailureKind } from "../settings/failure";

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

// ------------------------------------------------------------------------------------------------ data worker

export type * from "../data/types";

export interface DataBackend extends ImportCalls, TableCalls, CleaningCalls, TokenizerCalls, SplitCalls, StorageCalls {
  listDatasets(): Promise<Result<DatasetSummary[]>>;
  /** Streams the file in; `onProgress` is a Comlink proxy, never awaited. */
  importFile(file: File, onProgress: (progress: ImportProgress) => void): Promise<Result<DatasetSummary>>;
  importText(name: string, content: string): Promise<Result<DatasetSummary>>;
  cancelImport(): Promise<void>;
  removeDataset(id: string): Promise<Result<null>>;
  /** Whether a training computes on the processor: long work then rests as long as it works, and leaves it the core. */
  noteTraining(is: "on" | "off"): Promise<void>;
  /** The first `characters` of the text, for the preview. */
  readText(id: string, characters: number): Promise<Result<string>>;
  prepare(datasetId: string, tokenizerId: string, validationFraction: number, tokenizerSettings?: Readonly<Record<string, FieldValue>>): Promise<Result<PreparedData>>;
}

/**
 * The Data room's calls, by theme. Whatever may take long takes `work`, a number of the page's choosing that `cancelWork` names,
 * and where it helps a progress listener (a Comlink proxy, never awaited). Work on one dataset goes on while another is read.
 */
export interface ImportCalls {
  listFormats(): Promise<Result<FormatInfo[]>>;
  /** Looks at the sources without keeping anything; the settings given win over those detected. */
  inspect(sources: readonly ImportSource[], format: string | null, settings: Readonly<Record<string, FieldValue>>, work: number): Promise<Result<ImportPreview>>;
  importData(request: ImportRequest, work: number, onProgress: (progress: ImportProgress) => void): Promise<Result<ImportOutcome>>;
  acceptImport(pending: number): Promise<Result<DatasetSummary>>;
  discardImport(pending: number): Promise<Result<null>>;
  exportData(request: ExportRequest, work: number, onProgress: (rows: number) => void): Promise<Result<ExportedFile>>;
  cancelWork(work: number): Promise<void>;
}

export interface TableCalls {
  renameDataset(id: string, name: string): Promise<Result<DatasetSummary>>;
  /** Roles and types as the user wants them. */
  describeColumns(id: string, columns: readonly ColumnChoice[]): Promise<Result<DatasetSummary>>;
  /** "original" or "cleaned" rows, found, filtered and sorted; the view replaces the dataset's earlier one. */
  openView(id: string, version: "original" | "cleaned", query: ViewQuery, work: number): Promise<Result<ViewInfo>>;
  readRows(view: number, from: number, count: number, columns: readonly string[]): Promise<Result<RowWindow>>;
  /** One cell, whole. */
  readCell(view: number, row: number, column: string): Promise<Result<Cell>>;
  /** Sets a cell, or adds the row when `row` is the number of rows; text is read as the column's type. */
  editCell(id: string, row: number, column: string, text: string): Promise<Result<DatasetSummary>>;
  columnStatistics(id: string, column: string, work: number): Promise<Result<ColumnStatistics>>;
  vocabularyGrowth(id: string, work: number): Promise<Result<VocabularyGrowth>>;
  sourceShares(id: string, work: number): Promise<Result<SourceShare[]>>;
  findDuplicates(id: string, work: number, onProgress: (fraction: number) => void): Promise<Result<DuplicateReport>>;
  balance(id: string, request: BalanceRequest, work: number): Promise<Result<BalanceReport>>;
}

export interface CleaningCalls {
  listSteps(): Promise<Result<StepInfo[]>>;
  /** The recipe in force, and the one being written. */
  readRecipe(id: string): Promise<Result<{ readonly applied: Recipe; readonly draft: Recipe }>>;
  /** Keeps the draft and counts what it would do; progress comes with each part of the rows. */
  countRecipe(id: string, recipe: Recipe, work: number, onProgress: (counts: RecipeCounts) => void): Promise<Result<RecipeCounts>>;
  /** Rows that one step changes or drops, before and after it. */
  showChanges(id: string, recipe: Recipe, stepKey: string, count: number, work: number): Promise<Result<RowChange[]>>;
  /** Makes the cleaned version; the original stays. An empty recipe takes the cleaned version away. */
  applyRecipe(id: string, recipe: Recipe, work: number, onProgress: (counts: RecipeCounts) => void): Promise<Result<DatasetSummary>>;
  listRecipes(): Promise<Result<SavedRecipe[]>>;
  saveRecipe(name: string, steps: Recipe): Promise<Result<SavedRecipe>>;
  removeRecipe(id: string): Promise<Result<null>>;
}

export interface TokenizerCalls {
  listTokenizers(): Promise<Result<SavedTokenizer[]>>;
  trainTokenizer(request: TrainTokenizerRequest, work: number, onProgress: (progress: TokenizerProgress) => void): Promise<Result<SavedTokenizer>>;
  /** A tokenizer.json, or vocab.txt of WordPiece. */
  importTokenizer(file: File): Promise<Result<SavedTokenizer>>;
  exportTokenizer(id: string): Promise<Result<ExportedFile>>;
  removeTokenizer(id: string): Promise<Result<null>>;
  /** Cuts `text`; `id` is a saved tokenizer, "bytes", or "characters" (then of `dataset`). */
  tokenize(id: string, dataset: string, text: string): Promise<Result<Tokenization>>;
}

export interface SplitCalls {
  readSplit(id: string): Promise<Result<SplitSummary>>;
  /** Without `keep` only says what it would be. */
  planSplit(id: string, settings: SplitSettings, keep: "keep" | "try"): Promise<Result<SplitSummary>>;
  /** Back to no split: training holds out the end of the text. */
  dropSplit(id: string): Promise<Result<null>>;
  /** A mix is listed among the datasets, with origin "mix". Without id: a new one. */
  saveMix(mix: Omit<Mix, "id"> & { readonly id?: string }): Promise<Result<DatasetSummary>>;
  readMix(id: string): Promise<Result<Mix>>;
}

export interface StorageCalls {
  storage(): Promise<Result<StorageReport>>;
  /** Everything kept here as one file. */
  backup(work: number, onProgress: (progress: ImportProgress) => void): Promise<Result<ExportedFile>>;
  /** Brings back what a backup holds; what is here stays, what is in both is kept once. */
  restoreBackup(file: File, work: number, onProgress: (progress: ImportProgress) => void): Promise<Result<RestoreSummary>>;
}

// ------------------------------------------------------------------------------------------------ train worker

export interface DeviceSummary {
  readonly runtime: "webgpu" | "cpu";
  /** e.g. "Apple M2" or "SwiftShader (software)" or "CPU". */
  readonly name: string;
  /** e.g. "WebGPU, f32, subgroups 32" or "WebAssembly, f32, 4 threads". */
  readonly detail: string;
  /** True for a software adapter or the CPU runtime: smaller defaults suit it. */
  readonly slow: boolean;
  /** Why it is this one, where two were measured against each other. */
  readonly reason?: string;
  /** Why there is no WebGPU, and which browsers and settings have it; absent when there is. */
  readonly notice?: Failure;
  /** Settings that suit this machine, laid over the schema's defaults on a first visit. */
  readonly defaults: Readonly<Record<string, number | string | boolean>>;
}


export type RunPhase = "preparing" | "running" | "paused" | "finished" | "stopped" | "failed";

export interface RunSummary {
  readonly id: string;
  /** Two readable words, from the seed of the run. */
  readonly name: string;
  readonly phase: RunPhase;
  readonly step: number;
  readonly settings: Experiment;
  /** More than 1 where the device cannot hold the batch that was asked for: it is trained in this many, to the same result. */
  readonly batchPieces?: number;
  readonly data: PreparedData;
  /** Windows of text drawn so far from each of `data.sources`. */
  readonly seen?: readonly number[];
  readonly parameters: number;
  /** Step of the newest checkpoint on disk; -1 before the first. */
  readonly savedStep: number;
  readonly startedAt: number;
}

/** Rows of telemetry have the columns METRIC_COLUMNS of settings/run. */

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
  | {
      readonly type: "speed";
      readonly tokensPerSecond: number;
      readonly dispatches: number;
      readonly submits: number;
      /** Multiplications and additions of matrix products and attention per token. */
      readonly flopsPerToken: number;
      /** The device's measured f32 rate; 0 while it is not known. */
      readonly peakFlopsPerSecond: number;
    }
  | { readonly type: "saved"; readonly step: number }
  /** Text added to an answer of `generate`; `done` ends it. */
  | { readonly type: "generated"; readonly request: number; readonly text: string; readonly done: boolean }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "failure"; readonly failure: Failure };

export type { Ceilings, CostComparison, KernelShare, MemoryShare, PerformanceReport } from "../settings/performance";
/** The past of a run, for the charts, after a reload. */
export type { Preview, RunHistory } from "../settings/run";

export interface TrainBackend {
  /** The port on which all TrainEvents arrive. Call once, first. */
  attach(events: MessagePort): Promise<void>;
  /** Opens what the settings ask for, or moves there: a paused run goes along, one that is going on forbids it. */
  openDevice(settings: MachineSettings): Promise<Result<DeviceSummary>>;
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
  /** What the run in the worker takes of the device. */
  performance(): Promise<Result<PerformanceReport>>;
  /**
   * Times every kernel of one step between two updates, whose state is left as it was; the slowest first. Null where the
   * device cannot tell times.
   */
  measureKernels(): Promise<Result<readonly KernelShare[] | null>>;
  /** Forgets the kernels that were chosen on this device: the next new run measures anew. A run in the worker keeps its own. */
  forgetTuning(): Promise<Result<null>>;
  /** Saves now; called when the page is hidden. */
  save(): Promise<Result<null>>;
}
