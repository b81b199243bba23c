/** The fields that several models offer, so that one name means one thing in every form, link and saved run. */
import { choice, decimal, integer, toggle } from "../../settings/field";

export const layers = integer({
  label: "Layers", help: "Blocks stacked on each other. More can learn more and take longer.", group: "Model",
  min: 1, max: 48, step: 1, default: 4,
});

export const heads = integer({
  label: "Heads", help: "How many places of the text a layer can look at at once.", group: "Model",
  min: 1, max: 64, step: 1, default: 4,
});

export const WIDTH_RANGE = { min: 4, max: 4096 } as const;

export const width = integer({
  label: "Width", help: "Numbers that stand for one token inside the model; a multiple of the heads.", group: "Model",
  ...WIDTH_RANGE, step: 32, default: 128,
});

export const contextLength = integer({
  label: "Context length", help: "How far back the model can look.", group: "Model",
  unit: "tokens", min: 4, max: 4096, step: 32, default: 128,
});

export const dropout = decimal({
  label: "Dropout", help: "Share of signals dropped in training. Helps where the text is short for the model.", group: "Model",
  min: 0, max: 0.9, step: 0.05, default: 0,
});

export function tiedEmbeddingsField(standard: { readonly default: boolean }): ReturnType<typeof toggle> {
  return toggle({ label: "Tied embeddings", help: "Use the same weights to read and to predict tokens.", group: "Model", advanced: true, ...standard });
}

export const biases = toggle({
  label: "Biases", help: "Add a learned constant after every matrix product.", group: "Model", default: true, advanced: true,
});

export const hiddenWidth = integer({
  label: "Feed-forward width", help: "Numbers inside each feed-forward layer; 0 chooses the usual multiple of the width.", group: "Model",
  min: 0, max: 16_384, step: 32, default: 0, advanced: true,
});

export const gradientCheckpointing = toggle({
  label: "Gradient checkpointing", help: "Keep only each block's input and compute the rest again for the gradients: far less memory, about a third slower, same result.",
  group: "Model", default: false, advanced: true,
});

export function keyValueHeadsField(standard: number): ReturnType<typeof integer> {
  return integer({
    label: "Key-value heads", help: "Fewer than the heads saves memory when generating; 0 gives every head its own.", group: "Model",
    min: 0, max: 64, step: 1, default: standard, advanced: true,
  });
}

export const normalization = choice({
  label: "Normalization", help: "How the numbers in each layer are kept in range.", group: "Model", default: "rmsNorm",
  options: [
    { id: "layerNorm", label: "LayerNorm", summary: "Centers and scales; used by GPT-2." },
    { id: "rmsNorm", label: "RMSNorm", summary: "Only scales, so it is faster; used by Llama." },
  ],
});

export const positions = choice({
  label: "Positions", help: "How the model knows where a token stands.", group: "Model", default: "rotary",
  options: [
    { id: "learned", label: "Learned", summary: "One learned vector per position; used by GPT-2." },
    { id: "rotary", label: "Rotary", summary: "Turns queries and keys by their position; used by Llama." },
  ],
});

export const feedForward = choice({
  label: "Feed-forward", help: "What happens to each token between attention layers.", group: "Model", default: "swiglu",
  options: [
    { id: "gelu", label: "GELU", summary: "Two matrices around a smooth threshold; used by GPT-2." },
    { id: "swiglu", label: "SwiGLU", summary: "Three matrices, one of them a gate; used by Llama." },
  ],
});

/** Added to variances, as GPT-2 and Llama do. */
export const EPSILON = 1e-5;
export const ROTARY_BASE = 10_000;
