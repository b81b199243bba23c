/**
 * The Performance drawer's state. In: whether it is open, and two questions to the worker: what the run takes, and how long
 * each kernel lasts (only when asked, because it costs a few steps' time). Out: the answers, and figures derived from them; and a
 * way to forget which kernels were chosen for this device.
 */
import type { Ceilings, KernelShare, PerformanceReport } from "../../worker/protocol";
import { settle } from "./settle";
import { report, type Studio } from "./studio";

export interface Performance {
  readonly isOpen: boolean;
  readonly report: PerformanceReport | null;
  /** Null before they were measured; "untimed" where the device cannot tell times. */
  readonly kernels: readonly KernelShare[] | "untimed" | null;
  /** The step after which they were measured. */
  readonly measuredAt: number;
  readonly status: "idle" | "measuring";
  /** Whether the kernels that were chosen for this device stay, or the next new run will choose anew. */
  readonly tuning: "kept" | "forgotten";
}

export const NEW_PERFORMANCE: Performance = { isOpen: false, report: null, kernels: null, measuredAt: 0, status: "idle", tuning: "kept" };

export async function openPerformance(studio: Studio): Promise<void> {
  studio.performance.setState({ isOpen: true });
  await refreshReport(studio);
}

export function closePerformance({ performance }: Studio): void {
  performance.setState({ isOpen: false });
}

async function refreshReport(studio: Studio): Promise<void> {
  if (!studio.session.getState().run) return studio.performance.setState({ report: null });
  const answer = await settle(studio.connection.train.performance());
  if (!answer.ok) return report(studio, answer.failure);
  studio.performance.setState({ report: answer.value });
}

export async function measureKernels(studio: Studio): Promise<void> {
  const { performance, connection, live, announcer, session } = studio;
  if (performance.getState().status === "measuring") return;
  const measured = session.getState().run?.id;
  performance.setState({ status: "measuring" });
  const answer = await settle(connection.train.measureKernels());
  performance.setState({ status: "idle" });
  if (!answer.ok) return report(studio, answer.failure);
  // Times of a run that another has replaced meanwhile would be shown as the other's.
  if (session.getState().run?.id !== measured) return;
  performance.setState({ kernels: answer.value ?? "untimed", measuredAt: live.now.step });
  announcer.change(answer.value ? `${answer.value.length} kinds of kernels measured.` : "This device cannot time kernels.");
  await refreshReport(studio);
}

export async function tuneAgain(studio: Studio): Promise<void> {
  const answer = await settle(studio.connection.train.forgetTuning());
  if (!answer.ok) return report(studio, answer.failure);
  studio.performance.setState({ tuning: "forgotten" });
  studio.announcer.change("The next new run will tune its kernels anew.");
}

export interface KernelRow extends KernelShare {
  /** Of the sum over all kernels. */
  readonly share: number;
  /** Of what the device could do at best: arithmetic or bytes, whichever bounds the kernel; undefined without ceilings. */
  readonly efficiency: number | undefined;
  readonly bound: "arithmetic" | "memory";
}

/** Rows for the table, the slowest first. */
export function kernelRows(kernels: readonly KernelShare[], ceilings: Ceilings | undefined): KernelRow[] {
  const total = kernels.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = kernels.map((kernel): KernelRow => {
    const arithmetic = ceilings ? kernel.flops / ceilings.flopsPerSecond : 0;
    const memory = ceilings ? kernel.bytes / ceilings.bytesPerSecond : 0;
    return {
      ...kernel,
      share: total > 0 ? kernel.seconds / total : 0,
      efficiency: ceilings && kernel.seconds > 0 ? Math.max(arithmetic, memory) / kernel.seconds : undefined,
      bound: arithmetic >= memory && kernel.flops > 0 ? "arithmetic" : "memory",
    };
  });
  return rows.sort((a, b) => b.seconds - a.seconds);
}

/** Everything the drawer shows, for a file. */
export function performanceJson({ session, performance }: Studio): string {
  const { device, run } = session.getState();
  const { report: facts, kernels, measuredAt } = performance.getState();
  return JSON.stringify({ device, run: run && { name: run.name, step: run.step, settings: run.settings }, ...facts, kernels, measuredAt }, null, 2);
}
