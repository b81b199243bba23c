/** Adam, with weight decay added to the gradient (L2), as torch.optim.Adam does it. Source: https://arxiv.org/abs/1412.6980. */
import { z } from "zod";
import { add, multiply, scalar, subtract, where } from "../../engine/ops/elementwise";
import { adamDirection } from "./adamDirection";
import { beta1, beta2, defineOptimizer, epsilon, weightDecayField } from "./optimizer";

export const adam = defineOptimizer({
  id: "adam",
  label: "Adam",
  summary: "Adapts the step of every weight; weight decay, if any, goes through the gradient.",
  settings: z.object({ weightDecay: weightDecayField(0), beta1, beta2, epsilon }),
  state: ["mean", "square"],
  update: ({ parameter, gradient, state, learningRate, step, decay, settings }) => {
    const pulled = settings.weightDecay > 0 ? where(decay, add(gradient, multiply(scalar(settings.weightDecay), parameter)), gradient) : gradient;
    const { direction, moments } = adamDirection(pulled, state, step, settings);
    return { parameter: subtract(parameter, multiply(learningRate, direction)), state: moments };
  },
});
