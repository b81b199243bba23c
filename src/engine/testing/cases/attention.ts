/** Op cases: attention, causal and full, with and without lengths; head sizes, times and groups off every tile's grid. */
import { type Heads, attention } from "../../ops/attention/attention";
import { NORMALIZED, type OpCase, filled, floats, shapeText, whole } from "../opCase";

interface Sizes {
  readonly B: number;
  readonly T: number;
  readonly H: number;
  readonly K: number;
  readonly D: number;
}
export const sizesOf = ([B, T, H, K, D]: readonly [number, number, number, number, number]): Sizes => ({ B, T, H, K, D });

const SIZES = ([
  [1, 1, 1, 1, 1], [1, 2, 1, 1, 4], [2, 3, 2, 2, 3], [1, 4, 4, 2, 4], [2, 5, 3, 1, 8], [1, 7, 2, 1, 5], [2, 8, 2, 2, 8], [1, 9, 6, 3, 12], [1, 31, 2, 1, 4], [1, 33, 1, 1, 16], [2, 65, 2, 1, 4], [1, 63, 1, 1, 2], [1, 5, 2, 1, 64],
] as const).map(sizesOf);

interface Options {
  readonly kind: "causal" | "full";
  /** Factor of normal numbers: scores grow by its square. */
  readonly scale?: number;
  readonly lengths?: readonly number[];
  readonly by?: readonly string[];
}

export function attentionCase({ B, T, H, K, D }: Sizes, { kind, scale = 1, lengths, by = ["qkv"] }: Options): OpCase {
  const heads: Heads = { heads: H, keyValueHeads: K, headSize: D };
  const shape = [B, T, (H + 2 * K) * D];
  const qkv = floats(74, shape);
  const notes = [scale === 1 ? "" : `, times ${scale}`, lengths ? `, lengths ${lengths.join(" ")}` : ""];
  return {
    op: lengths ? "attentionPadded" : "attention",
    name: `${kind} attention ${shapeText(shape)} of ${H} over ${K} × ${D}${notes.join("")}`, tolerance: { ...NORMALIZED, absolute: 1e-30 }, onGpu: true, by,
    inputs: { qkv: filled(shape, Array.from(qkv.data, (x) => x * scale)), ...(lengths ? { lengths: whole([B], lengths) } : {}) },
    build: (given) => attention(given["qkv"]!, heads, kind, given["lengths"]).node.outputs,
  };
}

const wide = sizesOf([1, 9, 2, 1, 4]);
const unpadded = [
  ...SIZES.flatMap((sizes) => [attentionCase(sizes, { kind: "causal" }), attentionCase(sizes, { kind: "full" })]),
  // Equal scores; scores of ±10⁴, where all but one probability vanish.
  attentionCase(wide, { kind: "causal", scale: 0, by: [] }), attentionCase(wide, { kind: "causal", scale: 100, by: [] }),
  // The widest head: as many registers as an invocation ever holds.
  attentionCase(sizesOf([1, 3, 1, 1, 256]), { kind: "causal" }),
];

/** Of each sequence: nothing, one token, some, all, and more than there are. */
const PADDED: readonly (readonly [Sizes, readonly number[]])[] = ([
  [[1, 1, 1, 1, 1], [1]], [[2, 3, 2, 2, 3], [0, 2]], [[3, 4, 4, 2, 4], [4, 1, 9]], [[2, 9, 3, 1, 8], [5, 8]], [[2, 33, 2, 1, 4], [17, 32]], [[3, 35, 1, 1, 16], [0, 35, 16]], [[2, 6, 2, 1, 5], [6, 3]],
] as const).map(([sizes, lengths]) => [sizesOf(sizes), lengths]);
const padded = PADDED.flatMap(([sizes, lengths]) => [attentionCase(sizes, { kind: "causal", lengths }), attentionCase(sizes, { kind: "full", lengths })]);

export const attentionCases: readonly OpCase[] = [...unpadded, ...padded];
