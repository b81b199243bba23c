/** Gradient descent with momentum, as torch.optim.SGD does it: u ← μ·u + g, w ← w − η·u, weight decay in the gradient. */
import { z } from "zod";
import { add, multiply, scalar, subtract, where } from "../../engine/ops/elementwise";
import { decimal } from "../../settings/field";
import { defineOptimizer, weightDecayField } from "./optimizer";

const momentum = decimal({
  label: "Momentum", help: "Share of the last update that carries on; 0 is plain gradient descent.", group: "Training",
  min: 0, max: 0.999, step: 0.05, default: 0.9, advanced: true,
});

export const sgd = defineOptimizer({
  id: "sgd",
  label: "SGD with momentum",
  summary: "One step size for all weights; needs a larger learning rate (try 0.1).",
  settings: z.object({ weightDecay: weightDecayField(0), momentum }),
  state: ["velocity"],
  update: ({ parameter, gradient, state, learningRate, decay, settings }) => {
    const pulled = settings.weightDecay > 0 ? where(decay, add(gradient, multiply(scalar(settings.weightDecay), parameter)), gradient) : gradient;
    const velocity = add(multiply(scalar(settings.momentum), state.velocity), pulled);
    return { parameter: subtract(parameter, multiply(learningRate, velocity)), state: { velocity } };
  },
});
