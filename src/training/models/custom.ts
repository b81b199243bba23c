/** A decoder-only transformer with every choice free, to see what each one does. */
import { z } from "zod";
import {
  EPSILON, ROTARY_BASE, biases, contextLength, dropout, feedForward, gradientCheckpointing, heads, hiddenWidth, keyValueHeadsField, layers, normalization, positions,
  tiedEmbeddingsField, width,
} from "./fields";
import { defineModel } from "./model";

export const custom = defineModel({
  id: "transformer",
  label: "Custom transformer",
  summary: "Mix the parts of GPT-2 and Llama freely.",
  settings: z.object({
    layers, heads, keyValueHeads: keyValueHeadsField(0), width, contextLength, normalization, positions, feedForward, dropout,
    tiedEmbeddings: tiedEmbeddingsField({ default: true }), biases, hiddenWidth, gradientCheckpointing,
  }),
  draft: ({ tiedEmbeddings: tied, gradientCheckpointing: recomputed, ...choices }) => ({ ...choices, tied, recomputed, epsilon: EPSILON, rotaryBase: ROTARY_BASE }),
});
