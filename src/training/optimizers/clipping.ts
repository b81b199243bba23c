/**
 * Gradient clipping by global norm: all gradients are scaled by min(1, clip/(‖g‖ + 1e-6)), as torch's clip_grad_norm_ does
 * it. In: the gradients, as flat runs; a scale they still need (1/batches when batches were summed). Out: the norm, the
 * scale to apply, and whether the norm is an ordinary number: after one infinity or NaN anywhere it is not.
 */
import type { Value } from "../../engine/graph/value";
import { add, divide, isFiniteNumber, minimum, multiply, scalar, square, squareRoot } from "../../engine/ops/elementwise";
import { sumAll } from "../../engine/ops/reduce";

export interface Clipping {
  /** ‖g‖ of the scaled gradients, before clipping. */
  readonly norm: Value;
  /** What the given gradients have to be multiplied by. */
  readonly factor: Value;
  /** 1 where the update may be applied, else 0. */
  readonly finite: Value;
}

/** `clip` 0 means no clipping. */
export function clipByNorm(gradients: readonly Value[], scale: number, clip: number): Clipping {
  const squares = gradients.map((gradient) => sumAll(square(gradient))).reduce((a, b) => add(a, b));
  const norm = multiply(squareRoot(squares), scalar(scale));
  const limit = clip > 0 ? minimum(divide(scalar(clip), add(norm, scalar(1e-6))), scalar(1)) : scalar(1);
  return { norm, factor: multiply(limit, scalar(scale)), finite: isFiniteNumber(norm) };
}
