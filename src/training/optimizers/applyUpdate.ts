/**
 * The second half of a training step: clip, schedule, optimize. In: the parameters as a few flat runs (with and without
 * weight decay), their summed gradients and moments, the step. Out: new parameters and moments, and the learning rate and
 * gradient norm that were applied. A gradient that is not finite changes nothing, so a run survives one bad batch.
 */
import type { Value } from "../../engine/graph/value";
import { add, multiply, scalar, where } from "../../engine/ops/elementwise";
import type { Schedule } from "../schedules/schedule";
import { clipByNorm } from "./clipping";
import type { Optimizer } from "./optimizer";

export interface ParameterGroup {
  readonly parameter: Value;
  /** Summed over `accumulation` batches. */
  readonly gradient: Value;
  readonly state: Readonly<Record<string, Value>>;
  readonly decay: boolean;
}

export interface UpdatePlan {
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** All settings of the run; optimizer and schedule read their own. */
  readonly settings: unknown;
  /** Peak learning rate. */
  readonly peak: number;
  readonly steps: number;
  readonly clip: number;
  readonly accumulation: number;
}

export interface AppliedUpdate {
  readonly groups: readonly { readonly parameter: Value; readonly state: Readonly<Record<string, Value>> }[];
  readonly learningRate: Value;
  readonly gradientNorm: Value;
  /** 1 where the update was applied, 0 where a gradient was not finite. */
  readonly finite: Value;
}

/** `step` is an f32 scalar, 0 at the first update. */
export function applyUpdate(plan: UpdatePlan, groups: readonly ParameterGroup[], step: Value): AppliedUpdate {
  const { optimizer, settings } = plan;
  const learningRate = plan.schedule.rate({ step, peak: plan.peak, steps: plan.steps, settings });
  const { norm, factor, finite } = clipByNorm(groups.map(({ gradient }) => gradient), 1 / plan.accumulation, plan.clip);
  const updated = groups.map((group) => {
    const next = optimizer.update({
      ...group,
      gradient: multiply(group.gradient, factor),
      learningRate,
      step: add(step, scalar(1)),
      settings,
    });
    const state = optimizer.state.map((moment) => [moment, where(finite, next.state[moment]!, group.state[moment]!)] as const);
    return { parameter: where(finite, next.parameter, group.parameter), state: Object.fromEntries(state) };
  });
  return { groups: updated, learningRate, gradientNorm: norm, finite };
}
