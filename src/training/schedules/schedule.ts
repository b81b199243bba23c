/**
 * What a learning-rate schedule is: the rate of every step as a graph, so that it is computed on the device and the number
 * on the chart is the number that was applied. In: the step (0-based, f32 scalar), the peak, the steps of the run,
 * settings. Out: a scalar. All share one warmup: step s of the first `warmupSteps` uses (s + 1)/warmupSteps of the peak.
 */
import type { z } from "zod";
import type { Value } from "../../engine/graph/value";
import { add, divide, maximum, minimum, multiply, scalar, subtract } from "../../engine/ops/elementwise";
import { decimal, integer } from "../../settings/field";

export interface ScheduleCall<Settings> {
  readonly step: Value;
  readonly peak: number;
  /** Updates of the whole run. */
  readonly steps: number;
  readonly settings: Settings;
}

export interface Schedule {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly settings: z.ZodObject;
  /** `settings` may hold more than this schedule's own fields. */
  readonly rate: (call: ScheduleCall<unknown>) => Value;
}

export const warmupSteps = integer({
  label: "Warmup steps", help: "Steps over which the learning rate rises from near zero to its peak.", group: "Training",
  unit: "steps", min: 0, max: 100_000, step: 10, default: 100, advanced: true,
});

export const finalShare = decimal({
  label: "Final share", help: "Share of the peak learning rate that is left at the end of the run.", group: "Training",
  min: 0, max: 1, step: 0.05, default: 0.1, advanced: true,
});

/** The shared fields, and what remains of the peak after the warmup: a graph of the steps since then. */
interface Definition<S extends z.ZodObject> extends Omit<Schedule, "rate" | "settings"> {
  readonly settings: S;
  /** `since` counts the steps after the warmup, `span` is how many there are. */
  readonly share: (call: { readonly since: Value; readonly span: number; readonly settings: z.infer<S> }) => Value;
}

export function defineSchedule<S extends z.ZodObject>(definition: Definition<S>): Schedule {
  const { id, label, summary, settings: schema, share } = definition;
  return {
    id,
    label,
    summary,
    settings: schema,
    rate: ({ step, peak, steps, settings }) => {
      const parsed = schema.parse(settings);
      const warmup = (parsed as { warmupSteps: number }).warmupSteps;
      const since = warmup === 0 ? step : maximum(subtract(step, scalar(warmup)), scalar(0));
      const later = share({ since, span: Math.max(1, steps - warmup), settings: parsed });
      const rate = multiply(scalar(peak), later);
      // During the warmup `since` is 0 and the share 1, so the two factors never overlap.
      return warmup === 0 ? rate : multiply(rate, minimum(divide(add(step, scalar(1)), scalar(warmup)), scalar(1)));
    },
  };
}

/** How far a run is after its warmup: 0 … 1, and 1 beyond its end. */
export function progressOf(since: Value, span: number): Value {
  return minimum(divide(since, scalar(span)), scalar(1));
}
