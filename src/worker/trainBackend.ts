/**
 * The train worker's side of the protocol: one run at a time, on one device. In: commands. Out: results and events; every
 * failure is data. When the GPU is lost it opens a new one, loads the newest checkpoint and goes on by itself.
 */
import { EngineError } from "../engine/runtime/runtime";
import { FailureError } from "../settings/failure";
import type { Experiment } from "../settings/experiment";
import type { MachineSettings } from "../settings/machine";
import type { Cost } from "../settings/performance";
import type { RunHistory } from "../settings/run";
import { makeCatalog } from "../training/catalog";
import { type CheckpointStore, openCheckpoints } from "../training/checkpointStore";
import { planRun } from "../training/compileStep";
import type { KernelChoices } from "../training/kernelChoices";
import { estimateCost } from "../training/preview";
import { Devices, isLoss } from "./devices";
import { asResult, toFailure } from "./failure";
import { createIdleWork } from "./idleWork";
import type { Machine } from "./machine";
import type { DeviceSummary, GenerateRequest, KernelShare, PerformanceReport, Preview, PreparedData, RunSummary, TrainBackend, TrainEvent } from "./protocol";
import { type Session, type SessionOptions, openSession } from "./session";
import { type TuningStore, openTuningStore } from "./tuningStore";

export function createTrainBackend(checkpoints: CheckpointStore = openCheckpoints(), tuning: TuningStore = openTuningStore()): TrainBackend {
  return new Backend(checkpoints, tuning);
}

class Backend implements TrainBackend {
  private port: MessagePort | undefined;
  private readonly devices: Devices;
  private readonly idle = createIdleWork();
  /** The newest estimate, for the run that may be started with these very settings. */
  private estimate: { readonly key: string; readonly cost: Cost } | undefined;
  private session: Session | undefined;
  /** While the run of a lost device is brought back; commands to it wait. */
  private returning: Promise<void> | undefined;
  /** The run that is being started or loaded; the next one waits for it. */
  private opened: Promise<unknown> = Promise.resolve();
  /** How many of these there are. */
  private opens = 0;
  private answers = 0;
  private answering: AbortController | undefined;

  constructor(private readonly checkpoints: CheckpointStore, tuning: TuningStore) {
    this.devices = new Devices({
      tuning,
      onLost: (reason, next) => this.recover(reason, next),
      onNotice: (text) => this.send({ type: "notice", text }),
      onError: (message) => this.reportBug(message),
    });
  }

  attach(events: MessagePort): Promise<void> {
    this.port = events;
    return Promise.resolve();
  }

  openDevice(settings: MachineSettings) {
    return this.inTurn<DeviceSummary>(async () => {
      if (!this.devices.isChosen(settings)) await this.move(settings);
      return (await this.devices.open()).summary;
    });
  }

  catalog() {
    return Promise.resolve(makeCatalog());
  }

  preview(settings: Experiment, vocabularySize: number) {
    return asResult<Preview>(async () => {
      const cost = await this.costOf(settings, vocabularySize);
      const secondsPerStep = cost.secondsPerStep * (this.session?.timeCorrection(cost.secondsPerStep, settings) ?? 1);
      if (cost.problems.length === 0) {
        this.estimate = { key: keyOf(settings, vocabularySize), cost: { secondsPerStep, memoryBytes: cost.memoryBytes } };
        this.readyFor(settings, vocabularySize, cost);
      }
      return { ...cost, secondsPerStep };
    });
  }

  start(settings: Experiment, data: PreparedData) {
    return this.inTurn<RunSummary>(async () => {
      await this.returning;
      if (this.session?.phase === "running") throw busy();
      await this.close();
      await this.idle.stop();
      const session = await this.openSession({ settings, data, predicted: await this.predict(settings, data.vocabularySize) });
      session.resume();
      return session.summary;
    });
  }

  pause() {
    return this.withSession((session) => session.pause());
  }

  resume() {
    return this.withSession((session) => Promise.resolve(session.resume()));
  }

  step() {
    return this.withSession((session) => session.step());
  }

  stop() {
    return this.withSession((session) => session.stop());
  }

  save() {
    return asResult(async () => {
      if (this.session?.isUnsaved) await this.session.save();
      return null;
    });
  }

  performance() {
    return asResult<PerformanceReport>(async () => {
      await this.returning;
      if (!this.session) throw noRun();
      return this.session.performance();
    });
  }

  measureKernels() {
    return asResult<readonly KernelShare[] | null>(async () => {
      return (await this.sessionAtWork()).measureKernels();
    });
  }

  forgetTuning() {
    return asResult(async () => {
      await this.returning;
      await this.idle.stop();
      await (await this.devices.open()).forget();
      return null;
    });
  }

  findResumable() {
    return asResult<RunSummary | null>(async () => {
      const stored = (await this.checkpoints.listRuns()).find(({ manifest }) => manifest.runId !== this.session?.summary.id);
      if (!stored) return null;
      const { manifest } = stored;
      const phase = manifest.step >= manifest.settings.steps ? "finished" : "paused";
      return {
        id: manifest.runId, name: manifest.name, phase, step: manifest.step, settings: manifest.settings, data: manifest.data,
        parameters: manifest.modelParameters, savedStep: manifest.step, startedAt: manifest.startedAt, ...(manifest.seen ? { seen: manifest.seen } : {}),
      };
    });
  }

  restore(id: string) {
    return this.inTurn<{ run: RunSummary; history: RunHistory }>(async () => {
      await this.returning;
      if (this.session?.phase === "running") throw busy();
      const { state, notes } = await this.checkpoints.load(id);
      for (const text of notes) this.send({ type: "notice", text });
      if (!state) {
        throw new FailureError({
          kind: "storage",
          message: "The saved run is gone or damaged.",
          hint: "Start a new run; its settings are still in the form.",
          where: id,
        });
      }
      await this.close();
      const { settings, data } = state.manifest;
      const session = await this.openSession({ settings, data, predicted: await this.predict(settings, data.vocabularySize), state });
      return { run: session.summary, history: state.history };
    });
  }

  discard(id: string) {
    return asResult(async () => {
      await this.checkpoints.remove(id);
      return null;
    });
  }

  generate(request: GenerateRequest) {
    return asResult<number>(async () => {
      const session = await this.sessionAtWork();
      this.answering?.abort();
      const abort = new AbortController();
      this.answering = abort;
      const number = (this.answers += 1);
      void this.answer(session, request, number, abort.signal);
      return number;
    });
  }

  cancelGenerate(): Promise<void> {
    this.answering?.abort();
    return Promise.resolve();
  }

  private async answer(session: Session, request: GenerateRequest, number: number, signal: AbortSignal): Promise<void> {
    try {
      for await (const text of session.generate(request, signal)) {
        this.send({ type: "generated", request: number, text, done: false });
        if (signal.aborted) break;
      }
    } catch (error) {
      if (!isLoss(error)) this.send({ type: "failure", failure: toFailure(error, "generating text") });
    }
    if (this.answering?.signal === signal) this.answering = undefined;
    this.send({ type: "generated", request: number, text: "", done: true });
  }

  /** Two runs that become the session at once would both go on, one of them without anybody to stop it. */
  private inTurn<T>(open: () => Promise<T>) {
    this.opens += 1;
    const result = this.opened.then(() => asResult<T>(open));
    this.opened = result.finally(() => (this.opens -= 1));
    return result;
  }

  private withSession(act: (session: Session) => Promise<void>) {
    return asResult(async () => {
      await act(await this.sessionAtWork());
      return null;
    });
  }

  /** With the device to itself. Looked for after the waits, because another run may have taken its place meanwhile. */
  private async sessionAtWork(): Promise<Session> {
    await this.idle.stop();
    await this.returning;
    if (!this.session) throw noRun();
    return this.session;
  }

  private async close(): Promise<void> {
    this.answering?.abort();
    const { session } = this;
    this.session = undefined;
    await session?.close();
    this.devices.releaseFormer();
  }

  /** A paused run is saved and goes along, or everything stays where it is. One that is over stays with its device until the next takes its place. */
  private async move(settings: MachineSettings): Promise<void> {
    await this.returning;
    const { session, devices } = this;
    if (session?.phase === "running") throw busy();
    await this.idle.stop();
    this.estimate = undefined;
    if (session?.phase !== "paused") return devices.choose(settings, session ? "stays" : "closes");
    if (session.isUnsaved) await session.save();
    await this.close();
    const { wanted: before } = devices;
    await devices.choose(settings, "closes");
    const reload = (): Promise<Session> => this.reload(session.summary, session.choices);
    await reload().catch(async (error: unknown) => {
      await devices.choose(before, "closes");
      await reload();
      throw error;
    });
  }

  private async openSession(given: Pick<SessionOptions, "settings" | "data" | "state" | "identity" | "choices" | "predicted">): Promise<Session> {
    const session = await this.devices.use(async (machine) => {
      await this.idle.stop();
      const opened = await openSession({ ...given, machine, checkpoints: this.checkpoints, send: (event, transfer) => this.send(event, transfer), isLoss });
      if (this.devices.current === machine) return opened;
      // A lost device refuses nothing: what was made on it looks well.
      opened.abandon();
      throw new EngineError("device-lost", "The GPU was lost while the run was made ready.");
    });
    this.session = session;
    session.announce();
    return session;
  }

  private async predict(settings: Experiment, vocabularySize: number): Promise<Cost> {
    if (this.estimate?.key === keyOf(settings, vocabularySize)) return this.estimate.cost;
    const { secondsPerStep, memoryBytes } = await this.costOf(settings, vocabularySize);
    return { secondsPerStep, memoryBytes };
  }

  /** By what was tuned earlier: an estimate itself tunes nothing. */
  private costOf(settings: Experiment, vocabularySize: number): Promise<Preview> {
    return this.devices.use(async (machine) => estimateCost(settings, vocabularySize, await machine.tuned(settings), await machine.rates()));
  }

  /** Whoever looks at an estimate may press Train next. */
  private readyFor(settings: Experiment, vocabularySize: number, { notes = [] }: Preview): void {
    const isResting = (): boolean => this.session?.phase !== "running" && this.opens === 0 && !this.answering && !this.returning;
    // A batch that will be trained in pieces has other kernels.
    if (!isResting() || notes.length > 0) return;
    this.idle.plan(async (signal) => {
      // A command that was waiting for the device when this was planned has it by now.
      if (!isResting()) return;
      const machine = await this.devices.open();
      await machine.readyFor(planRun(settings, vocabularySize, machine.runtime.target), signal);
    });
  }

  /** After a loss: a new device, the newest checkpoint, and on. A run that is on its way back already finds the device itself. */
  private recover(reason: string, next: Promise<Machine>): void {
    const lost = this.session;
    const step = lost?.summary.step ?? 0;
    this.session = undefined;
    this.answering?.abort();
    this.send({
      type: "failure",
      failure: {
        kind: "device-lost",
        message: `The browser took the GPU away${lost ? ` at step ${step.toLocaleString("en")}` : ""} (${reason || "no reason given"}).`,
        hint: lost || this.returning ? "Descent is opening it again and goes on from the last checkpoint; you need not do anything." : "Descent is opening it again.",
        ...(lost ? { where: `step ${step}` } : {}),
      },
    });
    const report = (error: unknown): void => this.send({ type: "failure", failure: toFailure(error, "recovering the GPU") });
    if (!lost) return void next.catch((error: unknown) => (this.returning ? undefined : report(error)));
    const { isMeantToRun, summary, choices } = lost;
    lost.abandon();
    const returning = this.bringBack(summary, choices, isMeantToRun ? "running" : "paused")
      .catch((error: unknown) => {
        this.send({ type: "run", run: { ...summary, phase: "failed" } });
        report(error);
      })
      .finally(() => {
        if (this.returning === returning) this.returning = undefined;
      });
    this.returning = returning;
  }

  /** A run that was in this worker, from its newest checkpoint or, before the first, from its start. */
  private async reload({ id, name, startedAt, settings, data }: RunSummary, choices: KernelChoices): Promise<Session> {
    const { state } = await this.checkpoints.load(id);
    const predicted = await this.predict(settings, data.vocabularySize);
    return this.openSession({ settings, data, identity: { id, name, startedAt }, choices, predicted, ...(state ? { state } : {}) });
  }

  private async bringBack(run: RunSummary, choices: KernelChoices, phase: "running" | "paused"): Promise<void> {
    const session = await this.reload(run, choices);
    this.send({ type: "notice", text: `The GPU is back; the run goes on at step ${session.summary.step.toLocaleString("en")}.` });
    if (phase === "running") session.resume();
  }

  private reportBug(message: string): void {
    this.send({
      type: "failure",
      failure: { kind: "bug", message, hint: "Pause and reload the page; please report it with this message.", where: this.devices.current?.summary.name ?? "device" },
    });
  }

  private send(event: TrainEvent, transfer: Transferable[] = []): void {
    this.port?.postMessage(event, transfer);
  }
}

const keyOf = (settings: Experiment, vocabularySize: number): string => JSON.stringify([vocabularySize, Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))]);

function busy(): FailureError {
  return new FailureError({ kind: "busy", message: "A run is going on.", hint: "Pause or stop it first." });
}

function noRun(): FailureError {
  return new FailureError({ kind: "bad-settings", message: "There is no model yet.", hint: "Press Train, or continue a saved run, and try again." });
}
