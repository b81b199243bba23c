/**
 * Cross-entropy of rows of logits against one class each, with its gradient. In: logits [N, V], targets u32 [N], the weight of a row
 * (1, or 1/N for a mean). Out: loss [N] = weight · (lse − logits[target]) with lse = log Σ e^logits, and slope [N, V], its gradient by the
 * logits: weight · (e^(logits − lse) − onehot). A target ≥ V is ignored: loss 0, slope 0. One kernel makes both while the row is near,
 * and the backward pass only multiplies by the gradient that arrives, which is 1 for a loss that is a sum. Where nobody differentiates,
 * no slope is written.
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering } from "../graph/op";
import { ShapeError, type Value, applyOne } from "../graph/value";
import { f32Literal, read, write } from "../wgsl/kernel";
import { rowElement, rowKernel } from "../wgsl/rows";
import { equal, exponential, iota, less, logarithm, multiply, scalar, subtract, toFloat, where } from "./elementwise";
import { reshape } from "./movement";
import { reduceMax, reduceSum } from "./reduce";
import { rowLanes } from "./rowFamily";
import { LOWEST } from "./softmax";
import { lowerCrossEntropyCpu } from "./softmaxCpu";

const SLOPE = 1;

const crossEntropyOp = defineFusedOp({
  name: "crossEntropy",
  inputs: ["logits", "targets"],
  outputs: ["loss", "slope"],
  meaning: ({ logits, targets }, attributes) => {
    const [N, V] = logits.shape as [number, number];
    const fits = logits.shape.length === 2 && targets.shape.length === 1 && targets.shape[0] === N && targets.dtype === "u32";
    if (!fits) throw new ShapeError("crossEntropy", [logits, targets], "takes f32 [N, V] and u32 [N].");
    const shifted = subtract(logits, reshape(reduceMax(logits, [1]), [N, 1]));
    const logSum = logarithm(reduceSum(exponential(shifted), [1]));
    const target = toFloat(targets);
    const onehot = equal(iota([N, V], 1), reshape(target, [N, 1]));
    const weight = where(less(target, scalar(V)), scalar(attributes["weight"] as number), scalar(0));
    const loss = multiply(weight, subtract(logSum, reduceSum(multiply(shifted, onehot), [1])));
    const shares = exponential(subtract(shifted, reshape(logSum, [N, 1])));
    return { loss, slope: multiply(reshape(weight, [N, 1]), subtract(shares, onehot)) };
  },
  lower: lowerCrossEntropy,
  lowerCpu: lowerCrossEntropyCpu,
  gradient: {
    of: "loss",
    graph: ({ slope }, dLoss) => ({ logits: multiply(slope, reshape(dLoss, [...dLoss.shape, 1])) }),
  },
});

function lowerCrossEntropy(call: LowerCall): Lowering {
  const [N, V] = call.inputTypes[0]!.shape as [number, number];
  const { T, W, sum, max } = rowElement(V);
  const part = (name: string): string => (W === 4 ? `${name}[start + id / 4u][id % 4u]` : `${name}[start + id]`);
  const isSlopeRead = call.isRead(SLOPE);
  // The invocation that stored the target's element takes 1 from it, so that no other has to wait.
  const writeSlope = `
  let share = weight / all;
  for (var c = lane; c < COLUMNS; c += LANES) { slope[start + c] = exp(logits[start + c] - top) * share; }
  if (id < ${V}u && lane == (id / ${W}u) % LANES) { ${part("slope")} -= weight; }`;
  const kernel = rowKernel({
    label: isSlopeRead ? "crossEntropy" : "crossEntropy(loss)",
    rows: N,
    columns: V / W,
    lanes: rowLanes(call, call.target),
    bindings: { logits: read(T), targets: read("u32"), loss: write("f32"), ...(isSlopeRead ? { slope: write(T) } : {}) },
    body: `  let start = row * COLUMNS;
  let id = targets[row];
  var highest = ${T}(${LOWEST});
  for (var c = lane; c < COLUMNS; c += LANES) { highest = max(highest, logits[start + c]); }
  let top = rowMax(${max("highest")}, lane);
  var total = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) { total += exp(logits[start + c] - top); }
  let all = rowSum(${sum("total")}, lane);
  let weight = select(0.0, ${f32Literal(call.attributes["weight"] as number)}, id < ${V}u);
  if (lane == 0u) {
    var value = 0.0;
    if (id < ${V}u) { value = weight * (log(all) - (${part("logits")} - top)); }
    loss[row] = value;
  }${isSlopeRead ? writeSlope : ""}`,
  });
  return { kernels: [kernel] };
}

/** weight · loss [N] of each row; its gradient is the node's other output. Targets ≥ V are ignored. */
export const crossEntropy = (logits: Value, targets: Value, weight = 1): Value => applyOne(crossEntropyOp, [logits, targets], { weight });
