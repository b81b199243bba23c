/**
 * The second half of a training step: clip, schedule, optimize. In: the parameters as one flat run or a few, their summed gradients and moments, the step. Out: new parameters and moments, and the learning rate and
 * gradient norm that were applied. A gradient that is not finite changes nothing, so a run survives one bad batch.
 */
import type { Value } from "../../engine/graph/value";
import { add, iota, less, multiply, scalar, where } from "../../engine/ops/elementwise";
import type { Schedule } from "../schedules/schedule";
import { clipByNorm } from "./clipping";
import type { Optimizer } from "./optimizer";

export interface ParameterGroup {
  readonly parameter: Value;
  /** Summed over `accumulation` batches. */
  readonly gradient: Value;
  readonly state: Readonly<Record<string, Value>>;
  /** 1 where weight decay applies, else 0; see `firstOf`. */
  readonly decay: Value;
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

/** 1 for the first `count` of so many numbers, else 0. Where that has to be asked of each number, f32 can count as far as 2^24. */
export function firstOf(count: number, numbers: number): Value {
  if (count === 0 || count === numbers) return scalar(count === 0 ? 0 : 1);
  if (numbers > LONGEST_MIXED) throw new Error(`A run of ${numbers} numbers cannot be told apart by index.`);
  return less(iota([numbers], 0), scalar(count));
}

export const LONGEST_MIXED = 2 ** 24;

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
