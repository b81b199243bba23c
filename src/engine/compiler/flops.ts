/**
 * The arithmetic of an op, for estimates, rates and the tuner. In: an op's name, the types of its inputs, its attributes. Out:
 * multiplications and additions of matrix products and attention; 0 for everything else, which is bound by its bytes.
 */
import { type Attributes, type TensorType, sizeOf } from "../graph/value";
import { matmulExtents } from "../ops/matmul/extents";

/** Attention by its two products over half the square (causal) or all of it, 2.5 times that backward. */
export function flopsOf(op: string, inputs: readonly TensorType[], attributes: Attributes): number {
  if (op === "matmul") {
    const { batch, M, N, K } = matmulExtents(inputs, attributes);
    return 2 * batch * M * N * K;
  }
  if (!op.startsWith("attention")) return 0;
  const [B, T] = inputs[0]!.shape as [number, number];
  const width = Number(attributes["heads"]) * Number(attributes["headSize"]);
  const forward = (4 * sizeOf([B, T, T, width])) / (attributes["causal"] === true ? 2 : 1);
  return op.endsWith("Backward") ? 2.5 * forward : forward;
}
