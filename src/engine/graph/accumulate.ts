/**
 * Sums of gradients. A gradient reaches a value along several paths (they add up) and through broadcasts (they are summed
 * away). The ops are found by name, because ops are defined in terms of these functions.
 */
import { opNamed } from "./op";
import { type Value, applyOne, sameShape } from "./value";

export function accumulate(a: Value | undefined, b: Value): Value {
  return a ? applyOne(opNamed("add"), [a, b]) : b;
}

/** Sums a gradient down to the shape that was broadcast to it. */
export function sumTo(gradient: Value, shape: readonly number[]): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const missing = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((length, axis) => (axis < missing || (shape[axis - missing] === 1 && length !== 1) ? [axis] : []));
  const summed = axes.length > 0 ? applyOne(opNamed("reduceSum"), [gradient], { axes }) : gradient;
  return sameShape(summed.shape, shape) ? summed : applyOne(opNamed("reshape"), [summed], { shape });
}
