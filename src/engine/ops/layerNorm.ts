/**
 * Layer normalization over the last axis. In: x [..., C], gain [C], perhaps bias [C]. Out: y = (x − mean) · invStd · gain + bias, and
 * mean and invStd [...], which the backward pass needs. Source: Ba, Kiros, Hinton, arXiv 1607.06450.
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering, Op } from "../graph/op";
import { ShapeError, type TensorType, type Value, applyOne, sizeOf } from "../graph/value";
import { f32Literal, read, write } from "../wgsl/kernel";
import { rowElement, rowKernel } from "../wgsl/rows";
import { add, inverseSquareRoot, multiply, scalar, square, subtract } from "./elementwise";
import { reshape } from "./movement";
import { lowerNormBackward } from "./normBackward";
import { reduceSum } from "./reduce";
import { rowLanes } from "./rowFamily";

/** Axes of one row's statistics, and those with the row's axis kept as 1 so that they broadcast against x. */
export function rowShapes(x: TensorType): { readonly rows: number; readonly C: number; readonly kept: readonly number[]; readonly axis: number } {
  const lead = x.shape.slice(0, -1);
  return { rows: sizeOf(lead), C: x.shape.at(-1) ?? 0, kept: [...lead, 1], axis: lead.length };
}

/** Throws unless every parameter is a vector as long as the rows of x. */
export function requireVectors(name: string, x: TensorType, vectors: readonly TensorType[]): void {
  const fits = x.shape.length > 0 && vectors.every(({ shape }) => shape.length === 1 && shape[0] === x.shape.at(-1));
  if (!fits) throw new ShapeError(name, [x, ...vectors], "takes x [..., C] and parameters [C].");
}

function normalizeRows(x: Value, gain: Value, epsilon: number): { y: Value; mean: Value; invStd: Value } {
  const { C, kept, axis } = rowShapes(x);
  const mean = multiply(reduceSum(x, [axis]), scalar(1 / C));
  const centered = subtract(x, reshape(mean, kept));
  const variance = multiply(reduceSum(square(centered), [axis]), scalar(1 / C));
  const invStd = inverseSquareRoot(add(variance, scalar(epsilon)));
  return { y: multiply(multiply(centered, reshape(invStd, kept)), gain), mean, invStd };
}

const outputs = ["y", "mean", "invStd"] as const;
const exact = ["mean", "invStd"] as const;
const needs = ["x", "gain", "mean", "invStd"] as const;
/** Besides dX: x, dY, gain, mean, invStd, the partial sums. */
const BACKWARD_EPILOGUE = { of: "x", buffers: 6 } as const;

const layerNormOp = defineFusedOp({
  name: "layerNorm",
  inputs: ["x", "gain", "bias"],
  outputs,
  exact,
  meaning: ({ x, gain, bias }, { epsilon }) => {
    requireVectors("layerNorm", x, [gain, bias]);
    const { y, mean, invStd } = normalizeRows(x, gain, epsilon as number);
    return { y: add(y, bias), mean, invStd };
  },
  lower: (call) => lowerForward(call, " + bias[c]"),
  backward: { of: "y", needs, gives: ["x", "gain", "bias"], epilogue: BACKWARD_EPILOGUE, lower: (call) => lowerBackward(call, ["dGain", "dBias"]) },
});

/** Its own op, so that a model without biases neither reads zeros nor makes their gradient. */
const layerNormNoBiasOp = defineFusedOp({
  name: "layerNormNoBias",
  inputs: ["x", "gain"],
  outputs,
  exact,
  meaning: ({ x, gain }, { epsilon }) => {
    requireVectors("layerNormNoBias", x, [gain]);
    return normalizeRows(x, gain, epsilon as number);
  },
  lower: (call) => lowerForward(call, ""),
  backward: { of: "y", needs, gives: ["x", "gain"], epilogue: BACKWARD_EPILOGUE, lower: (call) => lowerBackward(call, ["dGain"]) },
});

function lowerForward(call: LowerCall, plusBias: string): Lowering {
  const { inputTypes, attributes } = call;
  const { rows, C } = rowShapes(inputTypes[0]!);
  const { T, W, sum } = rowElement(C);
  const kernel = rowKernel({
    label: "layerNorm",
    rows,
    columns: C / W,
    lanes: rowLanes(call, call.target),
    bindings: {
      x: read(T), gain: read(T), ...(plusBias ? { bias: read(T) } : {}),
      y: write(T), mean: write("f32"), invStd: write("f32"),
    },
    body: `  let start = row * COLUMNS;
  var total = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) { total += x[start + c]; }
  let center = rowSum(${sum("total")}, lane) / ${C}.0;
  var squares = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) { let z = x[start + c] - center; squares += z * z; }
  let scale = inverseSqrt(rowSum(${sum("squares")}, lane) / ${C}.0 + ${f32Literal(attributes["epsilon"] as number)});
  for (var c = lane; c < COLUMNS; c += LANES) { y[start + c] = (x[start + c] - center) * scale * gain[c]${plusBias}; }
  if (lane == 0u) { mean[row] = center; invStd[row] = scale; }`,
  });
  return { kernels: [kernel] };
}

function lowerBackward(call: LowerCall, parameters: readonly ("dGain" | "dBias")[]): Lowering {
  const { rows, C } = rowShapes(call.inputTypes[0]!);
  return lowerNormBackward(call, {
    label: "layerNormBackward", rows, C, parameters,
    scale: "invStd", mean: "mean",
  });
}

/** (x − mean) · invStd · gain + bias over the last axis; mean and invStd are the node's other outputs. */
export function layerNorm(x: Value, gain: Value, bias?: Value, epsilon = 1e-5): Value {
  const [op, inputs]: [Op, Value[]] = bias ? [layerNormOp, [x, gain, bias]] : [layerNormNoBiasOp, [x, gain]];
  return applyOne(op, inputs, { epsilon });
}
