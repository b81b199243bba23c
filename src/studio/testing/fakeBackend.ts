/**
 * Both workers acted out on the page's own thread. In: how fast, and which situation. Out: a `Connect` whose run has a believable
 * falling loss, validations, samples and answers. For tests and for developing the studio; never part of the product's bundle.
 */
import type { Experiment } from "../../settings/experiment";
import type { MachineSettings } from "../../settings/machine";
import type { Connect } from "../../worker/connect";
import type {
  DataBackend, DatasetSummary, DeviceSummary, Failure, ImportSource, KernelShare, PerformanceReport, PreparedData, Preview, Result,
  RunHistory, RunPhase, RunSummary, TrainBackend, TrainEvent,
} from "../../worker/protocol";
import { METRIC_COLUMNS } from "../../settings/run";
import { fakeBalance } from "./fakeBalance";
import { fakeCleaning } from "./fakeCleaning";
import { fakeImports } from "./fakeImports";
import { fakeSplits } from "./fakeSplits";
import { fakeStorage, type FakeStorageState } from "./fakeStorage";
import { type FakeTable, fakeTables } from "./fakeTables";
import { fakeTokenizers } from "./fakeTokenizers";
import { FAKE_CATALOG, FAKE_DATASETS, fakePrepared } from "./fakeCatalog";

export interface FakeOptions {
  /** Steps done per flush of telemetry, and the time between flushes. */
  readonly stepsPerFlush?: number;
  readonly flushMs?: number;
  readonly device?: Partial<DeviceSummary>;
  /** A run of an earlier visit, stopped at this step. */
  readonly foundAtStep?: number;
  /** Instead of the four usual ones. */
  readonly datasets?: readonly DatasetSummary[];
  readonly storage?: FakeStorageState;
  /** Sent after the run has passed this step. */
  readonly failAt?: { readonly step: number; readonly failure: Failure };
}

export const FAKE_DEVICE: DeviceSummary = { runtime: "webgpu", name: "Apple M2", detail: "WebGPU, f32, subgroups 32", slow: false, defaults: { steps: 5000, batchSize: 32 } };
export const FAKE_CPU: DeviceSummary = { runtime: "cpu", name: "CPU", detail: "WebAssembly, f32, 8 threads", slow: true, defaults: { steps: 1000, batchSize: 8 } };

const FAKE_REPORT: PerformanceReport = {
  ceilings: { flopsPerSecond: 4.4e11, bytesPerSecond: 9.1e10, dispatchSeconds: 4e-6 },
  dispatches: 118, submits: 1, tokensPerStep: 4096, flopsPerStep: 2.3e10,
  memory: [{ purpose: "Activations", bytes: 46e6 }, { purpose: "Moments", bytes: 6.6e6 }, { purpose: "Weights", bytes: 3.3e6 }, { purpose: "Gradients", bytes: 3.3e6 }, { purpose: "Data and results", bytes: 4e5 }],
  choices: { "matmul NT large": "tiles 64x64x16", "matmul TN deep": "tiles 64x64x16 in 4 pieces", "rows short": "32" },
  cost: { predicted: { secondsPerStep: 0.079, memoryBytes: 59e6 }, measured: { secondsPerStep: 0.085, memoryBytes: 59.6e6, steps: 480 } },
  devices: [{ runtime: "webgpu", name: "Apple M2", detail: "WebGPU, f32, subgroups 32", fromStep: 0 }],
};
const FAKE_KERNELS: readonly KernelShare[] = [
  { label: "matmulNT(add gelu)", dispatches: 4, seconds: 0.0124, flops: 2.1e9, bytes: 4.4e7 },
  { label: "matmulTN", dispatches: 17, seconds: 0.0231, flops: 4.9e9, bytes: 9.8e7 },
  { label: "matmulNN", dispatches: 13, seconds: 0.0188, flops: 4.2e9, bytes: 8.8e7 },
  { label: "attentionBackward(keys)", dispatches: 4, seconds: 0.0049, flops: 6e8, bytes: 2e7 },
  { label: "layerNorm", dispatches: 9, seconds: 0.0017, flops: 0, bytes: 3.8e7 },
  { label: "elementwise(AdamW)", dispatches: 1, seconds: 0.0006, flops: 0, bytes: 2.3e7 },
];

const done = <T>(value: T): Promise<Result<T>> => Promise.resolve({ ok: true, value });
const refuse = (failure: Failure): Promise<Result<never>> => Promise.resolve({ ok: false, failure });

/** Noise that is the same in every run: a fraction of a large sine. */
const noise = (step: number) => ((Math.sin(step * 12.9898) * 43758.5453) % 1) - 0.5;
export const fakeLoss = (step: number) => 1.42 + 3.02 * (1 + step / 55) ** -0.62 + noise(step) * 0.14;
export const fakeValidation = (step: number) => 1.5 + 2.94 * (1 + step / 55) ** -0.62 + noise(step + 7) * 0.02;

const TEXTS = [
  " qV;x0Zt—Jk\"Wp!fRd2)oY’bN", " thal the she was on wit the som whe the ant of ther and", " the ship and was a strange the sea of the whale and the old man stand the comes",
  " what thou wilt, the mate returned the captain, and the whale was seen again upon the sea, and all the boats were lowered",
  " Ishmael, said the old man, and looked out over the water as if he had never seen it before; then he laughed, and took up the oar.",
];

function learningRateAt(step: number, settings: Experiment): number {
  const warmup = typeof settings["warmupSteps"] === "number" ? settings["warmupSteps"] : 0;
  if (step < warmup) return (settings.learningRate * step) / warmup;
  const progress = (step - warmup) / Math.max(1, settings.steps - warmup);
  return settings.learningRate * (0.1 + 0.45 * (1 + Math.cos(Math.PI * progress)));
}

function telemetry(from: number, to: number, settings: Experiment): { rows: number; values: Float32Array } {
  const rows = to - from;
  const values = new Float32Array(rows * METRIC_COLUMNS.length);
  const tokensPerStep = settings.batchSize * 128;
  for (let row = 0; row < rows; row++) {
    const step = from + row + 1;
    const norm = 0.3 + 1.6 * Math.exp(-step / 60) + Math.abs(noise(step + 3)) * 0.16;
    values.set([step, fakeLoss(step), learningRateAt(step, settings), norm, step * tokensPerStep, step * 0.0074], row * METRIC_COLUMNS.length);
  }
  return { rows, values };
}

const sampleAt = (step: number, prompt: string) => ({ step, prompt, text: TEXTS[Math.min(TEXTS.length - 1, Math.floor(Math.log2(1 + step / 60)))] ?? "" });

function historyUntil(step: number, settings: Experiment): RunHistory {
  const measured = [];
  for (let at = settings.validationEvery; at <= step; at += settings.validationEvery) measured.push(at);
  return {
    metrics: telemetry(0, step, settings).values,
    validation: measured.map((at) => ({ step: at, tokens: at * settings.batchSize * 128, seconds: at * 0.0074, loss: fakeValidation(at) })),
    samples: measured.filter((_, index) => index % 4 === 0).map((at) => sampleAt(at, settings.samplePrompt)),
  };
}

class FakeTrain implements TrainBackend {
  #run: RunSummary | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #requests = 0;
  #generating: ReturnType<typeof setInterval> | undefined;
  readonly #emit: (event: TrainEvent) => void;
  readonly #options: FakeOptions;

  constructor(emit: (event: TrainEvent) => void, options: FakeOptions) {
    this.#emit = emit;
    this.#options = options;
  }

  attach = () => Promise.resolve();
  openDevice = ({ device }: MachineSettings) => done({ ...FAKE_DEVICE, ...this.#options.device, ...(device === "cpu" ? FAKE_CPU : {}) });
  catalog = () => Promise.resolve(FAKE_CATALOG);

  preview = (settings: Experiment, vocabularySize: number): Promise<Result<Preview>> => {
    const width = Number(settings["width"]);
    const layers = Number(settings["layers"]);
    const heads = Number(settings["heads"]);
    const parameters = 12 * layers * width * width + 2 * vocabularySize * width;
    const problems = width % heads === 0 ? [] : [`Heads: ${heads} heads cannot share a width of ${width} evenly. Try ${width / Math.ceil(width / 32)} heads.`];
    return done({
      parameters, memoryBytes: parameters * 16 + settings.batchSize * 1_500_000, memoryLimitBytes: 4_000_000_000, tokensPerStep: settings.batchSize * 128,
      secondsPerStep: 0.0074 * (parameters / 8e5) * (settings.batchSize / 32) + 0.05, problems,
    });
  };

  start = async (settings: Experiment, data: PreparedData): Promise<Result<RunSummary>> => {
    this.#run = {
      id: `run-${Date.now()}`, name: "brave-otter", phase: "preparing", step: 0, settings, data, parameters: 823_000, savedStep: -1, startedAt: Date.now(),
    };
    this.#tell({});
    this.#emit({ type: "progress", text: "Compiling 24 of 31 kernels", fraction: 0.77 });
    await new Promise((resolve) => setTimeout(resolve, this.#options.flushMs ?? 50));
    this.#emit({ type: "sample", ...sampleAt(0, settings.samplePrompt) });
    this.#tell({ phase: "running" });
    this.#go();
    return { ok: true, value: this.#run };
  };

  pause = () => this.#halt("paused");
  stop = () => this.#halt("stopped");

  resume = () => {
    this.#tell({ phase: "running" });
    this.#go();
    return done(null);
  };

  step = () => {
    this.#advance(1);
    this.#tell({ phase: "paused" });
    return done(null);
  };

  findResumable = () => done(this.#options.foundAtStep === undefined ? null : this.#found(this.#options.foundAtStep));

  restore = (id: string): Promise<Result<{ readonly run: RunSummary; readonly history: RunHistory }>> => {
    const step = this.#options.foundAtStep ?? this.#run?.savedStep ?? 0;
    const run: RunSummary = { ...(this.#run ?? this.#found(step)), id, step, savedStep: step, phase: "paused" };
    this.#run = run;
    return done({ run, history: historyUntil(step, run.settings) });
  };

  discard = () => done(null);

  generate = (): Promise<Result<number>> => {
    if (!this.#run) return refuse({ kind: "busy", message: "There is no model to ask yet.", hint: "Train one first." });
    const request = ++this.#requests;
    const words = (TEXTS.at(-1) ?? "").split(/(?<= )/);
    this.#generating = setInterval(() => {
      const text = words.shift() ?? "";
      this.#emit({ type: "generated", request, text, done: words.length === 0 });
      if (words.length === 0) clearInterval(this.#generating);
    }, this.#options.flushMs ?? 50);
    return done(request);
  };

  cancelGenerate = () => {
    clearInterval(this.#generating);
    return Promise.resolve();
  };

  performance = (): Promise<Result<PerformanceReport>> => done(FAKE_REPORT);
  measureKernels = () => done(FAKE_KERNELS);
  forgetTuning = () => done(null);

  save = () => {
    if (this.#run) {
      this.#tell({ savedStep: this.#run.step });
      this.#emit({ type: "saved", step: this.#run.step });
    }
    return done(null);
  };

  close(): void {
    clearInterval(this.#timer);
    clearInterval(this.#generating);
  }

  #found(step: number): RunSummary {
    const fields = { ...FAKE_DEVICE.defaults, dataset: "moby-dick", tokenizer: "characters", objective: "causal-lm", model: "gpt", optimizer: "adamw", schedule: "cosine" };
    const settings = {
      ...fields, activations: "f32", precision: "f32", gradientAccumulation: 1, learningRate: 1e-3, gradientClipping: 1, validationEvery: 100, validationFraction: 0.1, samplePrompt: "Call me", seed: 1337,
      layers: 4, heads: 4, width: 128, contextLength: 128, dropout: 0.1, tied: true, positions: "learned", weightDecay: 0.1, warmupSteps: 100, steps: 5000, batchSize: 32,
    } satisfies Experiment;
    return { id: "found", name: "brave-otter", phase: step < settings.steps ? "paused" : "finished", step, settings, data: fakePrepared("moby-dick", "characters", 0.1), parameters: 823_000, savedStep: step, startedAt: 0 };
  }

  #tell(part: Partial<RunSummary>): void {
    if (!this.#run) return;
    this.#run = { ...this.#run, ...part };
    this.#emit({ type: "run", run: this.#run });
  }

  async #halt(phase: RunPhase): Promise<Result<null>> {
    clearInterval(this.#timer);
    await this.save();
    this.#tell({ phase });
    return { ok: true, value: null };
  }

  #go(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#advance(this.#options.stepsPerFlush ?? 7), this.#options.flushMs ?? 50);
  }

  #advance(steps: number): void {
    if (!this.#run) return;
    const { settings, step: from } = this.#run;
    const to = Math.min(settings.steps, from + steps);
    this.#run = { ...this.#run, step: to };
    this.#emit({ type: "metrics", ...telemetry(from, to, settings) });
    this.#emit({ type: "speed", tokensPerSecond: 48_200 + noise(to) * 900, dispatches: 118, submits: 1, flopsPerToken: 5.6e6, peakFlopsPerSecond: 4.4e11 });
    for (let step = from + 1; step <= to; step++) {
      if (step % settings.validationEvery === 0) this.#measure(step, settings);
    }
    const { failAt } = this.#options;
    if (failAt && from < failAt.step && to >= failAt.step) {
      this.#emit({ type: "failure", failure: failAt.failure });
      if (failAt.failure.kind === "diverged") return void this.#halt("failed");
    }
    if (to >= settings.steps) void this.#halt("finished");
  }

  #measure(step: number, settings: Experiment): void {
    this.#emit({ type: "validation", step, tokens: step * settings.batchSize * 128, seconds: step * 0.0074, loss: fakeValidation(step) });
    if ((step / settings.validationEvery) % 4 === 0) this.#emit({ type: "sample", ...sampleAt(step, settings.samplePrompt) });
    if (step % 500 === 0) void this.save();
  }
}

function fakeData(options: FakeOptions): DataBackend {
  let datasets: DatasetSummary[] = [...(options.datasets ?? FAKE_DATASETS)];
  const put = (dataset: DatasetSummary) => {
    datasets = datasets.some(({ id }) => id === dataset.id) ? datasets.map((one) => (one.id === dataset.id ? dataset : one)) : [...datasets, dataset];
  };
  const stepMs = options.flushMs ?? 50;
  const canceled = new Set<number>();
  const shelf = { list: () => datasets, put };
  const tables = new Map<string, FakeTable>();
  const imports = fakeImports(shelf, tables, stepMs);
  const importing = async (name: string, source: ImportSource): Promise<Result<DatasetSummary>> => {
    const answer = await imports.importData({ sources: [source], name, onProblems: "keep" }, 0, () => undefined);
    if (!answer.ok) return answer;
    return answer.value.state === "added" ? { ok: true, value: answer.value.dataset } : imports.acceptImport(answer.value.pending);
  };
  return {
    ...imports,
    ...fakeTables(shelf, tables),
    balance: (_id, request) => new Promise((resolve) => setTimeout(() => resolve({ ok: true, value: fakeBalance(request) }), stepMs)),
    ...fakeCleaning(shelf, stepMs, (work) => canceled.has(work)),
    ...fakeSplits(shelf),
    ...fakeTokenizers(stepMs, (work) => canceled.has(work)),
    ...fakeStorage(shelf, stepMs, options.storage ?? "roomy", (work) => canceled.has(work)),
    cancelWork(work) {
      canceled.add(work);
      return imports.cancelWork(work);
    },
    listDatasets: () => done(datasets),
    importFile: (file) => importing(file.name, { kind: "file", file }),
    importText: (name, content) => importing(name, { kind: "text", name, content }),
    cancelImport: () => Promise.resolve(),
    noteTraining: () => Promise.resolve(),
    removeDataset(id) {
      datasets = datasets.filter((dataset) => dataset.id !== id);
      return done(null);
    },
    readText: (id) => done(id === "moby-dick" ? "CHAPTER 1. Loomings.\n\nCall me Ishmael. Some years ago—never mind how long precisely—having little or no money in my purse, and nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the world." : `The first lines of ${id}.`),
    prepare: (datasetId, tokenizerId, validationFraction) => done(fakePrepared(datasetId, tokenizerId, validationFraction)),
  };
}

export function fakeConnect(options: FakeOptions = {}): Connect {
  return (onEvent) => {
    const train = new FakeTrain(onEvent, options);
    return { data: fakeData(options), train, close: () => train.close() };
  };
}
