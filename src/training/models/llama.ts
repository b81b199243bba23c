/**
 * Llama: RMSNorm, rotary positions, SwiGLU, shared key-value heads, no biases. A trained one is a valid Llama checkpoint.
 * Source: https://arxiv.org/abs/2302.13971, and transformers' modeling_llama.py for the details of layout.
 */
import { z } from "zod";
import { EPSILON, ROTARY_BASE, contextLength, dropout, gradientCheckpointing, heads, hiddenWidth, keyValueHeadsField, layers, tiedEmbeddingsField, width } from "./fields";
import { defineModel } from "./model";

export const llama = defineModel({
  id: "llama",
  label: "Llama",
  summary: "The architecture of Llama and most open models since.",
  settings: z.object({
    layers, heads, keyValueHeads: keyValueHeadsField(2), width, contextLength, dropout, tiedEmbeddings: tiedEmbeddingsField({ default: false }), hiddenWidth,
    gradientCheckpointing,
  }),
  draft: ({ tiedEmbeddings: tied, gradientCheckpointing: recomputed, ...sizes }) => ({
    ...sizes,
    tied,
    recomputed,
    biases: false,
    normalization: "rmsNorm",
    positions: "rotary",
    feedForward: "swiglu",
    epsilon: EPSILON,
    rotaryBase: ROTARY_BASE,
  }),
});
