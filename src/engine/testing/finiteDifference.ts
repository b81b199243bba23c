/**
 * Derivatives without calculus. In: a function of a vector, a point, a direction. Out: the slope along the direction by the
 * five-point rule, whose error is h⁴·f⁽⁵⁾/30: with h = 10⁻³ in f64 about 10⁻¹⁰, far below any mistake in a gradient.
 */
export function slopeAlong(f: (x: Float64Array) => number, x: Float64Array, direction: Float64Array, step = 1e-3): number {
  const at = (steps: number): number => f(x.map((value, i) => value + steps * step * direction[i]!));
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
}

/** Directions to look along: every axis where they are few, and always some that mix all axes. */
export function directionsFor(size: number, mix: (seed: number) => Float64Array, few = 12): Float64Array[] {
  const axes = size > few ? [] : Array.from({ length: size }, (_, axis) => Float64Array.from({ length: size }, (__, i) => Number(i === axis)));
  return [...axes, mix(1), mix(2)];
}
