/** The peak learning rate from the end of the warmup to the end of the run. */
import { z } from "zod";
import { scalar } from "../../engine/ops/elementwise";
import { defineSchedule, warmupSteps } from "./schedule";

export const constant = defineSchedule({
  id: "constant",
  label: "Constant",
  summary: "Stays at its peak after the warmup.",
  settings: z.object({ warmupSteps }),
  share: () => scalar(1),
});
