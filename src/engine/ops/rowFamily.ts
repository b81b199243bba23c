/**
 * How many invocations share a row in kernels that reduce rows: 1 (no barrier) or a workgroup of 32. In: the work. Out: lanes.
 */
import { type KernelFamily, type Work, chooseVariant, defineFamily } from "../graph/kernelFamily";
import type { Target } from "../graph/op";

const NORMALIZATIONS = ["layerNorm", "layerNormNoBias", "rmsNorm", "softmax", "crossEntropy"];

export const rowFamily: KernelFamily = defineFamily({
  name: "rows",
  ops: NORMALIZATIONS.flatMap((name) => [name, `${name}Backward`]),
  classOf: ({ inputTypes }) => (inputTypes[0]!.shape.at(-1)! <= 128 ? "short" : "long"),
  variants: () => ["32", "1"],
});

export const rowLanes = (work: Work, target: Target): number => Number(chooseVariant(rowFamily, work, target));
