/**
 * Attention one token at a time, for generation. The cache [Tmax, 2·K·D] holds the keys and values of the tokens so far, one row
 * each; position u32 [1] is the row of the token at hand. `cachedAttention` puts the token's keys and values into its row, in place,
 * and lets its queries attend to rows 0 … position. It has no fast gradient: nobody trains through it.
 */
import { type Heads, maskScores, requireHeads, softmaxOfScores } from "./attention/attention";
import { lowerCachedAttentionCpu } from "./cacheCpu";
import { lowerCachedAttention } from "./cacheKernels";
import { defineFusedOp } from "../graph/fusedOp";
import { type Attributes, ShapeError, type TensorType, type Value, apply, sizeOf } from "../graph/value";
import { atLeast, equal, iota, multiply, scalar, toFloat, where } from "./elementwise";
import { matmul } from "./matmul/matmul";
import { permute, reshape, slice } from "./movement";

function requireCache([qkv, cache, position]: readonly [TensorType, TensorType, TensorType], attributes: Attributes): Heads & { readonly rows: number } {
  const heads = requireHeads("cachedAttention", [qkv, cache, position], attributes);
  const width = 2 * heads.keyValueHeads * heads.headSize;
  const isOneToken = sizeOf(qkv.shape) === qkv.shape.at(-1);
  if (!isOneToken || cache.shape.length !== 2 || cache.shape[1] !== width || position.dtype !== "u32" || sizeOf(position.shape) !== 1) {
    throw new ShapeError("cachedAttention", [qkv, cache, position], `takes the qkv of one token, a cache [Tmax, ${width}] and a position u32 [1].`);
  }
  return { ...heads, rows: cache.shape[0]! };
}

const cachedAttentionOp = defineFusedOp({
  name: "cachedAttention",
  inputs: ["qkv", "cache", "position"],
  outputs: ["y", "written"],
  updates: { 1: 1 },
  meaning: ({ qkv, cache, position }, attributes) => {
    const { heads: H, keyValueHeads: K, headSize: D, rows } = requireCache([qkv, cache, position], attributes);
    const token = reshape(qkv, [1, sizeOf(qkv.shape)]);
    const at = toFloat(reshape(position, [1]));
    // A position past the end writes nothing.
    const written = where(equal(iota(cache.shape, 0), at), slice(token, 1, H * D, cache.shape[1]!), cache);
    const queries = reshape(slice(token, 1, 0, H * D), [K, H / K, D]);
    const rowsOf = (start: number): Value => permute(reshape(slice(written, 1, start, K * D), [rows, K, D]), [1, 0, 2]);
    const scores = multiply(matmul(queries, rowsOf(0), "NT"), scalar(1 / Math.sqrt(D)));
    const { probabilities } = softmaxOfScores(maskScores(atLeast(at, iota(scores.shape, 2)), scores));
    return { y: reshape(matmul(probabilities, rowsOf(K * D)), [1, H * D]), written };
  },
  lower: lowerCachedAttention,
  lowerCpu: lowerCachedAttentionCpu,
});

export interface Attended {
  /** [1, H·D]: the token's queries over rows 0 … position, its own row included. */
  readonly y: Value;
  /** The same bytes as before, with the token's keys and values in row `position`. */
  readonly cache: Value;
}

/** `qkv` is that of one token, [1, (H + 2K)·D] or [1, 1, …]. */
export function cachedAttention(qkv: Value, cache: Value, position: Value, { heads, keyValueHeads, headSize }: Heads): Attended {
  const [y, written] = apply(cachedAttentionOp, [qkv, cache, position], { heads, keyValueHeads, headSize });
  return { y: y!, cache: written! };
}
