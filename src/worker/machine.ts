/**
 * A device and what is known of it. In: an open runtime, the store of earlier measurements. Out: rates for estimates, ceilings, kernel
 * choices: each measured once and kept. What a run does not have to wait for is measured while the device rests (`readyFor`).
 */
import { type Ceilings, measureCeilings } from "../engine/runtime/ceilings";
import type { Runtime } from "../engine/runtime/runtime";
import { BUDGET_MS, type TuneOptions } from "../engine/tuner/tune";
import { withChoices } from "../engine/tuner/withChoices";
import type { Experiment } from "../settings/experiment";
import { type Plan, compilePrograms } from "../training/compileStep";
import { type ChooseOptions, type Chosen, type KernelChoices, chooseKernels } from "../training/kernelChoices";
import { runtimeFor } from "../training/precision";
import { type Rates, measureRates } from "../training/preview";
import type { OpenRuntime } from "./device";
import { NOTHING_KNOWN, type MachineFacts, type TuningStore, addTuned } from "./tuningStore";

export interface Machine extends OpenRuntime {
  /** The runtime as a run with these settings may use it, with the choices that are known by now. */
  tuned(settings: Experiment): Promise<Runtime>;
  /** A quarter of a second when it is asked for the first time; no run should be going on. */
  rates(): Promise<Rates>;
  /** Undefined while they are not known. */
  readonly ceilings: Ceilings | undefined;
  /** About a second where they are not known, and the device for itself meanwhile. Nothing where the signal comes first. */
  measureCeilings(signal: AbortSignal): Promise<void>;
  /** Kernels for a run that is about to start; those of a saved run are its own. Tunes for two seconds at most, classes without any choice only. */
  choose(plan: Plan, own: KernelChoices | undefined, onProgress: NonNullable<TuneOptions["onProgress"]>): Promise<Chosen>;
  /** Does beforehand what the start of such a run would do, and then measures what was only guessed, until the signal. */
  readyFor(plan: Plan, signal: AbortSignal): Promise<void>;
  /** Everything is measured again when it is next needed. */
  forget(): Promise<void>;
}

/** Whoever presses Train waits for what is being compiled just then. */
const LONGEST_AT_REST_MS = 400;

export function createMachine(open: OpenRuntime, store: TuningStore): Machine {
  return new KnownMachine(open, store);
}

class KnownMachine implements Machine {
  readonly runtime;
  readonly summary;
  readonly identity;
  ceilings: Ceilings | undefined;
  private findingRates: Promise<Rates> | undefined;
  private triedCeilings = false;
  /** Whether what a store knew of this device was measured again since. */
  private isRefreshed = false;
  /** Of the two seconds that tuning for some settings may take, what was used while the device rested. */
  private spent = { on: "", ms: 0 };

  constructor(open: OpenRuntime, private readonly store: TuningStore) {
    ({ runtime: this.runtime, summary: this.summary, identity: this.identity } = open);
  }

  async tuned(settings: Experiment): Promise<Runtime> {
    const runtime = runtimeFor(settings, this.runtime);
    return runtime.kind === "cpu" ? runtime : withChoices(runtime, (await this.known(runtime)).choices);
  }

  rates(): Promise<Rates> {
    return this.findingRates ?? this.findRates(this.known().then(({ rates, ceilings }) => {
      this.ceilings ??= ceilings;
      return rates ?? this.measureRates();
    }));
  }

  async measureCeilings(signal: AbortSignal): Promise<void> {
    this.ceilings ??= (await this.known()).ceilings;
    if (this.ceilings || this.triedCeilings) return;
    try {
      await this.raiseCeilings(signal);
    } catch {
      // Too little memory beside a run, say: then there is no share of the peak to be shown.
      this.triedCeilings = !signal.aborted;
    }
  }

  async choose(plan: Plan, own: KernelChoices | undefined, onProgress: NonNullable<TuneOptions["onProgress"]>): Promise<Chosen> {
    const { runtime, ...tuning } = this.tuning(plan);
    const { choices: known } = await this.known(runtime);
    const budgetMs = Math.max(0, BUDGET_MS - this.spentOn(plan));
    const chosen = await chooseKernels({ ...tuning, runtime, known, budgetMs, onProgress, ...(own ? { own } : {}) });
    // What an older run brings along was measured with other kernels, perhaps on another device.
    if (!own) await this.keepTuned(runtime, chosen);
    return chosen;
  }

  async readyFor(plan: Plan, signal: AbortSignal): Promise<void> {
    if (!this.isRefreshed) {
      await this.raiseCeilings(signal);
      signal.throwIfAborted();
      await this.findRates(this.measureRates());
      this.isRefreshed = true;
    }
    if (this.runtime.kind === "cpu") return;
    await this.tuneAtRest(plan, signal);
    await this.compile(plan, signal);
    while (await this.tuneAtRest(plan, signal)) if (signal.aborted) return;
    await this.compile(plan, signal);
  }

  async forget(): Promise<void> {
    this.findingRates = undefined;
    this.ceilings = undefined;
    this.triedCeilings = false;
    this.spent = { on: "", ms: 0 };
    for (const precision of ["f32", "fast"] as const) await this.keep(() => NOTHING_KNOWN, runtimeFor({ precision }, this.runtime));
  }

  /** Says whether there was something to measure and it was measured. */
  private async tuneAtRest(plan: Plan, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    const { runtime, ...tuning } = this.tuning(plan);
    const { choices: known, settled } = await this.known(runtime);
    const guessed = new Set(Object.keys(known).filter((key) => !settled.includes(key)));
    const began = performance.now();
    const { choices, settled: found } = await chooseKernels({ ...tuning, runtime, known, guessed, signal, longestMs: LONGEST_AT_REST_MS });
    this.spent = { on: nameOf(plan), ms: this.spentOn(plan) + performance.now() - began };
    // Guesses would end a tuning that was called off: then only what was measured is kept, and the start goes on with the rest.
    const kept = signal.aborted ? Object.fromEntries(found.map((key) => [key, choices[key]!])) : choices;
    await this.keepTuned(runtime, { choices: kept, settled: found });
    return found.some((key) => !settled.includes(key));
  }

  private spentOn(plan: Plan): number {
    return this.spent.on === nameOf(plan) ? this.spent.ms : 0;
  }

  /** What the first update needs. */
  private async compile(plan: Plan, signal: AbortSignal): Promise<void> {
    const runtime = await this.tuned(plan.settings);
    if (signal.aborted) return;
    const { gradients, accumulate, update } = compilePrograms(plan, runtime.target);
    await runtime.compile([gradients, ...(accumulate ? [accumulate] : []), update], { parallel: parallelCompilations(), signal });
  }

  private tuning(plan: Plan): Pick<ChooseOptions, "plan" | "runtime" | "parallel"> {
    return { plan, runtime: runtimeFor(plan.settings, this.runtime), parallel: parallelCompilations() };
  }

  /** A ceiling is what can be had: a busy moment does not lower it. */
  private async raiseCeilings(signal: AbortSignal): Promise<void> {
    const measured = await measureCeilings(this.runtime, signal);
    await this.keep((known) => ({ ...known, ceilings: bestOf(measured, known.ceilings) }));
    this.ceilings = (await this.known()).ceilings;
  }

  /** A failure is told and not kept: whoever asks next tries again. */
  private findRates(found: Promise<Rates>): Promise<Rates> {
    this.findingRates = found;
    found.catch(() => {
      if (this.findingRates === found) this.findingRates = undefined;
    });
    return found;
  }

  private async measureRates(): Promise<Rates> {
    const rates = await measureRates(this.runtime);
    await this.keep((known) => ({ ...known, rates }));
    return rates;
  }

  /** Another precision is another machine to the store: its choices are measured and kept apart. */
  private known(runtime: Runtime = this.runtime): Promise<MachineFacts> {
    return this.store.read(runtime, this.identity);
  }

  private async keepTuned(runtime: Runtime, tuned: Pick<MachineFacts, "choices" | "settled">): Promise<void> {
    if (runtime.kind !== "cpu") await this.keep((known) => addTuned(known, tuned), runtime);
  }

  private keep(change: (known: MachineFacts) => MachineFacts, runtime: Runtime = this.runtime): Promise<void> {
    return this.store.change(runtime, this.identity, change);
  }
}

const nameOf = ({ settings }: Plan): string => JSON.stringify(settings);

function bestOf(a: Ceilings, b: Ceilings = a): Ceilings {
  return {
    flopsPerSecond: Math.max(a.flopsPerSecond, b.flopsPerSecond),
    bytesPerSecond: Math.max(a.bytesPerSecond, b.bytesPerSecond),
    dispatchSeconds: Math.min(a.dispatchSeconds, b.dispatchSeconds),
  };
}

/** What is not known is taken for a small machine. */
const parallelCompilations = (): number => navigator.hardwareConcurrency || 4;
