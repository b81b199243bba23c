/**
 * What layers share. A layer is two functions side by side: the parameters it needs, and its graph as a pure function of
 * those parameters and its input. Activations are [N, C] matrices with N = B·T rows, so that whatever is written elementwise
 * after a matrix product becomes part of its kernel.
 */
import type { Value } from "../../engine/graph/value";
import { add } from "../../engine/ops/elementwise";
import { matmul } from "../../engine/ops/matmul/matmul";
import type { Initialization, ParameterSpec } from "../parameters";

/** Parameters or constants by name. */
export type Values = Readonly<Record<string, Value>>;

/** A parameter before the model has said where it lies in a checkpoint. */
export type LayerParameter = Omit<ParameterSpec, "checkpoint">;

export function parameter(name: string, shape: readonly number[], initialize: Initialization): LayerParameter {
  return { name, shape, decay: shape.length >= 2, initialize };
}

export const normal = (deviation: number): Initialization => ({ kind: "normal", deviation });
export const constant = (value: number): Initialization => ({ kind: "constant", value });

export function valueNamed(values: Values, name: string): Value {
  const value = values[name];
  if (!value) throw new Error(`The model was given no value for "${name}".`);
  return value;
}

export interface LinearSize {
  readonly inputs: number;
  readonly outputs: number;
  readonly biases: boolean;
  /** Standard deviation of the first weights. */
  readonly deviation: number;
}

export function linearParameters(name: string, { inputs, outputs, biases, deviation }: LinearSize): LayerParameter[] {
  const weight = parameter(`${name}.weight`, [outputs, inputs], normal(deviation));
  return biases ? [weight, parameter(`${name}.bias`, [outputs], constant(0))] : [weight];
}

/** x·Wᵀ + b; without a bias among the parameters, x·Wᵀ. */
export function linear(x: Value, parameters: Values, name: string): Value {
  const product = matmul(x, valueNamed(parameters, `${name}.weight`), "NT");
  const bias = parameters[`${name}.bias`];
  return bias ? add(product, bias) : product;
}
