/**
 * Causal self-attention with grouped key-value heads. In: rows [N, C]. Out: rows [N, C]. Queries, keys and values come from one
 * product, packed q | k | v along the row: H heads, then K, then K, each D wide. Rotary positions turn q and k; learned
 * ones were added before. `attendTo` is the same layer for one new token and a cache of earlier keys and values.
 */
import type { Value } from "../../engine/graph/value";
import { type Heads, attention } from "../../engine/ops/attention/attention";
import { gather } from "../../engine/ops/gather";
import { cachedAttention } from "../../engine/ops/kvCache";
import { reshape, slice } from "../../engine/ops/movement";
import { rotary } from "../../engine/ops/rotary";
import { type LayerParameter, type Values, linear, linearParameters, valueNamed } from "./layer";
import { ROTARY_COSINE, ROTARY_SINE } from "./positions";

export interface AttentionOptions {
  readonly width: number;
  readonly heads: number;
  /** Divides `heads`; that many queries share a key and value. */
  readonly keyValueHeads: number;
  readonly biases: boolean;
  readonly positions: "learned" | "rotary";
}

export const headSizeOf = ({ width, heads }: AttentionOptions): number => width / heads;

/** Columns of packed q | k | v. */
export const packedWidth = (options: AttentionOptions): number => (options.heads + 2 * options.keyValueHeads) * headSizeOf(options);

export function attentionParameters(name: string, options: AttentionOptions, deviation: number, outputDeviation: number): LayerParameter[] {
  const { width, biases } = options;
  return [
    ...linearParameters(`${name}.qkv`, { inputs: width, outputs: packedWidth(options), biases, deviation }),
    ...linearParameters(`${name}.output`, { inputs: width, outputs: width, biases, deviation: outputDeviation }),
  ];
}

export function attend(x: Value, parameters: Values, constants: Values, name: string, options: AttentionOptions, time: number): Value {
  const N = x.shape[0]!;
  const packed = reshape(linear(x, parameters, `${name}.qkv`), [N / time, time, packedWidth(options)]);
  const tables = options.positions === "rotary" ? [firstRows(constants, ROTARY_COSINE, time), firstRows(constants, ROTARY_SINE, time)] as const : undefined;
  const mixed = attention(rotate(packed, tables, options), sizesOf(options), "causal");
  return linear(reshape(mixed, [N, options.width]), parameters, `${name}.output`);
}

/** One token x [1, C] at `position` u32 [1]; `cache` [Tmax, 2·K·D] holds the keys and values of earlier positions. */
export function attendTo(
  x: Value, cache: Value, position: Value, parameters: Values, constants: Values, name: string, options: AttentionOptions,
): { readonly y: Value; readonly cache: Value } {
  const packed = reshape(linear(x, parameters, `${name}.qkv`), [1, 1, packedWidth(options)]);
  const row = (table: string): Value => gather(valueNamed(constants, table), position);
  const turned = rotate(packed, options.positions === "rotary" ? [row(ROTARY_COSINE), row(ROTARY_SINE)] : undefined, options);
  const mixed = cachedAttention(turned, cache, position, sizesOf(options));
  return { y: linear(mixed.y, parameters, `${name}.output`), cache: mixed.cache };
}

const sizesOf = (options: AttentionOptions): Heads => ({
  heads: options.heads,
  keyValueHeads: options.keyValueHeads,
  headSize: headSizeOf(options),
});

/** Turns the query and key heads, which come first; values are left alone. */
function rotate(packed: Value, tables: readonly [Value, Value] | undefined, options: AttentionOptions): Value {
  if (!tables) return packed;
  return rotary(packed, tables[0], tables[1], { heads: options.heads + options.keyValueHeads, headSize: headSizeOf(options) });
}

function firstRows(constants: Values, name: string, rows: number): Value {
  const table = valueNamed(constants, name);
  return table.shape[0] === rows ? table : slice(table, 0, 0, rows);
}
