/**
 * The decoder-only transformer behind every model here: embeddings, blocks of attention and feed-forward with a residual
 * around each, a last norm, a head. In: a `DecoderConfig`. Out: its parameters and constants, and three pure graphs: `hidden`
 * for whole windows, `head` for logits, `decode` for one token with a cache. GPT-2 and Llama are settings of it.
 */
import { type TensorType, type Value, f32 } from "../../engine/graph/value";
import { dropout } from "../../engine/ops/dropout";
import { add } from "../../engine/ops/elementwise";
import { embedding } from "../../engine/ops/embedding";
import { gather } from "../../engine/ops/gather";
import { matmul } from "../../engine/ops/matmul/matmul";
import { reshape, slice } from "../../engine/ops/movement";
import { recomputed } from "../../engine/ops/withGradients";
import { type AttentionOptions, attend, attendTo, attentionParameters, headSizeOf } from "../layers/attention";
import { type FeedForwardOptions, applyFeedForward, feedForwardParameters } from "../layers/feedForward";
import { type LayerParameter, type Values, normal, parameter, valueNamed } from "../layers/layer";
import { type NormalizationOptions, normalizationParameters, normalize } from "../layers/normalization";
import { type ModelConstant, rotaryTables } from "../layers/positions";
import type { ParameterSpec } from "../parameters";
import { placeInCheckpoint } from "./checkpointNames";

export interface DecoderConfig extends AttentionOptions, FeedForwardOptions, NormalizationOptions {
  readonly vocabularySize: number;
  /** Positions the model knows: the longest window. */
  readonly contextLength: number;
  readonly layers: number;
  /** Whether the head's weights are those of the token embedding. */
  readonly tied: boolean;
  /** Share of the embeddings and of each residual branch that is dropped in training. */
  readonly dropout: number;
  readonly rotaryBase: number;
  /** Whether each block keeps its input only, and is computed again in the backward pass. */
  readonly recomputed: boolean;
}

/** Token ids u32 [N], and, where the embedding has to learn, the same ids sorted (see ops/embedding). */
export interface TokenInputs {
  readonly ids: Value;
  readonly sorted?: { readonly order: Value; readonly starts: Value };
}

export interface HiddenCall {
  readonly parameters: Values;
  readonly constants: Values;
  readonly tokens: TokenInputs;
  /** T, at most the context length; N is a multiple of it. */
  readonly time: number;
  /** Given in training only, u32 [2]: changes with every batch. */
  readonly dropoutKey?: Value;
}

export interface DecodeCall {
  readonly parameters: Values;
  readonly constants: Values;
  /** u32 [1] each. */
  readonly token: Value;
  readonly position: Value;
  /** Of the type `cacheType`, one per layer. */
  readonly caches: readonly Value[];
}

export interface Decoder {
  readonly config: DecoderConfig;
  readonly parameters: readonly ParameterSpec[];
  readonly constants: readonly ModelConstant[];
  readonly cacheType: TensorType;
  /** [N, C], after the last norm. */
  readonly hidden: (call: HiddenCall) => Value;
  /** [V, C]: its product with hidden rows is their logits. */
  readonly headWeight: (parameters: Values) => Value;
  /** [N, V] of [N, C]. */
  readonly head: (hidden: Value, parameters: Values) => Value;
  /** Logits [1, V] of the next token, and the caches with this one written into them. */
  readonly decode: (call: DecodeCall) => { readonly logits: Value; readonly caches: readonly Value[] };
}

export function makeDecoder(config: DecoderConfig): Decoder {
  const headWeight = (parameters: Values): Value => valueNamed(parameters, config.tied ? TOKEN_EMBEDDING : HEAD);
  const head = (hidden: Value, parameters: Values): Value => matmul(hidden, headWeight(parameters), "NT");
  return {
    config,
    parameters: decoderParameters(config),
    constants: config.positions === "rotary" ? rotaryTables(config.contextLength, headSizeOf(config), config.rotaryBase) : [],
    cacheType: f32(config.contextLength, 2 * config.keyValueHeads * headSizeOf(config)),
    hidden: (call) => hiddenStates(config, call),
    headWeight,
    head,
    decode: (call) => decode(config, call, head),
  };
}

const TOKEN_EMBEDDING = "tokenEmbedding";
const POSITION_EMBEDDING = "positionEmbedding";
const HEAD = "head.weight";

/** GPT-2's first weights: 0.02 everywhere, less where 2·layers residual branches add up. */
const DEVIATION = 0.02;

export function decoderParameters(config: DecoderConfig): ParameterSpec[] {
  const { vocabularySize, contextLength, layers, width, positions, tied } = config;
  const outputDeviation = DEVIATION / Math.sqrt(2 * layers);
  const blocks = Array.from({ length: layers }, (_, index): LayerParameter[] => {
    const { attention, attentionNorm, feedForward, feedForwardNorm } = namesOf(index);
    return [
      ...normalizationParameters(attentionNorm, config),
      ...attentionParameters(attention, config, DEVIATION, outputDeviation),
      ...normalizationParameters(feedForwardNorm, config),
      ...feedForwardParameters(feedForward, config, DEVIATION, outputDeviation),
    ];
  });
  const parameters = [
    parameter(TOKEN_EMBEDDING, [vocabularySize, width], normal(DEVIATION)),
    ...(positions === "learned" ? [parameter(POSITION_EMBEDDING, [contextLength, width], normal(DEVIATION))] : []),
    ...blocks.flat(),
    ...normalizationParameters(FINAL_NORM, config),
    ...(tied ? [] : [parameter(HEAD, [vocabularySize, width], normal(DEVIATION))]),
  ];
  return parameters.map((one) => ({ ...one, checkpoint: placeInCheckpoint(one, config) }));
}

const FINAL_NORM = "finalNorm";

const layerName = (layer: number): string => `layers.${layer}`;

function namesOf(layer: number): Record<"attention" | "attentionNorm" | "feedForward" | "feedForwardNorm", string> {
  const name = layerName(layer);
  return {
    attention: `${name}.attention`,
    attentionNorm: `${name}.attentionNorm`,
    feedForward: `${name}.feedForward`,
    feedForwardNorm: `${name}.feedForwardNorm`,
  };
}

function hiddenStates(config: DecoderConfig, { parameters, constants, tokens, time, dropoutKey }: HiddenCall): Value {
  // Each place that drops has a number of its own, so that no two drop alike; a block that is recomputed drops as before.
  const drop = (x: Value, site: number): Value => (dropoutKey && config.dropout > 0 ? dropout(x, dropoutKey, config.dropout, site) : x);
  const block = (input: Value, own: Values, layer: number): Value => {
    const names = namesOf(layer);
    const attended = attend(normalize(input, own, names.attentionNorm, config), own, constants, names.attention, config, time);
    const x = add(input, drop(attended, 1 + 2 * layer));
    const fed = applyFeedForward(normalize(x, own, names.feedForwardNorm, config), own, names.feedForward, config);
    return add(x, drop(fed, 2 + 2 * layer));
  };
  let x = drop(addPositions(embed(tokens, parameters), parameters, config, time), 0);
  for (let layer = 0; layer < config.layers; layer += 1) {
    x = config.recomputed ? recomputeBlock(x, parameters, layer, block) : block(x, parameters, layer);
  }
  return normalize(x, parameters, FINAL_NORM, config);
}

/** A block of which the backward pass keeps the input alone; the parameters that bear its layer's name are its other inputs. */
function recomputeBlock(x: Value, parameters: Values, layer: number, block: (x: Value, own: Values, layer: number) => Value): Value {
  const names = Object.keys(parameters).filter((name) => name.startsWith(`${layerName(layer)}.`));
  const ownOf = (values: readonly Value[]): Values => Object.fromEntries(names.map((name, index) => [name, values[index]!]));
  return recomputed([x, ...names.map((name) => parameters[name]!)], ([input, ...own]) => block(input!, ownOf(own), layer));
}

function embed({ ids, sorted }: TokenInputs, parameters: Values): Value {
  const table = valueNamed(parameters, TOKEN_EMBEDDING);
  return sorted ? embedding(table, ids, sorted.order, sorted.starts) : gather(table, ids);
}

function addPositions(x: Value, parameters: Values, config: DecoderConfig, time: number): Value {
  if (config.positions === "rotary") return x;
  const table = valueNamed(parameters, POSITION_EMBEDDING);
  const rows = time === config.contextLength ? table : slice(table, 0, 0, time);
  const [N, C] = [x.shape[0]!, config.width];
  return reshape(add(reshape(x, [N / time, time, C]), rows), [N, C]);
}

function decode(config: DecoderConfig, { parameters, constants, token, position, caches }: DecodeCall, head: Decoder["head"]): ReturnType<Decoder["decode"]> {
  let x = gather(valueNamed(parameters, TOKEN_EMBEDDING), token);
  if (config.positions === "learned") x = add(x, gather(valueNamed(parameters, POSITION_EMBEDDING), position));
  const written = caches.map((cache, layer) => {
    const names = namesOf(layer);
    const normed = normalize(x, parameters, names.attentionNorm, config);
    const attended = attendTo(normed, cache, position, parameters, constants, names.attention, config);
    x = add(x, attended.y);
    x = add(x, applyFeedForward(normalize(x, parameters, names.feedForwardNorm, config), parameters, names.feedForward, config));
    return attended.cache;
  });
  return { logits: head(normalize(x, parameters, FINAL_NORM, config), parameters), caches: written };
}
