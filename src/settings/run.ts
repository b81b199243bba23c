/**
 * The past of a run as plain data: what the training floor saves, the worker floor carries and the charts show after a
 * reload. Nothing here is chosen by a user; it lives on the lowest floor because every floor above speaks of it.
 */

export interface ValidationPoint {
  readonly step: number;
  readonly tokens: number;
  /** Active training time; pauses excluded. */
  readonly seconds: number;
  /** Nats per token; may be NaN or infinite when the run diverged. */
  readonly loss: number;
}

export interface SamplePoint {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
}

export interface RunHistory {
  /** Rows of METRIC_COLUMNS, one after another. */
  readonly metrics: Float32Array;
  readonly validation: readonly ValidationPoint[];
  readonly samples: readonly SamplePoint[];
}

/** Where a run was trained: from each step on, the device that went on from there. */
export type DeviceTrail = readonly {
  readonly runtime: "webgpu" | "cpu";
  readonly name: string;
  readonly detail: string;
  readonly fromStep: number;
}[];

/** The columns of one metric row, in order. `seconds` is active training time, pauses excluded; `step` counts updates made. */
export const METRIC_COLUMNS = ["step", "trainingLoss", "learningRate", "gradientNorm", "tokens", "seconds"] as const;
export type MetricColumn = (typeof METRIC_COLUMNS)[number];

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
  /** What will be done otherwise than asked for, each a full sentence. */
  readonly notes?: readonly string[];
}
