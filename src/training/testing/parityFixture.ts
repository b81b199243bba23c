/**
 * What scripts/fixtures/parity.py recorded. In: the bytes of a fixture. Out: the model and training settings in our words, the
 * batches as token windows, the tensors by name.
 */
import type { DecoderConfig } from "../models/decoder";
import type { BatchExtent, TokenArray } from "../objectives/objective";
import type { Tensor } from "../parameters";
import { readSafetensors } from "../safetensors";

export const PARITY_FIXTURES = ["gpt", "llama", "gpt-accumulated"] as const;

export interface ParityFixture {
  readonly config: DecoderConfig;
  readonly extent: BatchExtent;
  readonly training: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
    readonly clip: number;
    /** Batches per update. */
    readonly accumulation: number;
  };
  readonly batches: number;
  readonly tensor: (name: string) => Tensor | undefined;
  readonly numbers: (name: string) => ArrayLike<number>;
  /** The windows of one batch, T + 1 tokens each, one after the other. */
  readonly windows: (batch: number) => TokenArray;
}

export function readParityFixture(bytes: ArrayBuffer): ParityFixture {
  const { metadata, tensors } = readSafetensors(bytes, "parity fixture");
  const tensor = (name: string): Tensor | undefined => {
    const found = tensors.get(name);
    return found && found.dtype !== "I64" ? found : undefined;
  };
  const needed = (name: string): Tensor => {
    const found = tensor(name);
    if (!found) throw new Error(`The parity fixture has no tensor "${name}".`);
    return found;
  };
  const config = readConfig(JSON.parse(metadata["config"]!) as HuggingFaceConfig);
  const [batches, batch, time] = needed("inputs").shape as [number, number, number];
  const { betas, ...training } = JSON.parse(metadata["training"]!) as ParityFixture["training"] & { betas: [number, number] };
  return {
    config,
    extent: { batch, time, vocabularySize: config.vocabularySize },
    training: { ...training, beta1: betas[0], beta2: betas[1] },
    batches,
    tensor,
    numbers: (name) => needed(name).data,
    windows: (index) => joinWindows(needed("inputs").data, needed("targets").data, index * batch * time, batch, time),
  };
}

/** Inputs, and targets which are inputs one further: each window is its inputs and its last target. */
function joinWindows(inputs: ArrayLike<number>, targets: ArrayLike<number>, first: number, batch: number, time: number): Uint16Array {
  const tokens = new Uint16Array(batch * (time + 1));
  for (let b = 0; b < batch; b += 1) {
    for (let t = 0; t < time; t += 1) tokens[b * (time + 1) + t] = inputs[first + b * time + t]!;
    tokens[b * (time + 1) + time] = targets[first + b * time + time - 1]!;
  }
  return tokens;
}

type HuggingFaceConfig =
  | {
      readonly model_type: "gpt2"; readonly vocab_size: number; readonly n_positions: number; readonly n_embd: number; readonly n_layer: number;
      readonly n_head: number; readonly layer_norm_epsilon: number; readonly tie_word_embeddings: boolean; readonly linear_biases: boolean;
    }
  | {
      readonly model_type: "llama"; readonly vocab_size: number; readonly hidden_size: number; readonly intermediate_size: number;
      readonly num_hidden_layers: number; readonly num_attention_heads: number; readonly num_key_value_heads: number;
      readonly max_position_embeddings: number; readonly rms_norm_eps: number; readonly rope_parameters: { readonly rope_theta: number };
      readonly tie_word_embeddings: boolean;
    };

function readConfig(config: HuggingFaceConfig): DecoderConfig {
  const shared = { vocabularySize: config.vocab_size, tied: config.tie_word_embeddings, dropout: 0 };
  if (config.model_type === "gpt2") {
    return {
      ...shared, layers: config.n_layer, heads: config.n_head, keyValueHeads: config.n_head, width: config.n_embd, hiddenWidth: 4 * config.n_embd,
      contextLength: config.n_positions, normalization: "layerNorm", positions: "learned", feedForward: "gelu", biases: config.linear_biases,
      epsilon: config.layer_norm_epsilon, rotaryBase: 10_000, recomputed: false,
    };
  }
  return {
    ...shared, layers: config.num_hidden_layers, heads: config.num_attention_heads, keyValueHeads: config.num_key_value_heads, width: config.hidden_size,
    hiddenWidth: config.intermediate_size, contextLength: config.max_position_embeddings, normalization: "rmsNorm", positions: "rotary",
    feedForward: "swiglu", biases: false, epsilon: config.rms_norm_eps, rotaryBase: config.rope_parameters.rope_theta, recomputed: false,
  };
}
