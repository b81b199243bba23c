/**
 * The feed-forward half of a block, on every row alone: gelu(x·W₁)·W₂, or SwiGLU, (silu(x·G) ⊙ x·U)·W₂. Gate and up are two
 * products, so that the second one's kernel can multiply by the first one's result. Source: https://arxiv.org/abs/2002.05202.
 */
import type { Value } from "../../engine/graph/value";
import { gelu, multiply, silu } from "../../engine/ops/elementwise";
import { type LayerParameter, type Values, linear, linearParameters } from "./layer";

export interface FeedForwardOptions {
  readonly width: number;
  readonly hiddenWidth: number;
  readonly feedForward: "gelu" | "swiglu";
  readonly biases: boolean;
}

export function feedForwardParameters(name: string, options: FeedForwardOptions, deviation: number, outputDeviation: number): LayerParameter[] {
  const { width, hiddenWidth, feedForward, biases } = options;
  const inward = { inputs: width, outputs: hiddenWidth, biases, deviation };
  return [
    ...(feedForward === "swiglu" ? linearParameters(`${name}.gate`, inward) : []),
    ...linearParameters(`${name}.up`, inward),
    ...linearParameters(`${name}.down`, { inputs: hiddenWidth, outputs: width, biases, deviation: outputDeviation }),
  ];
}

export function applyFeedForward(x: Value, parameters: Values, name: string, { feedForward }: FeedForwardOptions): Value {
  const gate = feedForward === "swiglu" ? silu(linear(x, parameters, `${name}.gate`)) : undefined;
  const up = linear(x, parameters, `${name}.up`);
  return linear(gate ? multiply(gate, up) : gelu(up), parameters, `${name}.down`);
}
