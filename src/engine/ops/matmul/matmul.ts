/**
 * Matrix products. In: a [batch?, M, K] (or transposed [.., K, M]) and b [batch?, K, N] (or transposed [.., N, K]). Out: [batch?, M, N]
 * or, where the compiler has moved an elementwise chain into the epilogue, that chain's results; with `sums`, a TN product
 * gives Σ over k of a[k, m] as its last output [batch?, M] (a bias gradient beside its weight gradient). The three layouts are
 * closed under differentiation, so no transposed copy is ever made.
 */
import { type Op, type ReferenceCall, defineOp } from "../../graph/op";
import { type Attributes, ShapeError, type TensorType, type Value, applyOne } from "../../graph/value";
import { lowerMatmulCpu } from "./cpuKernel";
import { type MatmulExtents, matmulExtents } from "./extents";
import { lowerMatmul } from "./kernel";

function inferMatmul(types: readonly TensorType[], attributes: Attributes): TensorType[] {
  const [a, b] = types;
  const fits = a!.shape.length === b!.shape.length && (a!.shape.length === 2 || a!.shape.length === 3);
  if (!fits || a!.dtype !== "f32" || b!.dtype !== "f32") throw new ShapeError("matmul", types, "takes two f32 matrices, or two batches of them.");
  const { M, N, K, layout } = matmulExtents(types, attributes);
  const inner = layout === "NT" ? b!.shape.at(-1)! : b!.shape.at(-2)!;
  const batches = a!.shape.slice(0, -2);
  if (inner !== K || batches.some((length, axis) => length !== b!.shape[axis])) throw new ShapeError("matmul", types, `do not fit as ${layout}.`);
  const product: TensorType = { shape: [...batches, M, N], dtype: "f32" };
  if (attributes["sums"] !== true) return [product];
  if (layout !== "TN") throw new ShapeError("matmul", types, `gives sums over K only as TN, not as ${layout}.`);
  return [product, { shape: [...batches, M], dtype: "f32" }];
}

export const matmulOp: Op = defineOp({
  name: "matmul",
  inputs: ["a", "b"],
  outputs: ["y"],
  infer: inferMatmul,
  reference: referenceMatmul,
  lower: lowerMatmul,
  lowerCpu: lowerMatmulCpu,
  finishesOnCpu: true,
  epilogue: { output: 0, buffers: 2 },
  vjp: ({ inputs: [a, b], gradients, attributes }) => {
    // Epilogues and sums are made by the compiler, after differentiation.
    if (attributes["epilogue"] !== undefined || attributes["sums"] === true) throw new Error("A matmul with an epilogue or sums has no gradient.");
    const dY = gradients[0]!;
    switch (attributes["layout"] as MatmulExtents["layout"]) {
      case "NN":
        return [matmul(dY, b!, "NT"), matmul(a!, dY, "TN")];
      case "NT":
        return [matmul(dY, b!, "NN"), matmul(dY, a!, "TN")];
      case "TN":
        return [matmul(b!, dY, "NT"), matmul(a!, dY, "NN")];
      default:
        throw new Error("A matmul has one of the layouts NN, NT, TN.");
    }
  },
});

/** Product of matrices: "NN" a·b, "NT" a·bᵀ, "TN" aᵀ·b; the last two axes of each are the matrix. */
export function matmul(a: Value, b: Value, layout: MatmulExtents["layout"] = "NN"): Value {
  return applyOne(matmulOp, [a, b], { layout });
}

function referenceMatmul(call: ReferenceCall): void {
  const extents = matmulExtents(call.inputTypes, call.attributes);
  const [a, b] = [call.inputs[0]!, call.inputs[1]!] as [Float32Array, Float32Array];
  const [product, sums] = call.outputs as readonly [Float32Array, Float32Array?];
  multiplyMatrices(a, b, product, extents);
  if (sums) addRows(a, sums, extents);
}

/** sums[m] = Σ over k of a[k, m]. */
function addRows(a: Float32Array, sums: Float32Array, { batch, M, K }: MatmulExtents): void {
  sums.fill(0);
  for (let row = 0; row < batch * K; row += 1) {
    const at = Math.floor(row / K) * M;
    for (let m = 0; m < M; m += 1) sums[at + m]! += a[row * M + m]!;
  }
}

/** Loop orders keep the inner loop on neighboring numbers. Works on f64 arrays too; the engine only ever sees one kind. */
function multiplyMatrices(a: Float32Array, b: Float32Array, y: Float32Array, { batch, M, N, K, layout }: MatmulExtents): void {
  y.fill(0);
  for (let n = 0; n < batch; n += 1) {
    const [aAt, bAt, yAt] = [n * M * K, n * K * N, n * M * N];
    if (layout === "NT") multiplyRows(a, b, y, aAt, bAt, yAt, M, N, K);
    else addScaledRows(a, b, y, aAt, bAt, yAt, M, N, K, layout === "TN" ? 1 : K, layout === "TN" ? M : 1);
  }
}

/** y[i, j] = a[i] · b[j], rows against rows; four columns at a time share every load of a. */
function multiplyRows(
  a: Float32Array, b: Float32Array, y: Float32Array, aAt: number, bAt: number, yAt: number, M: number, N: number, K: number,
): void {
  for (let i = 0; i < M; i += 1) {
    const row = aAt + i * K;
    const out = yAt + i * N;
    let j = 0;
    for (; j + 4 <= N; j += 4) {
      const b0 = bAt + j * K;
      const [b1, b2, b3] = [b0 + K, b0 + 2 * K, b0 + 3 * K];
      let [y0, y1, y2, y3] = [0, 0, 0, 0];
      for (let k = 0; k < K; k += 1) {
        const x = a[row + k]!;
        y0 += x * b[b0 + k]!;
        y1 += x * b[b1 + k]!;
        y2 += x * b[b2 + k]!;
        y3 += x * b[b3 + k]!;
      }
      y[out + j] = y0;
      y[out + j + 1] = y1;
      y[out + j + 2] = y2;
      y[out + j + 3] = y3;
    }
    for (; j < N; j += 1) {
      let total = 0;
      for (let k = 0; k < K; k += 1) total += a[row + k]! * b[bAt + j * K + k]!;
      y[out + j] = total;
    }
  }
}

/** y[i] += a(i, k) · b[k], where a(i, k) = a[i · aRow + k · aColumn]; four k at a time share every load and store of y. */
function addScaledRows(
  a: Float32Array, b: Float32Array, y: Float32Array, aAt: number, bAt: number, yAt: number, M: number, N: number, K: number, aRow: number, aColumn: number,
): void {
  for (let i = 0; i < M; i += 1) {
    const out = yAt + i * N;
    const scales = aAt + i * aRow;
    let k = 0;
    for (; k + 4 <= K; k += 4) {
      const at = scales + k * aColumn;
      const a0 = a[at]!;
      const a1 = a[at + aColumn]!;
      const a2 = a[at + 2 * aColumn]!;
      const a3 = a[at + 3 * aColumn]!;
      const b0 = bAt + k * N;
      for (let j = 0; j < N; j += 1) {
        y[out + j]! += a0 * b[b0 + j]! + a1 * b[b0 + N + j]! + a2 * b[b0 + 2 * N + j]! + a3 * b[b0 + 3 * N + j]!;
      }
    }
    for (; k < K; k += 1) {
      const scale = a[scales + k * aColumn]!;
      for (let j = 0; j < N; j += 1) y[out + j]! += scale * b[bAt + k * N + j]!;
    }
  }
}
