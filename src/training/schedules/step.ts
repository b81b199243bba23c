/**
 * Multiplies the rate by `stepFactor` after every `stepEvery` steps: factor^⌊s / every⌋. The power is taken bit by bit of the
 * count of drops (factor, factor², factor⁴ …), largest first, with comparisons of whole numbers only; a division and a
 * logarithm in f32 could put a drop one step off.
 */
import { z } from "zod";
import type { Value } from "../../engine/graph/value";
import { atLeast, multiply, scalar, subtract, where } from "../../engine/ops/elementwise";
import { decimal, integer } from "../../settings/field";
import { defineSchedule, warmupSteps } from "./schedule";

const stepEvery = integer({
  label: "Drop every", help: "Steps between two drops of the learning rate.", group: "Training",
  unit: "steps", min: 1, max: 1_000_000, step: 100, default: 500,
});
const stepFactor = decimal({
  label: "Drop factor", help: "What the learning rate is multiplied by at each drop.", group: "Training",
  min: 0.01, max: 1, step: 0.05, default: 0.5,
});

export const step = defineSchedule({
  id: "step",
  label: "Step",
  summary: "Drops by a factor at regular intervals.",
  settings: z.object({ warmupSteps, stepEvery, stepFactor }),
  share: ({ since, span, settings }) => {
    const drops = Math.floor(span / settings.stepEvery);
    let rest = since;
    let share: Value = scalar(1);
    for (let bit = 2 ** Math.floor(Math.log2(Math.max(drops, 1))); bit >= 1; bit /= 2) {
      const isSet = atLeast(rest, scalar(settings.stepEvery * bit));
      share = multiply(share, where(isSet, scalar(settings.stepFactor ** bit), scalar(1)));
      rest = subtract(rest, multiply(isSet, scalar(settings.stepEvery * bit)));
    }
    return share;
  },
});
