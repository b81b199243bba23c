/**
 * GPT-2: LayerNorm, learned positions, GELU, one key-value head per head. A trained one is a valid GPT-2 checkpoint.
 * Source: https://github.com/openai/gpt-2, and transformers' modeling_gpt2.py for the details of layout.
 */
import { z } from "zod";
import { EPSILON, ROTARY_BASE, biases, contextLength, dropout, gradientCheckpointing, heads, hiddenWidth, layers, tiedEmbeddingsField, width } from "./fields";
import { defineModel } from "./model";

export const gpt = defineModel({
  id: "gpt",
  label: "GPT",
  summary: "The architecture of GPT-2.",
  settings: z.object({ layers, heads, width, contextLength, dropout, tiedEmbeddings: tiedEmbeddingsField({ default: true }), biases, hiddenWidth, gradientCheckpointing }),
  draft: ({ tiedEmbeddings: tied, gradientCheckpointing: recomputed, ...sizes }) => ({
    ...sizes,
    tied,
    recomputed,
    keyValueHeads: 0,
    normalization: "layerNorm",
    positions: "learned",
    feedForward: "gelu",
    epsilon: EPSILON,
    rotaryBase: ROTARY_BASE,
  }),
});
