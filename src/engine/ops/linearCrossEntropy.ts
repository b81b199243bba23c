/**
 * The mean cross-entropy of a linear head whose logits are never whole. In: hidden [N, C], weight [V, C], targets u32 [N], the most
 * bytes that logits may take. Out: the mean over N of −log softmax(hidden·weightᵀ)[target]. Where [N, V] is too large, rows are
 * taken in chunks: each one's loss, dHidden and share of dWeight (added up in the order of the rows) are made before the next one
 * takes its memory. A chunk runs the kernels of the plain loss, and all chunks run the same ones.
 */
import { differentiateSeeds } from "../graph/differentiate";
import type { Value } from "../graph/value";
import { crossEntropy } from "./crossEntropy";
import { add, broadcastTo, scalar } from "./elementwise";
import { matmul } from "./matmul/matmul";
import { sumAll } from "./reduce";
import { joinRows, rowsPerRange, takeRows } from "./rowViews";
import { withGradients } from "./withGradients";

/** Logits above this many bytes are made in chunks. */
export const LARGEST_LOGITS = 2 ** 26;

export function linearCrossEntropy(hidden: Value, weight: Value, targets: Value, mostBytes = LARGEST_LOGITS): Value {
  const [N, V] = [hidden.shape[0]!, weight.shape[0]!];
  // The weight of a row is inside the kernel: the gradient that arrives there is then 1, and nothing is left to multiply.
  const lossesOf = (rows: Value, ids: Value): Value => crossEntropy(matmul(rows, weight, "NT"), ids, 1 / N);
  const rows = rowsPerChunk(N, V, Math.max(rowsPerRange(hidden), rowsPerRange(targets)), mostBytes);
  if (rows >= N) return sumAll(lossesOf(hidden, targets));

  const losses: Value[] = [];
  const dHidden: Value[] = [];
  let dWeight: Value | undefined;
  for (let start = 0; start < N; start += rows) {
    const count = Math.min(rows, N - start);
    const chunk = takeRows(hidden, start, count);
    const loss = lossesOf(chunk, takeRows(targets, start, count));
    const [dChunk, share] = differentiateSeeds([{ value: loss, gradient: broadcastTo(scalar(1), [count]) }], [chunk, weight]);
    losses.push(loss);
    dHidden.push(dChunk!);
    dWeight = dWeight ? add(dWeight, share!) : share!;
  }
  return withGradients(sumAll(joinRows(losses)), [hidden, weight], [joinRows(dHidden), dWeight!]);
}

/** As many rows as fit, a multiple of `unit`; a divisor of N if one is near, so that no chunk is a special case. */
export function rowsPerChunk(N: number, V: number, unit: number, mostBytes: number): number {
  if (N * V * 4 <= mostBytes) return N;
  const most = Math.max(unit, Math.floor(mostBytes / (V * 4) / unit) * unit);
  for (let rows = most; rows * 2 > most; rows -= unit) if (rows > 0 && N % rows === 0) return rows;
  return most;
}
