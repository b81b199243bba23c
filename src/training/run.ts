/**
 * The loop: when to update, measure, sample, save. In: a trainer at some step, an observer that is told everything, a place to
 * save. Out: `Run`, which can be paused, stepped and stopped at any update. The loop never waits for the page; it waits for
 * the device only to keep its pace, and results are read back many steps at a time.
 */
import type { Experiment } from "../settings/experiment";
import { FailureError } from "../settings/failure";
import { METRIC_COLUMNS, type RunHistory, type SamplePoint, type ValidationPoint } from "../settings/run";
import { STEP_METRICS } from "./compileStep";
import type { Generator } from "./generate";
import { createHistory, createNumberQueue } from "./history";
import type { Trainer, TrainerState } from "./trainer";

export type Phase = "running" | "paused" | "finished" | "stopped" | "failed";

export interface RunObserver {
  onPhase(phase: Phase, step: number): void;
  /** Rows of METRIC_COLUMNS; the array is the observer's to keep. */
  onMetrics(rows: Float32Array): void;
  onValidation(point: ValidationPoint): void;
  onSample(point: SamplePoint): void;
  onSpeed(tokensPerSecond: number): void;
  onSaved(step: number): void;
  /** The run goes on (a save failed) or has ended in phase "failed" (everything else). */
  onError(error: unknown): void;
}

export interface Progress {
  /** Updates made. */
  readonly step: number;
  readonly tokens: number;
  /** Active training time; pauses excluded. */
  readonly seconds: number;
}

export interface RunOptions {
  readonly settings: Experiment;
  readonly trainer: Trainer;
  readonly generator: Generator;
  readonly observer: RunObserver;
  readonly start: Progress;
  readonly past?: RunHistory;
  /** Whatever else needs the device for itself: at the first measurement, so that no step waits for it. */
  readonly beforeMeasuring?: (signal: AbortSignal) => Promise<void>;
  /** Resolves when everything is on disk. */
  readonly save: (progress: Progress, state: TrainerState, history: RunHistory) => Promise<void>;
}

export interface Run {
  readonly phase: Phase;
  readonly progress: Progress;
  /** Starts or continues the loop; it goes on by itself. */
  resume(): void;
  /** One update, then paused. */
  step(): Promise<void>;
  pause(): Promise<void>;
  stop(): Promise<void>;
  /** Saves the state between two updates, while the run goes on. */
  save(): Promise<void>;
  /** Leaves the loop without saving: the device is gone, or another run takes its place. */
  abandon(): void;
}

const FLUSH_MS = 50;
const FLUSH_STEPS = 64;
const SAVE_STEPS = 500;
const SAVE_MS = 30_000;
const SAMPLE = { temperature: 0.8, topK: 0, topP: 1, maxTokens: 96 } as const;

export function createRun(options: RunOptions): Run {
  return new RunningLoop(options);
}

class RunningLoop implements Run {
  phase: Phase = "paused";
  /** Updates made. */
  private made: number;
  /** Updates whose results the observer has. */
  private told: number;
  private seconds: number;
  private segmentStart = 0;
  private wanted: Phase = "paused";
  private isAbandoned = false;
  private loop: Promise<void> = Promise.resolve();
  private saving: Promise<void> | undefined;
  private flushing: Promise<void> | undefined;
  /** The single steps that were asked for, in turn. */
  private stepping: Promise<void> = Promise.resolve();
  /** Counts the commands that call off the steps still waiting. */
  private callsOff = 0;
  private savedStep: number;
  /** Of the newest save, also where it failed: what fails is tried again when the next is due. */
  private triedStep: number;
  private savedAt = performance.now();
  private flushedAt = 0;
  private flushedStep: number;
  /** Since when tokens are counted for the speed, on a clock that leaves out `measuringMs`. */
  private rate: { tokens: number; at: number } | undefined;
  /** Time that validations and samples took: no part of the speed. */
  private measuringMs = 0;
  /** What a read-back found; the loop ends with it. */
  private trouble: Error | undefined;
  /** Aborted when the loop is to end, so that a sample does not keep it. */
  private interrupt = new AbortController();
  /** Active seconds at which each update was queued whose results the observer does not have. */
  private readonly queued = createNumberQueue();
  private readonly history;
  private readonly tokensPerStep: number;

  constructor(private readonly options: RunOptions) {
    const { start, past, trainer, settings } = options;
    if (start.step >= settings.steps) this.phase = "finished";
    this.made = start.step;
    this.told = start.step;
    this.savedStep = past ? start.step : -1;
    this.triedStep = start.step;
    this.flushedStep = start.step;
    this.seconds = start.seconds;
    this.history = createHistory(METRIC_COLUMNS.length, past);
    this.tokensPerStep = trainer.plan.extent.batch * trainer.plan.extent.time * trainer.plan.settings.gradientAccumulation;
  }

  get progress(): Progress {
    return { step: this.made, tokens: this.made * this.tokensPerStep, seconds: this.activeSeconds() };
  }

  private activeSeconds(): number {
    return this.seconds + (this.segmentStart > 0 ? (performance.now() - this.segmentStart) / 1000 : 0);
  }

  resume(): void {
    if (this.phase === "running" || this.isAbandoned) return;
    this.start(this.options.settings.steps);
  }

  step(): Promise<void> {
    const { callsOff } = this;
    this.stepping = this.stepping.then(async () => {
      while (this.phase === "running") await this.end("paused");
      if (callsOff !== this.callsOff) return;
      this.start(Math.min(this.options.settings.steps, this.made + 1));
      await this.loop;
    });
    return this.stepping;
  }

  pause(): Promise<void> {
    this.callsOff += 1;
    return this.end("paused");
  }

  async stop(): Promise<void> {
    this.callsOff += 1;
    await this.end("stopped");
    if (this.phase === "paused") this.enter("stopped");
  }

  abandon(): void {
    this.callsOff += 1;
    this.isAbandoned = true;
    this.wanted = "stopped";
    this.interrupt.abort();
  }

  async save(): Promise<void> {
    if (this.savedStep === this.made) return this.saving;
    // Saves follow one another; the state is that of the update after which this one is called.
    const previous = this.saving;
    const { progress } = this;
    const snapshot = this.options.trainer.snapshot();
    // It may fail while the save before is still being written; it is told where it is awaited.
    snapshot.catch(() => {});
    const saving = (async () => {
      await previous?.catch(() => {});
      const state = await snapshot;
      await this.drain();
      await this.options.save(progress, state, this.history.upTo(progress.step));
      if (!this.isAbandoned) this.options.observer.onSaved(progress.step);
    })();
    this.savedStep = progress.step;
    this.triedStep = progress.step;
    this.savedAt = performance.now();
    this.saving = saving;
    // What failed is not saved: whoever asks again tries again.
    saving.catch(() => {
      if (this.saving === saving) this.savedStep = -1;
    });
    await saving;
  }

  private async end(phase: "paused" | "stopped"): Promise<void> {
    if (this.phase === "running") {
      this.wanted = phase;
      this.interrupt.abort();
      await this.loop;
    }
    // The save of a single step.
    await this.saving?.catch(() => {});
  }

  private start(until: number): void {
    this.trouble = undefined;
    this.interrupt = new AbortController();
    this.wanted = "running";
    this.enter("running");
    this.segmentStart = performance.now();
    this.loop = this.work(until).catch((error: unknown) => this.fail(error));
  }

  private enter(phase: Phase): void {
    if (phase !== "running" && this.segmentStart > 0) {
      this.seconds = this.progress.seconds;
      this.segmentStart = 0;
      this.rate = undefined;
    }
    this.phase = phase;
    if (!this.isAbandoned) this.options.observer.onPhase(phase, this.made);
  }

  private fail(error: unknown): void {
    if (this.isAbandoned) return;
    this.enter("failed");
    this.options.observer.onError(error);
  }

  private async work(until: number): Promise<void> {
    const { settings, trainer, generator } = this.options;
    // In the moment of the submit: a save or a read-back that comes while the loop waits for the device counts this update.
    const onQueued = (): void => {
      this.made += 1;
      this.queued.push(this.activeSeconds());
    };
    while (this.wanted === "running" && this.made < until && this.trouble === undefined) {
      if (this.isMeasureDue()) await this.measure();
      // Only what has to be waited for is awaited: a promise per update would be the only garbage of this loop.
      const turn = generator.giveWay();
      if (turn) await turn;
      if (this.wanted !== "running") break;
      const room = trainer.update(this.made, onQueued);
      if (room) await room;
      this.flushInBackground();
      this.saveInBackground();
    }
    // Told once, by the catch around this loop; what later results would add to it is not of interest.
    if (this.trouble !== undefined) {
      await this.drain().catch(() => {});
      throw this.trouble;
    }
    await this.settle();
    if (this.isAbandoned) return;
    const isFinished = this.made >= settings.steps;
    // The first update may have been asked for alone.
    if (isFinished || (this.made === 1 && this.wanted === "running")) await this.measure();
    // Nobody has to wait for the save of a single step; what ends or interrupts a run is on disk before it says so.
    const saving = this.saveOrReport();
    if (isFinished || this.wanted !== "running") await saving;
    this.enter(isFinished ? "finished" : this.wanted === "running" ? "paused" : this.wanted);
  }

  private async settle(): Promise<void> {
    await this.drain();
    await this.saving?.catch(() => {});
  }

  /** A read-back that is under way misses what came after its start: the second one has all, also when the first fails. */
  private async drain(): Promise<void> {
    const first = this.flush();
    await first.catch(() => {});
    await this.flush();
    await first;
  }

  private async saveOrReport(): Promise<void> {
    try {
      await this.save();
    } catch (error) {
      // What the results say ends the loop, which tells it.
      if (error !== this.trouble) this.options.observer.onError(error);
    }
  }

  private saveInBackground(): void {
    const isDue = this.made - this.triedStep >= SAVE_STEPS || performance.now() - this.savedAt >= SAVE_MS;
    if (isDue) void this.saveOrReport();
  }

  private flushInBackground(): void {
    const isDue = performance.now() - this.flushedAt >= FLUSH_MS || this.made - this.flushedStep >= FLUSH_STEPS;
    if (!isDue || this.flushing) return;
    this.flush().catch(() => {});
  }

  /** Tells the observer everything that the updates have left until now. */
  private flush(): Promise<void> {
    this.flushing ??= this.readResults()
      .catch((error: unknown) => {
        // Whoever reads first, perhaps a save: the loop has to know.
        this.trouble ??= error instanceof Error ? error : new Error(String(error));
        throw error;
      })
      .finally(() => {
        this.flushing = undefined;
      });
    return this.flushing;
  }

  private async readResults(): Promise<void> {
    this.flushedAt = performance.now();
    this.flushedStep = this.made;
    const results = await this.options.trainer.collectRows();
    const count = results.length / STEP_METRICS.length;
    if (count === 0 || this.isAbandoned) return;
    // The page keeps it, so it is made anew: one array per read-back.
    const rows = new Float32Array(count * METRIC_COLUMNS.length);
    let bad = -1;
    for (let i = 0; i < count; i += 1) {
      this.told += 1;
      const at = i * STEP_METRICS.length;
      const row = i * METRIC_COLUMNS.length;
      rows[row] = this.told;
      for (let column = 0; column < 3; column += 1) rows[row + 1 + column] = results[at + column]!;
      rows[row + 4] = this.told * this.tokensPerStep;
      rows[row + 5] = this.queued.shift();
      if (bad < 0 && (results[at + 3] === 0 || !Number.isFinite(results[at]))) bad = row;
    }
    this.history.appendRows(rows);
    // Read before the observer may give the array away.
    const [badStep, badLoss, , badNorm] = rows.subarray(Math.max(0, bad));
    this.options.observer.onMetrics(rows);
    this.reportSpeed(this.told * this.tokensPerStep);
    if (bad >= 0) throw divergence(badStep!, badLoss!, badNorm!);
  }

  private reportSpeed(tokens: number): void {
    const now = performance.now() - this.measuringMs;
    this.rate ??= { tokens, at: now };
    const seconds = (now - this.rate.at) / 1000;
    if (seconds < 0.5) return;
    this.options.observer.onSpeed((tokens - this.rate.tokens) / seconds);
    // A window of a few seconds: steady enough to read, quick enough to see a change.
    if (seconds > 3) this.rate = { tokens, at: now };
  }

  /** On schedule, and after the first update: before it, people would wait for the first step as long as for the measurement. */
  private isMeasureDue(): boolean {
    return this.made === 1 || (this.made > 0 && this.made % this.options.settings.validationEvery === 0);
  }

  /** Validation loss and a sample, once per step, before the update that follows. What a pause cuts short is made later. */
  private async measure(): Promise<void> {
    // Updates still queued count as such, and what is about to be measured comes after them.
    await this.drain();
    const start = performance.now();
    try {
      await this.options.beforeMeasuring?.(this.interrupt.signal);
      await this.measureHere();
    } finally {
      this.measuringMs += performance.now() - start;
    }
  }

  private async measureHere(): Promise<void> {
    const { progress, history } = this;
    if (history.lastValidatedStep < progress.step) {
      const loss = await this.options.trainer.evaluate();
      if (this.isAbandoned) return;
      const point = { ...progress, loss };
      history.addValidation(point);
      this.options.observer.onValidation(point);
    }
    if (history.lastSampledStep < progress.step) await this.sample(progress.step);
  }

  private async sample(step: number): Promise<void> {
    const { generator, observer, settings } = this.options;
    const isLast = this.made >= settings.steps;
    let text = "";
    // The last sample belongs to the run and is finished; any other gives way to a pause, also while it waits for its turn.
    const signal = isLast ? undefined : this.interrupt.signal;
    for await (const piece of generator.generate({ ...SAMPLE, prompt: settings.samplePrompt, seed: settings.seed }, signal)) text += piece;
    if (this.isAbandoned || signal?.aborted) return;
    const sample = { step, prompt: settings.samplePrompt, text };
    this.history.addSample(sample);
    observer.onSample(sample);
  }
}

function divergence(step: number, loss: number, gradientNorm: number): FailureError {
  const what = Number.isFinite(loss) ? `gradient (norm ${gradientNorm})` : `loss (${loss})`;
  return new FailureError({
    kind: "diverged",
    message: `Training diverged at step ${step}: the ${what} is no longer a number. The weights were left as they were before it.`,
    hint: "Lower the learning rate, lengthen the warmup or clip gradients at 1, then start again, or continue from the last checkpoint.",
    where: `step ${step}`,
  });
}
