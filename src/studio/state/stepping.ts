/**
 * What one press of an arrow key does to a number: linear fields move by their step, logarithmic ones along 1, 2, 5, 10 …
 * In: the field's range, the value now, a direction. Out: the next value, inside the range and free of rounding dust.
 */
import type { NumberRange } from "../../settings/field";

const LADDER = [1, 2, 5] as const;

export function stepNumber(range: NumberRange, value: number, direction: 1 | -1): number {
  const next = range.scale === "logarithmic" ? stepRung(value, direction, range) : stepGrid(value, direction, range);
  return Math.min(range.max, Math.max(range.min, next));
}

/** To the next multiple of `step`, so that 105 with step 10 goes to 110, not to 115. */
function stepGrid(value: number, direction: 1 | -1, { step }: NumberRange): number {
  const position = value / step;
  const rounded = Math.round(position);
  const onGrid = Math.abs(position - rounded) < 1e-9;
  const target = onGrid ? rounded + direction : direction > 0 ? Math.ceil(position) : Math.floor(position);
  return Number((target * step).toPrecision(12));
}

function stepRung(value: number, direction: 1 | -1, range: NumberRange): number {
  if (value <= 0) return direction > 0 ? Math.max(range.min, range.step) : range.min;
  const decade = Math.floor(Math.log10(value));
  const rungs: number[] = [];
  for (let exponent = decade - 1; exponent <= decade + 1; exponent += 1) {
    for (const rung of LADDER) rungs.push(Number(`${rung}e${exponent}`));
  }
  const dust = value * 1e-9;
  const next = direction > 0 ? rungs.find((rung) => rung > value + dust) : rungs.findLast((rung) => rung < value - dust);
  return next ?? value;
}
