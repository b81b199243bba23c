/**
 * What a run takes of its device, as plain data: measured ceilings, time by kernel, memory by purpose, predicted against
 * measured. The worker floor makes it, the page shows it, a checkpoint keeps the comparison.
 */

import type { DeviceTrail } from "./run";

/** What the device can do at best, measured on it. */
export interface Ceilings {
  /** f32 multiplications and additions per second of a kernel that touches registers only. */
  readonly flopsPerSecond: number;
  /** Bytes per second of a copy, read and written counted. */
  readonly bytesPerSecond: number;
  /** Seconds of a dispatch that does nothing. */
  readonly dispatchSeconds: number;
}

/** All dispatches of one step that carry the same label. */
export interface KernelShare {
  readonly label: string;
  readonly dispatches: number;
  readonly seconds: number;
  /** Of matrix products and attention; 0 for what is bound by memory anyway. */
  readonly flops: number;
  /** Of all ranges it binds. */
  readonly bytes: number;
}

export interface MemoryShare {
  readonly purpose: string;
  readonly bytes: number;
}

export interface Cost {
  readonly secondsPerStep: number;
  readonly memoryBytes: number;
}

/** What was predicted before the first step and what the steps since have shown. */
export interface CostComparison {
  readonly predicted: Cost;
  /** Absent before enough steps were made. */
  readonly measured?: Cost & { readonly steps: number };
}

export interface PerformanceReport {
  /** Absent while they have not been measured. */
  readonly ceilings?: Ceilings;
  readonly dispatches: number;
  readonly submits: number;
  readonly tokensPerStep: number;
  readonly flopsPerStep: number;
  /** Largest first. */
  readonly memory: readonly MemoryShare[];
  /** Which variant of a kernel family does which work, as the tuner chose. */
  readonly choices: Readonly<Record<string, string>>;
  readonly cost?: CostComparison;
  /** Devices of the run so far; the last is the one it is on. */
  readonly devices: DeviceTrail;
}
