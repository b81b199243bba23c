/**
 * Softmax over the last axis. In: x [..., C]. Out: y = e^(x − max) / Σ e^(x − max), each row in two reads and one write of
 * memory. The backward pass needs only y: dX = y · (dY − Σ dY·y).
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering } from "../graph/op";
import { ShapeError, type Value, applyOne } from "../graph/value";
import { read, write } from "../wgsl/kernel";
import { rowElement, rowKernel } from "../wgsl/rows";
import { divide, exponential, multiply, subtract } from "./elementwise";
import { rowShapes } from "./layerNorm";
import { reshape } from "./movement";
import { reduceMax, reduceSum } from "./reduce";
import { rowLanes } from "./rowFamily";
import { lowerSoftmaxBackwardCpu, lowerSoftmaxCpu } from "./softmaxCpu";

/** Far below any score, and small enough that subtracting from it cannot overflow. */
export const LOWEST = "-3.0e38f";

const softmaxOp = defineFusedOp({
  name: "softmax",
  inputs: ["x"],
  outputs: ["y"],
  meaning: ({ x }) => {
    if (x.shape.length === 0) throw new ShapeError("softmax", [x], "takes x [..., C].");
    const { kept, axis } = rowShapes(x);
    const powers = exponential(subtract(x, reshape(reduceMax(x, [axis]), kept)));
    return { y: divide(powers, reshape(reduceSum(powers, [axis]), kept)) };
  },
  lower: lowerForward,
  lowerCpu: lowerSoftmaxCpu,
  backward: {
    of: "y", needs: ["y"], gives: ["x"], lower: lowerBackward, lowerCpu: lowerSoftmaxBackwardCpu,
    meaning: ({ y, dY }) => {
      const { kept, axis } = rowShapes(y!);
      return { x: multiply(y!, subtract(dY!, reshape(reduceSum(multiply(y!, dY!), [axis]), kept))) };
    },
  },
});

function lowerForward(call: LowerCall): Lowering {
  const { inputTypes } = call;
  const { rows, C } = rowShapes(inputTypes[0]!);
  const { T, W, sum, max } = rowElement(C);
  const kernel = rowKernel({
    label: "softmax",
    rows,
    columns: C / W,
    lanes: rowLanes(call, call.target),
    bindings: { x: read(T), y: write(T) },
    body: `  let start = row * COLUMNS;
  var highest = ${T}(${LOWEST});
  for (var c = lane; c < COLUMNS; c += LANES) { highest = max(highest, x[start + c]); }
  let top = rowMax(${max("highest")}, lane);
  var total = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) { total += exp(x[start + c] - top); }
  let norm = 1.0 / rowSum(${sum("total")}, lane);
  for (var c = lane; c < COLUMNS; c += LANES) { y[start + c] = exp(x[start + c] - top) * norm; }`,
  });
  return { kernels: [kernel] };
}

function lowerBackward(call: LowerCall): Lowering {
  const { inputTypes } = call;
  const { rows, C } = rowShapes(inputTypes[0]!);
  const { T, W, sum } = rowElement(C);
  const kernel = rowKernel({
    label: "softmaxBackward",
    rows,
    columns: C / W,
    lanes: rowLanes(call, call.target),
    bindings: { y: read(T), dY: read(T), dX: write(T) },
    body: `  let start = row * COLUMNS;
  var total = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) { total += y[start + c] * dY[start + c]; }
  let average = rowSum(${sum("total")}, lane);
  for (var c = lane; c < COLUMNS; c += LANES) { dX[start + c] = y[start + c] * (dY[start + c] - average); }`,
  });
  return { kernels: [kernel] };
}

/** e^x / Σ e^x over the last axis. */
export const softmax = (x: Value): Value => applyOne(softmaxOp, [x]);
