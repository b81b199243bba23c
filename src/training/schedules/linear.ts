/** A straight line from the peak to `finalShare` of it: 1 − (1 − f)·p, p the progress after the warmup. */
import { z } from "zod";
import { multiply, scalar, subtract } from "../../engine/ops/elementwise";
import { defineSchedule, finalShare, progressOf, warmupSteps } from "./schedule";

export const linear = defineSchedule({
  id: "linear",
  label: "Linear",
  summary: "Falls in a straight line to its final share.",
  settings: z.object({ warmupSteps, finalShare }),
  share: ({ since, span, settings }) => subtract(scalar(1), multiply(scalar(1 - settings.finalShare), progressOf(since, span))),
});
