/**
 * What the page knows about this visit: the device, the datasets, the run and what went wrong. Plain state without actions;
 * only `receive.ts` (events) and the action files write it. `found` is a run of an earlier visit that is still only on disk.
 */
import type { Catalog } from "../../settings/experiment";
import type { DatasetSummary, DeviceSummary, Failure, RunSummary } from "../../worker/protocol";

export interface Sample {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
}

/** Something to tell: a failure (an alert) or a notice (good to know). */
export type Message =
  | { readonly key: number; readonly type: "failure"; readonly failure: Failure; readonly count: number }
  | { readonly key: number; readonly type: "notice"; readonly text: string };

export interface Session {
  readonly device: DeviceSummary | null;
  readonly catalog: Catalog | null;
  readonly datasets: readonly DatasetSummary[];
  readonly run: RunSummary | null;
  readonly found: RunSummary | null;
  /** Bytes the run needs, for the status bar; 0 when unknown. */
  readonly memoryBytes: number;
  /** What is being done before the first step. */
  readonly progress: { readonly text: string; readonly fraction: number } | null;
  /** Newest first. */
  readonly samples: readonly Sample[];
  readonly messages: readonly Message[];
  /** True while a command (Train, Pause …) waits for its answer. */
  readonly waiting: boolean;
  /** True while another device is being opened. */
  readonly moving: boolean;
  /** Spoken politely to screen readers. */
  readonly spoken: string;
}

export const NEW_SESSION: Session = {
  device: null, catalog: null, datasets: [], run: null, found: null, memoryBytes: 0, progress: null, samples: [], messages: [],
  waiting: false, moving: false, spoken: "",
};

/** Messages shown at a time; older ones have been overtaken by events. */
const MESSAGES_KEPT = 4;
let nextKey = 1;

/** The newest first; the same failure again only counts up. */
export function addFailure(messages: readonly Message[], failure: Failure): Message[] {
  const same = messages.find(
    (message) => message.type === "failure" && message.failure.kind === failure.kind && message.failure.message === failure.message,
  );
  if (same?.type === "failure") {
    return messages.map((message) => (message === same ? { ...same, count: same.count + 1 } : message));
  }
  return [{ key: nextKey++, type: "failure" as const, failure, count: 1 }, ...messages].slice(0, MESSAGES_KEPT);
}

export function addNotice(messages: readonly Message[], text: string): Message[] {
  const others = messages.filter((message) => message.type !== "notice" || message.text !== text);
  return [{ key: nextKey++, type: "notice" as const, text }, ...others].slice(0, MESSAGES_KEPT);
}

export type PrimaryAction = "Train" | "Pause" | "Resume";

/** The run that can still go on, in the worker or on disk; the panel shows its settings, locked. */
export function activeRun({ run, found }: Pick<Session, "run" | "found">): RunSummary | null {
  const newest = run ?? found;
  if (!newest) return null;
  // A finished run that was loaded again is paused at its last step; there is nothing left to do in it.
  const isWaiting = newest.phase === "paused" && newest.step < newest.settings.steps;
  return isWaiting || newest.phase === "preparing" || newest.phase === "running" ? newest : null;
}

/** The one action of the primary button: a run found on disk is resumed, a finished one is followed by a new one. */
export function primaryAction(session: Pick<Session, "run" | "found">): PrimaryAction {
  const active = activeRun(session);
  if (!active) return "Train";
  return active.phase === "paused" ? "Resume" : "Pause";
}

/** True when the worker holds a model that can be prompted. */
export function hasModel({ run }: Pick<Session, "run">): boolean {
  return run !== null && run.phase !== "preparing" && !(run.phase === "failed" && run.step === 0);
}
