/**
 * Elementwise ops: one op per row of the table, their gradients, and `fusedElementwise`, the single kernel a chain of them
 * becomes. Shapes broadcast as in NumPy. In: values. Out: values; `expressionOf` gives the compiler the chain's first link.
 */
import { sumTo } from "../graph/accumulate";
import { type LowerCall, type Lowering, type Op, defineOp } from "../graph/op";
import { type Attributes, ShapeError, type TensorType, type Value, applyOne, sameShape, sizeOf } from "../graph/value";
import { itemKernel, read, write } from "../wgsl/kernel";
import { type ElementwiseName, TABLE, declareFunctions } from "./elementwiseTable";
import {
  type Expression, type Load, computeExpression, elementOf, expressionLines, loadText, namesIn, outputShapes, reachesInFours, reachesOf, storeLines,
} from "./expression";
import { expressionKernel } from "./expressionVector";

type Gradient = (args: readonly Value[], y: Value, dy: Value) => readonly (Value | undefined)[];
/** Ops whose result does not change smoothly: no gradient passes. */
const FLAT: Gradient = () => [];
/** The slopes are only ever used inside a first gradient. */
const NOT_TWICE: Gradient = () => {
  throw new Error("This op has no second derivative.");
};

const GRADIENTS: Readonly<Record<ElementwiseName, Gradient>> = {
  add: (_, __, dy) => [dy, dy],
  subtract: (_, __, dy) => [dy, negate(dy)],
  multiply: ([a, b], _, dy) => [multiply(dy, b!), multiply(dy, a!)],
  divide: ([, b], y, dy) => [divide(dy, b!), negate(multiply(dy, divide(y, b!)))],
  maximum: ([a, b], _, dy) => [multiply(dy, atLeast(a!, b!)), multiply(dy, less(a!, b!))],
  minimum: ([a, b], _, dy) => [multiply(dy, less(a!, b!)), multiply(dy, atLeast(a!, b!))],
  negate: (_, __, dy) => [negate(dy)],
  absolute: ([a], _, dy) => [multiply(dy, sign(a!))],
  sign: FLAT,
  square: ([a], _, dy) => [multiply(dy, multiply(a!, scalar(2)))],
  squareRoot: (_, y, dy) => [divide(dy, multiply(y, scalar(2)))],
  inverseSquareRoot: (_, y, dy) => [multiply(dy, multiply(scalar(-0.5), multiply(y, square(y))))],
  exponential: (_, y, dy) => [multiply(dy, y)],
  exponentialMinusOne: (_, y, dy) => [multiply(dy, add(y, scalar(1)))],
  logarithm: ([a], _, dy) => [divide(dy, a!)],
  tanh: (_, y, dy) => [multiply(dy, subtract(scalar(1), square(y)))],
  sigmoid: (_, y, dy) => [multiply(dy, multiply(y, subtract(scalar(1), y)))],
  sine: ([a], _, dy) => [multiply(dy, cosine(a!))],
  cosine: ([a], _, dy) => [negate(multiply(dy, sine(a!)))],
  relu: ([a], _, dy) => [multiply(dy, less(scalar(0), a!))],
  gelu: ([a], _, dy) => [applyElementwise("geluGradient", [a!, dy])],
  silu: ([a], _, dy) => [applyElementwise("siluGradient", [a!, dy])],
  geluGradient: NOT_TWICE,
  siluGradient: NOT_TWICE,
  equal: FLAT,
  less: FLAT,
  atLeast: FLAT,
  where: ([condition], _, dy) => [undefined, where(condition!, dy, scalar(0)), where(condition!, scalar(0), dy)],
  isFinite: FLAT,
  toFloat: FLAT,
  broadcastTo: (_, __, dy) => [dy],
};

const ARGUMENTS = ["a", "b", "c"];
const ops = new Map<string, Op>(
  (Object.keys(TABLE) as ElementwiseName[]).map((name) => [
    name,
    defineOp({
      name,
      inputs: ARGUMENTS.slice(0, TABLE[name].arity),
      outputs: ["y"],
      infer: (types, attributes) => [inferElementwise(name, types, attributes)],
      reference: ({ inputs, outputs, inputTypes, outputTypes, attributes }) =>
        computeExpression(expressionOf(name, outputTypes[0]!.shape, attributes)!, inputs, inputTypes, outputs),
      lower: (call) => lowerExpression(call, expressionOf(name, call.outputTypes[0]!.shape, call.attributes)!),
      lowerCpu: (call) => expressionKernel(expressionOf(name, call.outputTypes[0]!.shape, call.attributes)!, call.inputTypes),
      vjp: ({ inputs, outputs, gradients }) =>
        GRADIENTS[name](inputs, outputs[0]!, gradients[0]!).map((gradient, index) => gradient && sumTo(gradient, inputs[index]!.shape)),
    }),
  ]),
);

const constantOp = defineOp({
  name: "constant",
  inputs: [],
  outputs: ["y"],
  infer: () => [{ shape: [], dtype: "f32" }],
  reference: ({ outputs, attributes }) => void outputs[0]!.fill(attributes["value"] as number),
  lower: (call) => lowerExpression(call, { shape: [], steps: [], results: [call.attributes["value"] as number] }),
  lowerCpu: ({ attributes }) => expressionKernel(expressionOf("constant", [], attributes)!, []),
});

const iotaOp = defineOp({
  name: "iota",
  inputs: [],
  outputs: ["y"],
  infer: (_, attributes) => [{ shape: attributes["shape"] as number[], dtype: "f32" }],
  reference: ({ outputs, attributes }) => computeExpression(expressionOf("iota", attributes["shape"] as number[], attributes)!, [], [], outputs),
  lower: (call) => lowerExpression(call, expressionOf("iota", call.outputTypes[0]!.shape, call.attributes)!),
  lowerCpu: ({ outputTypes, attributes }) => expressionKernel(expressionOf("iota", outputTypes[0]!.shape, attributes)!, []),
});

/** The kernel of a whole chain; made by the compiler. Inputs x0, x1 …, outputs y0, y1 …, all of the expression's shape. */
export const fusedElementwise = defineOp({
  name: "fusedElementwise",
  inputs: [],
  outputs: [],
  infer: (_, attributes) => outputShapes(attributes["expression"] as unknown as Expression).map((shape) => ({ shape, dtype: "f32" })),
  reference: ({ inputs, outputs, inputTypes, attributes }) =>
    computeExpression(attributes["expression"] as unknown as Expression, inputs, inputTypes, outputs),
  lower: (call) => lowerExpression(call, call.attributes["expression"] as unknown as Expression),
  lowerCpu: ({ attributes, inputTypes }) => expressionKernel(attributes["expression"] as unknown as Expression, inputTypes),
});

function inferElementwise(name: ElementwiseName, types: readonly TensorType[], attributes: Attributes): TensorType {
  const wanted = name === "toFloat" ? "u32" : "f32";
  if (types.length !== TABLE[name].arity) throw new ShapeError(name, types, `takes ${TABLE[name].arity} inputs.`);
  if (types.some((type) => type.dtype !== wanted)) throw new ShapeError(name, types, `takes ${wanted} inputs.`);
  const shapes = types.map((type) => type.shape);
  if (name === "broadcastTo") shapes.push(attributes["shape"] as number[]);
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const shape = Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((one) => one[axis - rank + one.length] ?? 1).filter((length) => length !== 1);
    if (lengths.some((length) => length !== lengths[0])) throw new ShapeError(name, types, "the shapes do not broadcast.");
    return lengths[0] ?? 1;
  });
  if (name === "broadcastTo" && !sameShape(shape, shapes.at(-1)!)) throw new ShapeError(name, types, `does not broadcast to [${shapes.at(-1)!.join(", ")}].`);
  return { shape, dtype: "f32" };
}

/** The expression of an elementwise op, one step for most; undefined for every other op. */
export function expressionOf(name: string, shape: readonly number[], attributes: Attributes): Expression | undefined {
  if (name === "constant") return { shape, steps: [], results: [attributes["value"] as number] };
  if (name === "iota") return { shape, steps: [{ apply: "iota", args: [], axis: attributes["axis"] as number }], results: ["s0"] };
  if (name === "randomUniform") return { shape, steps: [{ apply: "randomUniform", args: ["x0"], site: attributes["site"] as number }], results: ["s0"] };
  if (name === "dropout") return dropoutExpression(shape, attributes as { rate: number; site: number });
  const row = TABLE[name as ElementwiseName];
  if (!row) return undefined;
  const args = ARGUMENTS.slice(0, row.arity).map((_, index) => `x${index}`);
  return { shape, steps: [{ apply: name as ElementwiseName, args }], results: ["s0"] };
}

/** x0 · [u ≥ rate] / (1 − rate), u drawn under the key x1. */
function dropoutExpression(shape: readonly number[], { rate, site }: { readonly rate: number; readonly site: number }): Expression {
  return {
    shape,
    steps: [
      { apply: "randomUniform", args: ["x1"], site },
      { apply: "atLeast", args: ["s0", rate] },
      { apply: "multiply", args: ["s1", 1 / (1 - rate)] },
      { apply: "multiply", args: ["x0", "s2"] },
    ],
    results: ["s3"],
  };
}

/** The kernel of an expression over its own shape. */
export function lowerExpression(call: LowerCall, expression: Expression): Lowering {
  const size = sizeOf(expression.shape);
  const reaches = reachesOf(expression, call.inputTypes);
  const width = size % 4 === 0 && reaches.every(reachesInFours) ? 4 : 1;
  const T = width === 4 ? "vec4f" : "f32";
  // An output that lives in an input's bytes is bound once, under the output's name.
  const overwrittenBy = call.inputTypes.map((_, input) =>
    reaches[input]!.kind === "full" || size === 1 ? call.outputTypes.findIndex((__, output) => call.inPlace(input, output)) : -1,
  );
  const nameOf = (input: number): string => (overwrittenBy[input]! >= 0 ? `y${overwrittenBy[input]!}` : `x${input}`);
  const bindings = Object.fromEntries([
    ...call.inputTypes.flatMap((type, input) => (overwrittenBy[input]! >= 0 ? [] : [[`x${input}`, read(elementOf(type, reaches[input]!, width))] as const])),
    ...call.outputTypes.map((_, output) => [`y${output}`, write(T)] as const),
  ]);
  const load: Load = (input, pick) => loadText(nameOf(input), call.inputTypes[input]!, reaches[input]!, expression.shape, "item", width, pick);
  const body = [
    ...expressionLines(expression, load, "item", T),
    ...storeLines(expression, "item", T),
  ];
  const items = size / width;
  const kernel = itemKernel({
    label: `elementwise(${expression.steps.map((step) => step.apply).join(" ")})`,
    bindings,
    declarations: declareFunctions(namesIn(expression), T),
    // Where there is plenty to do, larger workgroups cost a software adapter less.
    workgroupSize: items < 2 ** 15 ? 64 : 256,
    items,
    body: body.map((line) => `  ${line}`).join("\n"),
  });
  return { kernels: [kernel] };
}

function applyElementwise(name: ElementwiseName, args: readonly Value[], attributes: Attributes = {}): Value {
  return applyOne(ops.get(name)!, args, attributes);
}

/** A number. Kernels write it as a literal. */
export const scalar = (value: number): Value => applyOne(constantOp, [], { value });
/** The index along one axis, as f32. */
export const iota = (shape: readonly number[], axis: number): Value => applyOne(iotaOp, [], { shape, axis });
export const broadcastTo = (a: Value, shape: readonly number[]): Value => applyElementwise("broadcastTo", [a], { shape });
export const add = (a: Value, b: Value): Value => applyElementwise("add", [a, b]);
export const subtract = (a: Value, b: Value): Value => applyElementwise("subtract", [a, b]);
export const multiply = (a: Value, b: Value): Value => applyElementwise("multiply", [a, b]);
export const divide = (a: Value, b: Value): Value => applyElementwise("divide", [a, b]);
export const maximum = (a: Value, b: Value): Value => applyElementwise("maximum", [a, b]);
export const minimum = (a: Value, b: Value): Value => applyElementwise("minimum", [a, b]);
export const negate = (a: Value): Value => applyElementwise("negate", [a]);
export const absolute = (a: Value): Value => applyElementwise("absolute", [a]);
export const sign = (a: Value): Value => applyElementwise("sign", [a]);
export const square = (a: Value): Value => applyElementwise("square", [a]);
export const squareRoot = (a: Value): Value => applyElementwise("squareRoot", [a]);
export const inverseSquareRoot = (a: Value): Value => applyElementwise("inverseSquareRoot", [a]);
export const exponential = (a: Value): Value => applyElementwise("exponential", [a]);
export const exponentialMinusOne = (a: Value): Value => applyElementwise("exponentialMinusOne", [a]);
export const logarithm = (a: Value): Value => applyElementwise("logarithm", [a]);
export const tanh = (a: Value): Value => applyElementwise("tanh", [a]);
export const sigmoid = (a: Value): Value => applyElementwise("sigmoid", [a]);
export const sine = (a: Value): Value => applyElementwise("sine", [a]);
export const cosine = (a: Value): Value => applyElementwise("cosine", [a]);
export const relu = (a: Value): Value => applyElementwise("relu", [a]);
export const gelu = (a: Value): Value => applyElementwise("gelu", [a]);
export const silu = (a: Value): Value => applyElementwise("silu", [a]);
export const equal = (a: Value, b: Value): Value => applyElementwise("equal", [a, b]);
export const less = (a: Value, b: Value): Value => applyElementwise("less", [a, b]);
export const atLeast = (a: Value, b: Value): Value => applyElementwise("atLeast", [a, b]);
export const where = (condition: Value, a: Value, b: Value): Value => applyElementwise("where", [condition, a, b]);
export const isFiniteNumber = (a: Value): Value => applyElementwise("isFinite", [a]);
export const toFloat = (a: Value): Value => applyElementwise("toFloat", [a]);
