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
  // One sum takes neighboring axes only; the last ones go first, so that the others keep their numbers.
  const summed = runsOf(axes).reduceRight((sum, run) => applyOne(opNamed("reduceSum"), [sum], { axes: run }), gradient);
  return sameShape(summed.shape, shape) ? summed : applyOne(opNamed("reshape"), [summed], { shape });
}

/** Rising numbers cut where they skip: [0, 1, 3] is [0, 1] and [3]. */
function runsOf(axes: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const axis of axes) {
    const run = runs.at(-1);
    if (run?.at(-1) === axis - 1) run.push(axis);
    else runs.push([axis]);
  }
  return runs;
}
