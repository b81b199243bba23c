/**
 * Layer normalization over the last axis. In: x [..., C], gain [C], perhaps bias [C]. Out: y = (x − mean) · invStd · gain + bias, and
 * what the backward pass needs of each row, [..., 2]: mean and invStd, side by side because every buffer that a kernel binds
 * counts. Source: Ba, Kiros, Hinton, arXiv 1607.06450.
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { CpuCall, LowerCall, Lowering, Op } from "../graph/op";
import { ShapeError, type TensorType, type Value, applyOne, sizeOf } from "../graph/value";
import { f32Literal, read, write } from "../wgsl/kernel";
import { rowElement, rowKernel } from "../wgsl/rows";
import { add, inverseSquareRoot, multiply, scalar, square, subtract } from "./elementwise";
import { describeEpilogue } from "./epilogue";
import { pad, reshape } from "./movement";
import { BACKWARD_EPILOGUE, lowerNormBackward } from "./normBackward";
import { lowerNormBackwardCpu, lowerNormCpu } from "./normsCpu";
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

function normalizeRows(x: Value, gain: Value, epsilon: number): { y: Value; statistics: Value } {
  const { C, kept, axis } = rowShapes(x);
  const mean = reshape(multiply(reduceSum(x, [axis]), scalar(1 / C)), kept);
  const centered = subtract(x, mean);
  const variance = multiply(reduceSum(square(centered), [axis]), scalar(1 / C));
  const invStd = reshape(inverseSquareRoot(add(variance, scalar(epsilon))), kept);
  return { y: multiply(multiply(centered, invStd), gain), statistics: add(pad(mean, axis, 0, 2), pad(invStd, axis, 1, 2)) };
}

const outputs = ["y", "statistics"] as const;
const exact = ["statistics"] as const;
const needs = ["x", "gain", "statistics"] as const;
const onCpu = {
  forward: { lowerCpu: (call: CpuCall) => lowerNormCpu(call, "layerNorm"), finishesOnCpu: true },
  backward: { lowerCpu: (call: CpuCall) => lowerNormBackwardCpu(call, "layerNorm"), finishesOnCpu: true },
} as const;

const layerNormOp = defineFusedOp({
  name: "layerNorm",
  inputs: ["x", "gain", "bias"],
  outputs,
  exact,
  meaning: ({ x, gain, bias }, { epsilon }) => {
    requireVectors("layerNorm", x, [gain, bias]);
    const { y, statistics } = normalizeRows(x, gain, epsilon as number);
    return { y: add(y, bias), statistics };
  },
  lower: (call) => lowerForward(call, " + bias[c]"),
  ...onCpu.forward,
  epilogue: { of: "y", buffers: 4 },
  backward: { of: "y", needs, gives: ["x", "gain", "bias"], epilogue: BACKWARD_EPILOGUE, lower: (call) => lowerBackward(call, ["dGain", "dBias"]), ...onCpu.backward },
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
  ...onCpu.forward,
  epilogue: { of: "y", buffers: 3 },
  backward: { of: "y", needs, gives: ["x", "gain"], epilogue: BACKWARD_EPILOGUE, lower: (call) => lowerBackward(call, ["dGain"]), ...onCpu.backward },
});

function lowerForward(call: LowerCall, plusBias: string): Lowering {
  const { inputTypes, attributes } = call;
  const { rows, C } = rowShapes(inputTypes[0]!);
  const { T, W, sum } = rowElement(C);
  const epilogue = describeEpilogue(call, "y", T);
  const kernel = rowKernel({
    label: `layerNorm${epilogue.label}`,
    rows,
    columns: C / W,
    lanes: rowLanes(call, call.target),
    bindings: {
      x: read(T), gain: read(T), ...(plusBias ? { bias: read(T) } : {}),
      ...epilogue.bindings, statistics: write("vec2f"),
    },
    declarations: epilogue.declarations,
    body: `  let start = row * COLUMNS;
  var total = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) { total += x[start + c]; }
  let center = rowSum(${sum("total")}, lane) / ${C}.0;
  var squares = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) { let z = x[start + c] - center; squares += z * z; }
  let scale = inverseSqrt(rowSum(${sum("squares")}, lane) / ${C}.0 + ${f32Literal(attributes["epsilon"] as number)});
  for (var c = lane; c < COLUMNS; c += LANES) { ${epilogue.store(`((x[start + c] - center) * scale * gain[c]${plusBias})`, "start + c")} }
  if (lane == 0u) { statistics[row] = vec2f(center, scale); }`,
  });
  return { kernels: [kernel] };
}

function lowerBackward(call: LowerCall, parameters: readonly ("dGain" | "dBias")[]): Lowering {
  const { rows, C } = rowShapes(call.inputTypes[0]!);
  return lowerNormBackward(call, {
    label: "layerNormBackward", rows, C, parameters,
    statistics: { name: "statistics", element: "vec2f", center: "statistics[row].x", factor: "statistics[row].y" },
  });
}

/** (x − mean) · invStd · gain + bias over the last axis; the rows' statistics are the node's other output. */
export function layerNorm(x: Value, gain: Value, bias?: Value, epsilon = 1e-5): Value {
  const [op, inputs]: [Op, Value[]] = bias ? [layerNormOp, [x, gain, bias]] : [layerNormNoBiasOp, [x, gain]];
  return applyOne(op, inputs, { epsilon });
}
