/** What a matrix product is asked for. In: its operands' types and its layout. Out: extents. */
import { type Attributes, type TensorType, sizeOf } from "../../graph/value";

export interface MatmulExtents {
  readonly batch: number;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly layout: "NN" | "NT" | "TN";
}

export function matmulExtents([a, b]: readonly TensorType[], attributes: Attributes): MatmulExtents {
  const layout = attributes["layout"] as MatmulExtents["layout"];
  const [rows, columns] = a!.shape.slice(-2) as [number, number];
  const [M, K] = layout === "TN" ? [columns, rows] : [rows, columns];
  const N = layout === "NT" ? b!.shape.at(-2)! : b!.shape.at(-1)!;
  return { batch: sizeOf(a!.shape.slice(0, -2)), M, N, K, layout };
}
