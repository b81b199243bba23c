/**
 * Sums and maxima along axes. In: a value and axes. Out: the value with those axes of length 1 removed. The kernel sees any
 * reduction as [outer, reduced, inner]; a long one is done in two rounds of fixed order (blocks, then their results), so
 * the same numbers always give the same sum.
 */
import { type LowerCall, type Lowering, type Op, type ReferenceCall, defineOp } from "../graph/op";
import { type Attributes, ShapeError, type TensorType, type Value, applyOne, sizeOf } from "../graph/value";
import { type Kernel, itemKernel, read, write } from "../wgsl/kernel";
import { broadcastTo, equal, multiply } from "./elementwise";
import { permute, reshape } from "./movement";

/** Axes reduced by the kernel are contiguous; others are moved to be so before. */
function inferReduce(name: string, [type]: readonly TensorType[], attributes: Attributes): TensorType[] {
  const axes = attributes["axes"] as number[];
  const { shape } = type!;
  if (type!.dtype !== "f32") throw new ShapeError(name, [type!], "reduces f32 only.");
  const contiguous = axes.every((axis, index) => axis < shape.length && axis >= 0 && (index === 0 || axis === axes[index - 1]! + 1));
  if (!contiguous || axes.length === 0) throw new ShapeError(name, [type!], `cannot reduce axes [${axes.join()}]; they have to be neighbors in rising order.`);
  return [{ shape: shape.filter((_, axis) => !axes.includes(axis)), dtype: "f32" }];
}

interface Extents {
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
}

function extentsOf(shape: readonly number[], attributes: Attributes): Extents {
  const axes = attributes["axes"] as number[];
  const first = axes[0]!;
  const after = axes.at(-1)! + 1;
  return { outer: sizeOf(shape.slice(0, first)), reduced: sizeOf(shape.slice(first, after)), inner: sizeOf(shape.slice(after)) };
}

function referenceReduce({ inputs, outputs, inputTypes, attributes }: ReferenceCall, start: number, combine: (a: number, b: number) => number): void {
  const { outer, reduced, inner } = extentsOf(inputTypes[0]!.shape, attributes);
  const [x, y] = [inputs[0]!, outputs[0]!];
  for (let o = 0; o < outer; o += 1) {
    for (let i = 0; i < inner; i += 1) {
      let total = start;
      for (let r = 0, at = o * reduced * inner + i; r < reduced; r += 1, at += inner) total = combine(total, x[at]!);
      y[o * inner + i] = total;
    }
  }
}

/** Rows one invocation combines; a longer reduction takes a second round. */
const BLOCK = 64;

function lowerReduce(label: string, call: LowerCall, start: string, combine: string): Lowering {
  const { outer, reduced, inner } = extentsOf(call.inputTypes[0]!.shape, call.attributes);
  const round = (from: string, to: string, length: number, block: number): Kernel => {
    const blocks = Math.ceil(length / block);
    // Invocations that are neighbors read neighbors: along `inner`.
    return itemKernel({
      label,
      bindings: { [from]: read("f32"), [to]: write("f32") },
      constants: { LENGTH: length, BLOCK: block, BLOCKS: blocks, INNER: inner },
      workgroupSize: 64,
      items: outer * blocks * inner,
      body: `  let i = item % INNER;
  let block = (item / INNER) % BLOCKS;
  let o = item / (INNER * BLOCKS);
  var total = ${start};
  let end = min((block + 1u) * BLOCK, LENGTH);
  for (var r = block * BLOCK; r < end; r++) {
    let a = total;
    let b = ${from}[(o * LENGTH + r) * INNER + i];
    total = ${combine};
  }
  ${to}[item] = total;`,
    });
  };
  const kernels: Kernel[] = [];
  const scratch: Record<string, number> = {};
  let length = reduced;
  let from = "x";
  // One invocation per result is enough when there are many results.
  const block = outer * inner >= 4096 ? Math.max(BLOCK, Math.ceil(reduced / 4)) : BLOCK;
  while (length > block * 2) {
    const blocks = Math.ceil(length / block);
    const to = `partial${kernels.length}`;
    scratch[to] = outer * blocks * inner;
    kernels.push(round(from, to, length, block));
    [from, length] = [to, blocks];
  }
  kernels.push(round(from, "y", length, length));
  return { kernels, scratch };
}

const reduceSumOp: Op = defineOp({
  name: "reduceSum",
  inputs: ["x"],
  outputs: ["y"],
  infer: (types, attributes) => inferReduce("reduceSum", types, attributes),
  reference: (call) => referenceReduce(call, 0, (a, b) => a + b),
  lower: (call) => lowerReduce("reduceSum", call, "0.0", "a + b"),
  vjp: ({ inputs, gradients, attributes }) => [broadcastTo(keepAxes(gradients[0]!, inputs[0]!, attributes), inputs[0]!.shape)],
});

const reduceMaxOp: Op = defineOp({
  name: "reduceMax",
  inputs: ["x"],
  outputs: ["y"],
  infer: (types, attributes) => inferReduce("reduceMax", types, attributes),
  reference: (call) => referenceReduce(call, -Infinity, Math.max),
  lower: (call) => lowerReduce("reduceMax", call, "-3.4028234e38f", "max(a, b)"),
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
