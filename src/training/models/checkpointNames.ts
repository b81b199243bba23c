/**
 * Where a decoder's parameters lie in a Hugging Face checkpoint. In: a parameter and the config. Out: tensor names. A config
 * with the choices of GPT-2 gets GPT-2's names, one with those of Llama gets Llama's; any other mix has no architecture in
 * transformers and keeps our own names. Layouts: transformers' modeling_gpt2.py and modeling_llama.py.
 */
import type { LayerParameter } from "../layers/layer";
import type { CheckpointPlace } from "../parameters";
import type { DecoderConfig } from "./decoder";

export type CheckpointLayout = "gpt2" | "llama" | "own";

export function checkpointLayout(config: DecoderConfig): CheckpointLayout {
  const { normalization, positions, feedForward, keyValueHeads, heads } = config;
  if (normalization === "layerNorm" && positions === "learned" && feedForward === "gelu" && keyValueHeads === heads) return "gpt2";
  if (normalization === "rmsNorm" && positions === "rotary" && feedForward === "swiglu") return "llama";
  return "own";
}

const GPT2: Readonly<Record<string, string>> = {
  tokenEmbedding: "transformer.wte.weight",
  positionEmbedding: "transformer.wpe.weight",
  finalNorm: "transformer.ln_f",
  head: "lm_head",
  attentionNorm: "ln_1",
  "attention.qkv": "attn.c_attn",
  "attention.output": "attn.c_proj",
  feedForwardNorm: "ln_2",
  "feedForward.up": "mlp.c_fc",
  "feedForward.down": "mlp.c_proj",
};

const LLAMA: Readonly<Record<string, string>> = {
  tokenEmbedding: "model.embed_tokens.weight",
  finalNorm: "model.norm",
  head: "lm_head",
  attentionNorm: "input_layernorm",
  "attention.output": "self_attn.o_proj",
  feedForwardNorm: "post_attention_layernorm",
  "feedForward.gate": "mlp.gate_proj",
  "feedForward.up": "mlp.up_proj",
  "feedForward.down": "mlp.down_proj",
};

export function placeInCheckpoint({ name, shape }: LayerParameter, config: DecoderConfig): CheckpointPlace {
  const layout = checkpointLayout(config);
  const rows = shape[0]!;
  if (layout === "own") return { parts: [{ name, rows }] };
  // "layers.3.attention.qkv.weight" is layer 3, part "attention.qkv", kind "weight"; "tokenEmbedding" has neither layer nor kind.
  const [, layer, part = name, kind] = /^(?:layers\.(\d+)\.)?(.+?)(?:\.(weight|bias|gain))?$/.exec(name)!;
  const prefix = layer === undefined ? "" : `${layout === "gpt2" ? "transformer.h" : "model.layers"}.${layer}.`;
  const suffix = kind === undefined ? "" : `.${kind === "gain" ? "weight" : kind}`;
  if (layout === "llama" && part === "attention.qkv") {
    const headSize = config.width / config.heads;
    const heads = { q_proj: config.heads, k_proj: config.keyValueHeads, v_proj: config.keyValueHeads };
    return { parts: Object.entries(heads).map(([projection, count]) => ({ name: `${prefix}self_attn.${projection}${suffix}`, rows: count * headSize })) };
  }
  const parts = [{ name: `${prefix}${(layout === "gpt2" ? GPT2 : LLAMA)[part]!}${suffix}`, rows }];
  // GPT-2's blocks are made of Conv1D, whose weights are [in, out].
  return layout === "gpt2" && layer !== undefined && kind === "weight" ? { parts, transposed: true } : { parts };
}
