/**
 * How many invocations share a row in kernels that reduce rows: one (no barrier), one subgroup (no barrier either, where subgroups
 * have one size), or a workgroup of 32 or, for long rows, 256. In: the work. Out: the lanes and how they reduce.
 */
import { type KernelFamily, type Work, chooseVariant, defineFamily } from "../graph/kernelFamily";
import type { Target } from "../graph/op";
import type { RowLanes } from "../wgsl/rows";

const NORMALIZATIONS = ["layerNorm", "layerNormNoBias", "rmsNorm", "softmax"];
/** Columns from which a row may be worth a large workgroup. */
const LONG_ROW = 1024;

/** Columns of what is normalized; a softmax's gradient has no x, but dY of the same shape. */
const columnsOf = ({ inputTypes }: Work): number => inputTypes[0]!.shape.at(-1)!;

export const rowFamily: KernelFamily = defineFamily({
  name: "rows",
  ops: ["crossEntropy", ...NORMALIZATIONS.flatMap((name) => [name, `${name}Backward`])],
  classOf: (work) => (columnsOf(work) <= 128 ? "short" : columnsOf(work) < LONG_ROW ? "long" : "longest"),
  variants: (work, { subgroupSize, workgroupInvocations }) => [
    // The first compiles in a few milliseconds everywhere; a tree of barriers takes a software adapter seconds.
    "1",
    "32",
    ...(subgroupSize > 1 ? ["subgroup"] : []),
    ...(columnsOf(work) >= LONG_ROW && workgroupInvocations >= 256 ? ["256"] : []),
  ],
});

export function rowLanes(work: Work, target: Target): RowLanes {
  const variant = chooseVariant(rowFamily, work, target);
  return variant === "subgroup" ? { count: target.subgroupSize, by: "subgroup" } : { count: Number(variant), by: "tree" };
}
