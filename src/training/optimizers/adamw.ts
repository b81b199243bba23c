/**
 * AdamW: Adam's step, and weight decay applied to the weights themselves, as torch.optim.AdamW does it:
 * w ← w·(1 − η·λ) − η·m̂/(√v̂ + ε). Source: Loshchilov and Hutter, https://arxiv.org/abs/1711.05101, algorithm 2.
 */
import { z } from "zod";
import type { Value } from "../../engine/graph/value";
import { multiply, scalar, subtract, where } from "../../engine/ops/elementwise";
import { adamDirection } from "./adamDirection";
import { beta1, beta2, defineOptimizer, epsilon, weightDecayField } from "./optimizer";

export const adamw = defineOptimizer({
  id: "adamw",
  label: "AdamW",
  summary: "Adapts the step of every weight; the usual choice for language models.",
  settings: z.object({ weightDecay: weightDecayField(0.1), beta1, beta2, epsilon }),
  state: ["mean", "square"],
  update: ({ parameter, gradient, state, learningRate, step, decay, settings }) => {
    const { direction, moments } = adamDirection(gradient, state, step, settings);
    const share = (): Value => where(decay, subtract(scalar(1), multiply(learningRate, scalar(settings.weightDecay))), scalar(1));
    const kept = settings.weightDecay > 0 ? multiply(parameter, share()) : parameter;
    return { parameter: subtract(kept, multiply(learningRate, direction)), state: moments };
  },
});
