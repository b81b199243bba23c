/**
 * Sums and maxima along axes. In: a value and axes. Out: the value without those axes. The compiler may give a reduction a prologue, an
 * elementwise chain that makes the numbers as they are read, so that they are never stored (`prologue`, over `shape`, of `ownInputs`
 * inputs), and an epilogue.
 */
import { type NumericArray, type Op, type ReferenceCall, defineOp } from "../graph/op";
import { type Attributes, ShapeError, type TensorType, type Value, applyOne, sizeOf } from "../graph/value";
import { broadcastTo, equal, multiply } from "./elementwise";
import { type Expression, computeExpression } from "./expression";
import { permute, reshape } from "./movement";
import { lowerReduceCpu } from "./reduceCpu";
import { lowerReduce, reducedExtents, reducedShape } from "./reduceKernel";
import { MAXIMUM, SUM } from "./rowsCpu";

/** Axes reduced by the kernel are contiguous; others are moved to be so before. */
function inferReduce(name: string, [type]: readonly TensorType[], attributes: Attributes): TensorType[] {
  const axes = attributes["axes"] as number[];
  const shape = attributes["prologue"] === undefined ? type!.shape : (attributes["shape"] as number[]);
  if (type?.dtype === "u32" && attributes["prologue"] === undefined) throw new ShapeError(name, [type], "reduces f32 only.");
  const contiguous = axes.every((axis, index) => axis < shape.length && axis >= 0 && (index === 0 || axis === axes[index - 1]! + 1));
  if (!contiguous || axes.length === 0) throw new ShapeError(name, type ? [type] : [], `cannot reduce axes [${axes.join()}]; they have to be neighbors in rising order.`);
  return [{ shape: shape.filter((_, axis) => !axes.includes(axis)), dtype: "f32" }];
}

function referenceReduce({ inputs, outputs, inputTypes, attributes }: ReferenceCall, start: number, combine: (a: number, b: number) => number): void {
  const shape = reducedShape(inputTypes, attributes);
  const { outer, reduced, inner } = reducedExtents(shape, attributes);
  const y = outputs[0]!;
  const x = attributes["prologue"] === undefined ? inputs[0]! : applyPrologue(attributes["prologue"] as unknown as Expression, inputs, inputTypes, sizeOf(shape));
  for (let o = 0; o < outer; o += 1) {
    for (let i = 0; i < inner; i += 1) {
      let total = start;
      for (let r = 0, at = o * reduced * inner + i; r < reduced; r += 1, at += inner) total = combine(total, x[at]!);
      y[o * inner + i] = total;
    }
  }
}

function applyPrologue(expression: Expression, inputs: readonly NumericArray[], types: readonly TensorType[], size: number): NumericArray {
  const made = inputs.some((input) => input instanceof Float64Array) ? new Float64Array(size) : new Float32Array(size);
  computeExpression(expression, inputs, types, [made]);
  return made;
}

const reduceSumOp: Op = defineOp({
  name: "reduceSum",
  inputs: ["x"],
  outputs: ["y"],
  infer: (types, attributes) => inferReduce("reduceSum", types, attributes),
  reference: (call) => referenceReduce(call, 0, (a, b) => a + b),
  lower: (call) => lowerReduce(call, { label: "reduceSum", start: "0.0", combine: "a + b" }),
  lowerCpu: (call) => lowerReduceCpu(call, SUM),
  epilogue: { output: 0, buffers: 1 },
  prologue: true,
  vjp: ({ inputs, gradients, attributes }) => [broadcastTo(keepAxes(gradients[0]!, inputs[0]!, attributes), inputs[0]!.shape)],
});

const reduceMaxOp: Op = defineOp({
  name: "reduceMax",
  inputs: ["x"],
  outputs: ["y"],
  infer: (types, attributes) => inferReduce("reduceMax", types, attributes),
  reference: (call) => referenceReduce(call, -Infinity, Math.max),
  lower: (call) => lowerReduce(call, { label: "reduceMax", start: "-3.4028234e38f", combine: "max(a, b)" }),
  lowerCpu: (call) => lowerReduceCpu(call, MAXIMUM),
  epilogue: { output: 0, buffers: 1 },
  prologue: true,
  // Every element that equals the maximum gets the gradient: exact unless there are ties.
  vjp: ({ inputs, outputs, gradients, attributes }) => {
    const chosen = equal(inputs[0]!, broadcastTo(keepAxes(outputs[0]!, inputs[0]!, attributes), inputs[0]!.shape));
    return [multiply(broadcastTo(keepAxes(gradients[0]!, inputs[0]!, attributes), inputs[0]!.shape), chosen)];
  },
});

/** The reduced value with its axes put back as length 1, so that it broadcasts against the input. */
function keepAxes(reduced: Value, input: Value, attributes: Attributes): Value {
  const axes = attributes["axes"] as number[];
  return reshape(reduced, input.shape.map((length, axis) => (axes.includes(axis) ? 1 : length)));
}

function reduce(op: Op, x: Value, axes: readonly number[]): Value {
  const sorted = [...axes].sort((a, b) => a - b);
  if (sorted.length === 0) return x;
  const contiguous = sorted.every((axis, index) => index === 0 || axis === sorted[index - 1]! + 1);
  if (contiguous) return applyOne(op, [x], { axes: sorted });
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !sorted.includes(axis));
  return applyOne(op, [permute(x, [...kept, ...sorted])], { axes: sorted.map((_, index) => kept.length + index) });
}

/** Σ along the axes, which disappear. */
export const reduceSum = (x: Value, axes: readonly number[]): Value => reduce(reduceSumOp, x, axes);
/** Maximum along the axes, which disappear. */
export const reduceMax = (x: Value, axes: readonly number[]): Value => reduce(reduceMaxOp, x, axes);
/** Σ of everything: a scalar. */
export const sumAll = (x: Value): Value => (x.shape.length === 0 ? x : reduceSum(x, x.shape.map((_, axis) => axis)));
