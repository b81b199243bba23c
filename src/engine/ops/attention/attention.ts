/**
 * Scaled dot-product attention with grouped queries. In: qkv [B, T, (H + 2K)·D], per token the H query heads, K key heads and K
 * value heads side by side. Out: y [B, T, H·D] = softmax(q·kᵀ/√D)·v and lse [B, H, T], the log of each row's normalizer, from which the
 * backward pass makes the probabilities again: no T × T buffer is kept. Sources: Vaswani et al., arXiv 1706.03762; Dao et al.,
 * arXiv 2205.14135; Ainslie et al. (grouped queries), arXiv 2305.13245.
 */
import { defineFusedOp } from "../../graph/fusedOp";
import { type Attributes, ShapeError, type TensorType, type Value, applyOne } from "../../graph/value";
import { add, atLeast, divide, exponential, iota, less, logarithm, multiply, scalar, subtract, toFloat, where } from "../elementwise";
import { matmul } from "../matmul/matmul";
import { permute, reshape, slice } from "../movement";
import { reduceMax, reduceSum } from "../reduce";
import { lowerBackwardCpu } from "./cpuBackward";
import { lowerForwardCpu } from "./cpuForward";
import { lowerBackward, lowerForward } from "./family";

/** How a token's row is cut into heads. A type, not an interface, so that it can be a node's attributes. */
export type Heads = {
  readonly heads: number;
  /** K: each key/value head serves heads / keyValueHeads query heads. */
  readonly keyValueHeads: number;
  /** D: numbers per head, at most 256 (they are held in registers). */
  readonly headSize: number;
};

/** Lower than any masked score has to be; an infinity would make NaN out of a row that is all masked. */
const MASKED = -1e30;
export const LARGEST_HEAD = 256;

export function requireHeads(name: string, types: readonly TensorType[], attributes: Attributes): Heads {
  const { heads, keyValueHeads, headSize } = attributes as unknown as Heads;
  const width = (heads + 2 * keyValueHeads) * headSize;
  if (heads % keyValueHeads !== 0) throw new ShapeError(name, types, `${heads} heads cannot share ${keyValueHeads} key/value heads evenly.`);
  if (headSize > LARGEST_HEAD) throw new ShapeError(name, types, `a head of ${headSize} is wider than ${LARGEST_HEAD}.`);
  if (types[0]!.shape.at(-1) !== width) throw new ShapeError(name, types, `takes rows of (${heads} + 2·${keyValueHeads})·${headSize} = ${width} numbers.`);
  return { heads, keyValueHeads, headSize };
}

/** Softmax over the last axis of scores, and the log of its normalizer, in primitives. */
export function softmaxOfScores(scores: Value): { readonly probabilities: Value; readonly lse: Value } {
  const axis = scores.shape.length - 1;
  const kept = [...scores.shape.slice(0, -1), 1];
  const top = reduceMax(scores, [axis]);
  const powers = exponential(subtract(scores, reshape(top, kept)));
  const total = reduceSum(powers, [axis]);
  return { probabilities: divide(powers, reshape(total, kept)), lse: add(top, logarithm(total)) };
}

/** Scores where `condition` holds, a number far below them elsewhere. */
export const maskScores = (condition: Value, scores: Value): Value => where(condition, scores, scalar(MASKED));

/** Where an index along `axis` of `shape` is below the sequence's length; `lengths` has the rank of `shape`. */
const isBelow = (shape: readonly number[], axis: number, lengths: Value): Value => less(iota(shape, axis), lengths);

/** `lengths` [B]: keys from there on are not seen, and queries from there on give 0. */
function attentionMeaning(name: string, qkv: Value, attributes: Attributes, lengths?: Value): { readonly y: Value; readonly lse: Value } {
  if (qkv.shape.length !== 3) throw new ShapeError(name, [qkv], "takes qkv [B, T, (H + 2K)·D].");
  const { heads: H, keyValueHeads: K, headSize: D } = requireHeads(name, [qkv], attributes);
  const [B, T] = qkv.shape as [number, number, number];
  if (lengths && (lengths.dtype !== "u32" || lengths.shape.length !== 1 || lengths.shape[0] !== B)) throw new ShapeError(name, [qkv, lengths], `takes a length u32 [${B}] per sequence.`);
  const G = H / K;
  const queries = reshape(permute(reshape(slice(qkv, 2, 0, H * D), [B, T, K, G, D]), [0, 2, 3, 1, 4]), [B * K, G * T, D]);
  const rowsOf = (start: number): Value => reshape(permute(reshape(slice(qkv, 2, start * D, K * D), [B, T, K, D]), [0, 2, 1, 3]), [B * K, T, D]);
  const all = reshape(multiply(matmul(queries, rowsOf(H), "NT"), scalar(1 / Math.sqrt(D))), [B, H, T, T]);
  const past = attributes["causal"] ? maskScores(atLeast(iota([T, T], 0), iota([T, T], 1)), all) : all;
  const tokens = lengths && toFloat(lengths);
  const scores = tokens ? maskScores(isBelow([1, 1, 1, T], 3, reshape(tokens, [B, 1, 1, 1])), past) : past;
  const { probabilities, lse } = softmaxOfScores(scores);
  const mixed = matmul(reshape(probabilities, [B * K, G * T, T]), rowsOf(H + K));
  const y = reshape(permute(reshape(mixed, [B, K, G, T, D]), [0, 3, 1, 2, 4]), [B, T, H * D]);
  const rows = reshape(lse, [B, H, T]);
  if (!tokens) return { y, lse: rows };
  const each = reshape(tokens, [B, 1, 1]);
  return { y: where(isBelow([1, T, 1], 1, each), y, scalar(0)), lse: where(isBelow([1, 1, T], 2, each), rows, scalar(0)) };
}

const attentionOp = defineFusedOp({
  name: "attention",
  inputs: ["qkv"],
  outputs: ["y", "lse"],
  exact: ["lse"],
  meaning: ({ qkv }, attributes) => attentionMeaning("attention", qkv, attributes),
  lower: lowerForward,
  lowerCpu: lowerForwardCpu,
  backward: { of: "y", needs: ["qkv", "y", "lse"], gives: ["qkv"], lower: lowerBackward, lowerCpu: lowerBackwardCpu },
});

const attentionPaddedOp = defineFusedOp({
  name: "attentionPadded",
  inputs: ["qkv", "lengths"],
  outputs: ["y", "lse"],
  exact: ["lse"],
  meaning: ({ qkv, lengths }, attributes) => attentionMeaning("attentionPadded", qkv, attributes, lengths),
  lower: lowerForward,
  lowerCpu: lowerForwardCpu,
  backward: { of: "y", needs: ["qkv", "lengths", "y", "lse"], gives: ["qkv"], lower: lowerBackward, lowerCpu: lowerBackwardCpu },
});

/**
 * Attention of each token to all tokens of its sequence, or (causal) to itself and those before. With `lengths` u32 [B] the tokens from a
 * sequence's length on are padding: nothing attends to them, and they give 0. lse is the node's other output.
 */
export function attention(qkv: Value, heads: Heads, kind: "causal" | "full", lengths?: Value): Value {
  const causal = kind === "causal";
  return lengths ? applyOne(attentionPaddedOp, [qkv, lengths], { ...heads, causal, padded: true }) : applyOne(attentionOp, [qkv], { ...heads, causal });
}
