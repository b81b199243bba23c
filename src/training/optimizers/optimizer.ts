/**
 * What an optimizer is: one update of a flat run of parameters, in elementwise primitives, so that the compiler makes one
 * kernel of it. In: parameters, their gradient, the moments, the learning rate, the step (1-based, f32 scalar). Out: the new
 * parameters and moments. Moments start at zero.
 */
import type { z } from "zod";
import type { Value } from "../../engine/graph/value";
import { add, exponentialMinusOne, multiply, negate, scalar } from "../../engine/ops/elementwise";
import { decimal } from "../../settings/field";

export interface UpdateCall<Settings, Moment extends string = string> {
  readonly parameter: Value;
  readonly gradient: Value;
  readonly state: Readonly<Record<Moment, Value>>;
  readonly learningRate: Value;
  /** 1 at the first update. */
  readonly step: Value;
  /** 1 where weight decay applies to a parameter, else 0; of the parameters' shape, or one number for all. */
  readonly decay: Value;
  readonly settings: Settings;
}

export interface Updated<Moment extends string = string> {
  readonly parameter: Value;
  readonly state: Readonly<Record<Moment, Value>>;
}

export interface Optimizer {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly settings: z.ZodObject;
  /** Names of the moments it keeps, each as large as the parameters. */
  readonly state: readonly string[];
  /** `settings` may hold more than this optimizer's own fields. */
  readonly update: (call: UpdateCall<unknown>) => Updated;
}

interface Definition<S extends z.ZodObject, Moment extends string> extends Omit<Optimizer, "update" | "settings" | "state"> {
  readonly settings: S;
  readonly state: readonly Moment[];
  readonly update: (call: UpdateCall<z.infer<S>, Moment>) => Updated<Moment>;
}

export function defineOptimizer<S extends z.ZodObject, const Moment extends string>(definition: Definition<S, Moment>): Optimizer {
  return { ...definition, update: (call) => definition.update({ ...call, settings: definition.settings.parse(call.settings) }) };
}

export function weightDecayField(standard: number): ReturnType<typeof decimal> {
  return decimal({
    label: "Weight decay", help: "Pulls weights toward zero, which restrains the model. Gains and biases are left alone.",
    group: "Training", min: 0, max: 10, step: 0.01, default: standard, advanced: true,
  });
}

export const beta1 = decimal({
  label: "Beta 1", help: "Memory of the average gradient: nearer 1 remembers longer.", group: "Training",
  min: 0, max: 0.9999, step: 0.01, default: 0.9, advanced: true,
});

export const beta2 = decimal({
  label: "Beta 2", help: "Memory of the gradient's size: nearer 1 remembers longer.", group: "Training",
  min: 0, max: 0.99999, step: 0.01, default: 0.95, advanced: true,
});

export const epsilon = decimal({
  label: "Epsilon", help: "Keeps updates finite where gradients are almost zero.", group: "Training",
  min: 1e-12, max: 1e-2, step: 1e-8, scale: "logarithmic", default: 1e-8, advanced: true,
});

/** β·average + (1 − β)·sample. */
export function decayingAverage(average: Value, sample: Value, beta: number): Value {
  return add(multiply(scalar(beta), average), multiply(scalar(1 - beta), sample));
}

/** 1 − βᵗ, the weight that a decaying average started at zero has gathered; by expm1, as f32 powers near 1 cancel. */
export function biasCorrection(beta: number, step: Value): Value {
  return beta === 0 ? scalar(1) : negate(exponentialMinusOne(multiply(step, scalar(Math.log(beta)))));
}
