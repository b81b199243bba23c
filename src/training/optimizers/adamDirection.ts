/**
 * The direction of Adam and AdamW: m̂/(√v̂ + ε), m and v decaying averages of the gradient and its square, corrected for
 * their start at zero. Source: Kingma and Ba, https://arxiv.org/abs/1412.6980, algorithm 1.
 */
import type { Value } from "../../engine/graph/value";
import { add, divide, scalar, square, squareRoot } from "../../engine/ops/elementwise";
import { biasCorrection, decayingAverage } from "./optimizer";

interface Moments {
  readonly mean: Value;
  readonly square: Value;
}

interface Betas {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export function adamDirection(gradient: Value, state: Moments, step: Value, { beta1, beta2, epsilon }: Betas): { direction: Value; moments: Moments } {
  const mean = decayingAverage(state.mean, gradient, beta1);
  const squares = decayingAverage(state.square, square(gradient), beta2);
  const size = add(squareRoot(divide(squares, biasCorrection(beta2, step))), scalar(epsilon));
  return { direction: divide(divide(mean, biasCorrection(beta1, step)), size), moments: { mean, square: squares } };
}
