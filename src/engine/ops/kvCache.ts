/**
 * Attention one token at a time, for generation. The cache [Tmax, 2·K·D] holds the keys and values of the tokens so far, one row
 * each; position u32 [1] is the row of the token at hand. `cacheWrite` puts the token's keys and values into its row, in place;
 * `cachedAttention` lets its queries attend to rows 0 … position. Neither has a fast gradient: nobody trains through them.
 */
import { type Heads, maskScores, requireHeads, softmaxOfScores } from "./attention/attention";
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering } from "../graph/op";
import { type Attributes, ShapeError, type TensorType, type Value, applyOne, sizeOf } from "../graph/value";
import { f32Literal, itemKernel, read, write } from "../wgsl/kernel";
import { rowElement } from "../wgsl/rows";
import { atLeast, equal, iota, multiply, scalar, toFloat, where } from "./elementwise";
import { matmul } from "./matmul/matmul";
import { permute, reshape, slice } from "./movement";

function requireCache(name: string, [qkv, cache, position]: readonly [TensorType, TensorType, TensorType], attributes: Attributes): Heads & { readonly rows: number } {
  const heads = requireHeads(name, [qkv, cache, position], attributes);
  const width = 2 * heads.keyValueHeads * heads.headSize;
  const isOneToken = sizeOf(qkv.shape) === qkv.shape.at(-1);
  if (!isOneToken || cache.shape.length !== 2 || cache.shape[1] !== width || position.dtype !== "u32" || sizeOf(position.shape) !== 1) {
    throw new ShapeError(name, [qkv, cache, position], `takes the qkv of one token, a cache [Tmax, ${width}] and a position u32 [1].`);
  }
  return { ...heads, rows: cache.shape[0]! };
}

const cacheWriteOp = defineFusedOp({
  name: "cacheWrite",
  inputs: ["cache", "qkv", "position"],
  outputs: ["written"],
  updates: { 0: 0 },
  meaning: ({ cache, qkv, position }, attributes) => {
    const { heads, headSize } = requireCache("cacheWrite", [qkv, cache, position], attributes);
    const width = cache.shape[1]!;
    const row = slice(reshape(qkv, [1, sizeOf(qkv.shape)]), 1, heads * headSize, width);
    return { written: where(equal(iota(cache.shape, 0), toFloat(reshape(position, [1]))), row, cache) };
  },
  // `written` lives in the cache's bytes: the other rows are there already. A position past the end writes nothing.
  lower: ({ inputTypes, attributes }) => {
    const { heads, headSize } = attributes as unknown as Heads;
    const [rows, width] = inputTypes[0]!.shape as [number, number];
    const kernel = itemKernel({
      label: "cacheWrite",
      bindings: { qkv: read("f32"), position: read("u32"), written: write("f32") },
      workgroupSize: 64,
      items: width,
      body: `  if (position[0] < ${rows}u) { written[position[0] * ${width}u + item] = qkv[${heads * headSize}u + item]; }`,
    });
    return { kernels: [kernel] };
  },
});

const cachedAttentionOp = defineFusedOp({
  name: "cachedAttention",
  inputs: ["qkv", "cache", "position"],
  outputs: ["y"],
  meaning: ({ qkv, cache, position }, attributes) => {
    const { heads: H, keyValueHeads: K, headSize: D, rows } = requireCache("cachedAttention", [qkv, cache, position], attributes);
    const queries = reshape(slice(reshape(qkv, [1, sizeOf(qkv.shape)]), 1, 0, H * D), [K, H / K, D]);
    const rowsOf = (start: number): Value => permute(reshape(slice(cache, 1, start, K * D), [rows, K, D]), [1, 0, 2]);
    const scores = multiply(matmul(queries, rowsOf(0), "NT"), scalar(1 / Math.sqrt(D)));
    const seen = atLeast(toFloat(reshape(position, [1])), iota(scores.shape, 2));
    const { probabilities } = softmaxOfScores(maskScores(seen, scores));
    return { y: reshape(matmul(probabilities, rowsOf(K * D)), [1, H * D]) };
  },
  lower: lowerCachedAttention,
});

/** Two kernels: the scores, one invocation per (head, row); then their softmax and the mix, one per (head, four columns). */
function lowerCachedAttention({ inputTypes, attributes }: LowerCall): Lowering {
  const { heads: H, keyValueHeads: K, headSize: D } = attributes as unknown as Heads;
  const rows = inputTypes[1]!.shape[0]!;
  const { T, W, sum } = rowElement(D);
  const constants = { F: D / W, ROWS: rows, WIDTH: (2 * K * D) / W, GROUP: H / K };
  const scores = itemKernel({
    label: "cachedAttention(scores)",
    bindings: { qkv: read(T), cache: read(T), position: read("u32"), scores: write("f32") },
    constants,
    workgroupSize: 64,
    items: H * rows,
    body: `  let h = item / ROWS;
  let s = item % ROWS;
  if (s > position[0]) { return; }
  let key = s * WIDTH + (h / GROUP) * F;
  var total = ${T}();
  for (var i = 0u; i < F; i++) { total += qkv[h * F + i] * cache[key + i]; }
  scores[item] = ${sum("total")} * ${f32Literal(1 / Math.sqrt(D))};`,
  });
  const mix = itemKernel({
    label: "cachedAttention(mix)",
    bindings: { scores: read("f32"), cache: read(T), position: read("u32"), y: write(T) },
    constants,
    workgroupSize: 64,
    items: (H * D) / W,
    body: `  let h = item / F;
  let value = ${(K * D) / W}u + (h / GROUP) * F + item % F;
  let end = min(position[0] + 1u, ROWS);
  var top = scores[h * ROWS];
  for (var s = 1u; s < end; s++) { top = max(top, scores[h * ROWS + s]); }
  var total = 0.0;
  var mixed = ${T}();
  for (var s = 0u; s < end; s++) {
    let p = exp(scores[h * ROWS + s] - top);
    total += p;
    mixed += p * cache[s * WIDTH + value];
  }
  y[item] = mixed / total;`,
  });
  return { kernels: [scores, mix], scratch: { scores: H * rows } };
}

/** The cache with the keys and values of one token (qkv [1, (H + 2K)·D] or [1, 1, …]) in row `position`: the same bytes, changed. */
export function cacheWrite(cache: Value, qkv: Value, position: Value, { heads, keyValueHeads, headSize }: Heads): Value {
  return applyOne(cacheWriteOp, [cache, qkv, position], { heads, keyValueHeads, headSize });
}

/** y [1, H·D]: the token's queries over rows 0 … position of the cache, its own row included. */
export function cachedAttention(qkv: Value, cache: Value, position: Value, { heads, keyValueHeads, headSize }: Heads): Value {
  return applyOne(cachedAttentionOp, [qkv, cache, position], { heads, keyValueHeads, headSize });
}
