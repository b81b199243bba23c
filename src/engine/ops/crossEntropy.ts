/**
 * Cross-entropy of rows of logits against one class each. In: logits [N, V], targets u32 [N]. Out: loss [N] = lse − logits[target]
 * and lse [N] = log Σ e^logits. A target ≥ V is ignored: loss 0, gradient 0. No probability is stored; the backward pass
 * makes them from lse: dLogits = dLoss · (e^(logits − lse) − onehot).
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering } from "../graph/op";
import { ShapeError, type Value, applyOne, sizeOf } from "../graph/value";
import { itemKernel, read, write } from "../wgsl/kernel";
import { rowElement, rowKernel } from "../wgsl/rows";
import { add, equal, exponential, iota, less, logarithm, multiply, scalar, subtract, toFloat, where } from "./elementwise";
import { reshape } from "./movement";
import { reduceMax, reduceSum } from "./reduce";
import { LOWEST } from "./softmax";
import { rowLanes } from "./rowFamily";

const crossEntropyOp = defineFusedOp({
  name: "crossEntropy",
  inputs: ["logits", "targets"],
  outputs: ["loss", "lse"],
  meaning: ({ logits, targets }) => {
    const [N, V] = logits.shape as [number, number];
    const fits = logits.shape.length === 2 && targets.shape.length === 1 && targets.shape[0] === N && targets.dtype === "u32";
    if (!fits) throw new ShapeError("crossEntropy", [logits, targets], "takes f32 [N, V] and u32 [N].");
    const top = reduceMax(logits, [1]);
    const shifted = subtract(logits, reshape(top, [N, 1]));
    const logSum = logarithm(reduceSum(exponential(shifted), [1]));
    const target = toFloat(targets);
    const chosen = reduceSum(multiply(shifted, equal(iota([N, V], 1), reshape(target, [N, 1]))), [1]);
    return { loss: where(less(target, scalar(V)), subtract(logSum, chosen), scalar(0)), lse: add(top, logSum) };
  },
  lower: lowerForward,
  backward: { of: "loss", needs: ["logits", "targets", "lse"], gives: ["logits"], lower: lowerBackward },
});

function lowerForward(call: LowerCall): Lowering {
  const { inputTypes } = call;
  const [N, V] = inputTypes[0]!.shape as [number, number];
  const { T, W, sum, max } = rowElement(V);
  const chosen = W === 4 ? "logits[start + id / 4u][id % 4u]" : "logits[start + id]";
  const kernel = rowKernel({
    label: "crossEntropy",
    rows: N,
    columns: V / W,
    lanes: rowLanes(call, call.target),
    bindings: { logits: read(T), targets: read("u32"), loss: write("f32"), lse: write("f32") },
    body: `  let start = row * COLUMNS;
  var highest = ${T}(${LOWEST});
  for (var c = lane; c < COLUMNS; c += LANES) { highest = max(highest, logits[start + c]); }
  let top = rowMax(${max("highest")}, lane);
  var total = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) { total += exp(logits[start + c] - top); }
  let logSum = log(rowSum(${sum("total")}, lane));
  if (lane == 0u) {
    let id = targets[row];
    lse[row] = top + logSum;
    var value = 0.0;
    if (id < ${V}u) { value = logSum - (${chosen} - top); }
    loss[row] = value;
  }`,
  });
  return { kernels: [kernel] };
}

function lowerBackward({ inputTypes }: LowerCall): Lowering {
  const { shape } = inputTypes[0]!;
  const V = shape[1]!;
  const { T, W } = rowElement(V);
  const column = "(item % COLUMNS)";
  const onehot = W === 4
    ? `select(vec4f(0.0), vec4f(1.0), vec4u(${column} * 4u) + vec4u(0u, 1u, 2u, 3u) == vec4u(id))`
    : `select(0.0, 1.0, ${column} == id)`;
  const kernel = itemKernel({
    label: "crossEntropyBackward",
    bindings: { logits: read(T), targets: read("u32"), lse: read("f32"), dLoss: read("f32"), dLogits: write(T) },
    constants: { COLUMNS: V / W },
    workgroupSize: 64,
    items: sizeOf(shape) / W,
    body: `  let row = item / COLUMNS;
  let id = targets[row];
  let weight = select(0.0, dLoss[row], id < ${V}u);
  dLogits[item] = weight * (exp(logits[item] - lse[row]) - ${onehot});`,
  });
  return { kernels: [kernel] };
}

/** Loss [N] of each row; lse is the node's other output. Targets ≥ V are ignored. */
export const crossEntropy = (logits: Value, targets: Value): Value => applyOne(crossEntropyOp, [logits, targets]);
