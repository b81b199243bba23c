/**
 * Half a cosine from the peak to `finalShare` of it: f + (1 − f)·(1 + cos πp)/2, p the progress after the warmup.
 * Source: Loshchilov and Hutter, SGDR, https://arxiv.org/abs/1608.03983, equation 5.
 */
import { z } from "zod";
import { add, cosine as cosineOf, multiply, scalar } from "../../engine/ops/elementwise";
import { defineSchedule, finalShare, progressOf, warmupSteps } from "./schedule";

export const cosine = defineSchedule({
  id: "cosine",
  label: "Cosine",
  summary: "Falls slowly, then fast, then slowly to its final share.",
  settings: z.object({ warmupSteps, finalShare }),
  share: ({ since, span, settings }) => {
    const wave = add(scalar(1), cosineOf(multiply(scalar(Math.PI), progressOf(since, span))));
    return add(scalar(settings.finalShare), multiply(scalar((1 - settings.finalShare) / 2), wave));
  },
});
