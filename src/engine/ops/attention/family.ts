/**
 * The ways to do attention, and which suit a work. In: an op call. Out: kernels of the chosen variant. "quads<n>" and "rows<n>" hold n rows per
 * invocation (rowKernels.ts).
 */
import { type KernelFamily, type Work, chooseVariant, defineFamily } from "../../graph/kernelFamily";
import type { LowerCall, Lowering, Target } from "../../graph/op";
import { type Plan, planAttention } from "./plan";
import { type RowStyle, rowForward, rowKeys, rowQueries } from "./rowKernels";

/** Wider heads than these leave no registers for a second row, and a software adapter compiles them for seconds. */
const WIDEST_PAIR = { quads: 64, rows: 32 };

const isBackward = ({ outputTypes }: Work): boolean => outputTypes.length === 1;

export const attentionFamily: KernelFamily = defineFamily({
  name: "attention",
  ops: ["attention", "attentionBackward", "attentionPadded", "attentionPaddedBackward"],
  classOf: (work) => {
    const { headSize, T } = planAttention(work);
    const length = T <= 64 ? "short" : T <= 512 ? "middle" : "long";
    return `${isBackward(work) ? "backward" : "forward"} ${headSize} ${length}`;
  },
  variants: (work, target) => {
    const { headSize } = planAttention(work);
    const kinds = target.subgroupSize >= 4 ? (["quads", "rows"] as const) : (["rows"] as const);
    return kinds.flatMap((kind) => (headSize <= WIDEST_PAIR[kind] ? [`${kind}2`, `${kind}1`] : [`${kind}1`]));
  },
});

/** Kernels of rows share a subgroup's width where it is known, so that a causal block wastes little. */
function rowStyle(variant: string, { subgroupSize }: Target): RowStyle {
  return { rows: Number(variant.slice(-1)), lanes: subgroupSize || 32, quads: variant.startsWith("quads") };
}

export function lowerForward(call: LowerCall): Lowering {
  const plan = planAttention(call);
  const variant = chooseVariant(attentionFamily, call, call.target);
  return { kernels: [rowForward(plan, rowStyle(variant, call.target))] };
}

/**
 * With p = e^(score − lse), dp = dy·v and delta = Σ dy·y: dScore = p · (dp − delta), dq = Σ dScore·k/√D, dk = Σ dScore·q/√D, dv = Σ p·dy.
 * One kernel by query and one by key, so that every result has one writer and sums have one order.
 */
export function lowerBackward(call: LowerCall): Lowering {
  const plan = planAttention(call);
  const style = rowStyle(chooseVariant(attentionFamily, call, call.target), call.target);
  return { kernels: [rowQueries(plan, style), rowKeys(plan, style)], scratch: deltaOf(plan) };
}

const deltaOf = ({ B, heads, T }: Plan): Readonly<Record<string, number>> => ({ delta: B * heads * T });
