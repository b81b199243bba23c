/**
 * Causal language modeling: at every position, predict the next token. A window of T + 1 tokens gives T inputs and, one
 * further, T targets. Loss: mean cross-entropy over B·T positions, in nats; perplexity is e to that.
 */
import { z } from "zod";
import { u32 } from "../../engine/graph/value";
import { sortIds } from "../../engine/ops/embedding";
import { linearCrossEntropy } from "../../engine/ops/linearCrossEntropy";
import { valueNamed } from "../layers/layer";
import type { Objective } from "./objective";

export const causalLm: Objective = {
  id: "causal-lm",
  label: "Next token",
  summary: "Predict each next token from those before it.",
  settings: z.object({}),
  accepts: ["text"],
  windowLength: (time) => time + 1,
  inputTypes: ({ batch, time, vocabularySize }) => {
    const N = batch * time;
    return { ids: u32(N), targets: u32(N), order: u32(N), starts: u32(vocabularySize + 1) };
  },
  collate: (tokens, windows, { batch: B, time: T, vocabularySize }, batch) => {
    const [ids, targets] = [batch["ids"]!, batch["targets"]!];
    for (let b = 0; b < B; b += 1) {
      const first = windows[b]!;
      for (let t = 0; t < T; t += 1) {
        ids[b * T + t] = tokens[first + t]!;
        targets[b * T + t] = tokens[first + t + 1]!;
      }
    }
    sortIds(ids, vocabularySize, batch["order"]!, batch["starts"]!);
  },
  hidden: ({ model, parameters, constants, inputs, extent, dropoutKey }) => {
    const sorted = { order: valueNamed(inputs, "order"), starts: valueNamed(inputs, "starts") };
    const tokens = { ids: valueNamed(inputs, "ids"), sorted };
    return model.hidden({ parameters, constants, tokens, time: extent.time, ...(dropoutKey ? { dropoutKey } : {}) });
  },
  loss: (hidden, { model, parameters, inputs, largestLogits }) =>
    linearCrossEntropy(hidden, model.headWeight(parameters), valueNamed(inputs, "targets"), largestLogits),
  metrics: [
    { id: "loss", label: "Loss", ofLoss: (loss) => loss },
    { id: "perplexity", label: "Perplexity", ofLoss: Math.exp },
  ],
};
