/**
 * A fused chain of elementwise functions, as plain data: `steps` in order, each a table row applied to inputs, earlier
 * steps or constants; `results` are the steps that leave the kernel. In: an expression and how to load its inputs. Out: WGSL
 * lines, or the computation itself. The elementwise kernel and the epilogue of matmul both use it.
 */
import { quotient, remainder } from "../wgsl/divide";
import { f32Literal } from "../wgsl/kernel";
import type { NumericArray } from "../graph/op";
import { type TensorType, sameShape, sizeOf } from "../graph/value";
import { fillUniforms, uniformText } from "../wgsl/philox";
import { type CallingName, type ElementwiseName, type ElementwiseRow, TABLE, forWidth } from "./elementwiseTable";

/** "x3" an input, "x3.2" the third number of an input (the same for every element), "s2" an earlier step, a number a constant. */
export type Operand = string | number;

/** The input an operand reads, and which single number of it, if only one. */
export function inputOf(operand: Operand): { readonly input: number; readonly pick: number | undefined } | undefined {
  const match = typeof operand === "string" ? /^x(\d+)(?:\.(\d+))?$/.exec(operand) : null;
  return match ? { input: Number(match[1]), pick: match[2] === undefined ? undefined : Number(match[2]) } : undefined;
}

/** Which inputs are keys of random numbers. Nothing else in an expression reads those. */
export function keysOf(expression: Expression): ReadonlySet<number> {
  return new Set(expression.steps.flatMap((step) => (step.apply === "randomUniform" ? step.args.map((arg) => inputOf(arg)!.input) : [])));
}

/** How each input is read: the ones whose numbers are picked singly are "one"s. */
export function reachesOf(expression: Expression, types: readonly TensorType[]): Reach[] {
  const keys = keysOf(expression);
  const picked = new Set(operandsOf(expression).flatMap((operand) => {
    const read = inputOf(operand);
    return read?.pick === undefined ? [] : [read.input];
  }));
  return types.map((type, index) => (keys.has(index) ? { kind: "key" } : picked.has(index) ? { kind: "one" } : reachOf(type.shape, expression.shape)));
}

function operandsOf(expression: Expression): Operand[] {
  return [...new Set([...expression.steps.flatMap((step) => step.args), ...expression.results, ...(expression.stacks ?? []).flat()])];
}

/** Rows of the table, and two that make numbers out of an element's index. */
type StepName = ElementwiseName | "iota" | "randomUniform";

export interface ExpressionStep {
  readonly apply: StepName;
  readonly args: readonly Operand[];
  /** For iota: the axis whose index it gives. */
  readonly axis?: number;
  /** For randomUniform, whose argument is a key: see ops/random.ts. */
  readonly site?: number;
  readonly [name: string]: StepName | readonly Operand[] | number | undefined;
}

export interface Expression {
  readonly shape: readonly number[];
  readonly steps: readonly ExpressionStep[];
  /** The operand of each output. */
  readonly results: readonly Operand[];
  /** Further outputs, where the expression is of a single number: several side by side, as `stack` puts them. */
  readonly stacks?: readonly (readonly Operand[])[];
}

/** The shapes of all outputs. */
export const outputShapes = ({ shape, results, stacks = [] }: Expression): (readonly number[])[] => [...results.map(() => shape), ...stacks.map((stack) => [stack.length])];

/** The statements that store the outputs y0, y1 …: the results as element `at`. */
export function storeLines({ results, stacks = [] }: Expression, at: string, T: "f32" | "vec4f"): string[] {
  return [
    ...results.map((result, index) => `y${index}[${at}] = ${operandText(result, T)};`),
    ...stacks.flatMap((stack, index) => stack.map((operand, place) => `y${results.length + index}[${place}] = ${operandText(operand, T)};`)),
  ];
}

/** How an input's elements meet those of the output. */
export type Reach =
  | { readonly kind: "full" }
  | { readonly kind: "one" }
  /** Two u32 that make the random numbers of all elements. */
  | { readonly kind: "key" }
  /** Repeats along leading axes: element i of the output reads i mod `period`. */
  | { readonly kind: "suffix"; readonly period: number }
  /** Constant along trailing axes: element i reads i div `run`. */
  | { readonly kind: "prefix"; readonly run: number }
  | { readonly kind: "strided"; readonly strides: readonly number[] };

export function reachOf(input: readonly number[], output: readonly number[]): Reach {
  const size = sizeOf(input);
  if (size === 1) return { kind: "one" };
  const padded = [...Array<number>(Math.max(0, output.length - input.length)).fill(1), ...input];
  if (sameShape(padded, output)) return { kind: "full" };
  const first = padded.findIndex((length) => length !== 1);
  if (sameShape(padded.slice(first), output.slice(first))) return { kind: "suffix", period: size };
  const last = padded.findLastIndex((length) => length !== 1) + 1;
  if (sameShape(padded.slice(0, last), output.slice(0, last))) return { kind: "prefix", run: sizeOf(output.slice(last)) };
  let stride = 1;
  const strides = padded.map(() => 0);
  for (let axis = padded.length - 1; axis >= 0; axis -= 1) {
    strides[axis] = padded[axis] === 1 ? 0 : stride;
    stride *= padded[axis]!;
  }
  return { kind: "strided", strides };
}

/** Whether four neighbours of the output can be loaded at once (they are one vec4, or one number four times). */
export function reachesInFours(reach: Reach): boolean {
  if (reach.kind === "suffix") return reach.period % 4 === 0;
  if (reach.kind === "prefix") return reach.run % 4 === 0;
  return reach.kind !== "strided";
}

/** WGSL type of an input's array for a width: numbers that are repeated are bound singly. */
export function elementOf(type: TensorType, reach: Reach, width: 1 | 4): string {
  const scalar = type.dtype;
  if (width === 1 || reach.kind === "one" || reach.kind === "key" || reach.kind === "prefix") return scalar;
  return scalar === "f32" ? "vec4f" : "vec4u";
}

/** WGSL that loads an input for output element `at` (in units of `width` elements), as T. */
export function loadText(
  name: string, type: TensorType, reach: Reach, shape: readonly number[], at: string, width: 1 | 4, pick?: number,
): string {
  if (reach.kind === "key") return `vec2u(${name}[0], ${name}[1])`;
  const index = pick === undefined ? indexText(reach, shape, at, width) : `${pick}u`;
  const loaded = `${name}[${index}]`;
  const element = elementOf(type, reach, width);
  const T = width === 4 ? "vec4f" : "f32";
  return element === T ? loaded : `${T}(${loaded})`;
}

function indexText(reach: Exclude<Reach, { readonly kind: "key" }>, shape: readonly number[], at: string, width: 1 | 4): string {
  switch (reach.kind) {
    case "one":
      return "0u";
    case "full":
      return at;
    case "suffix":
      return remainder(at, reach.period / width);
    case "prefix":
      return quotient(at, reach.run / width);
    case "strided": {
      let inner = sizeOf(shape);
      const terms = reach.strides.flatMap((stride, axis) => {
        inner /= shape[axis]!;
        return stride === 0 ? [] : [`${remainder(quotient(at, inner), shape[axis]!)} * ${stride}u`];
      });
      return terms.join(" + ");
    }
    default:
      return reach satisfies never;
  }
}

/** The text that loads an input, or one number of it. */
export type Load = (input: number, pick?: number) => string;

/** The statements of all steps; `at` is the output element (in units of the width). */
export function expressionLines(expression: Expression, load: Load, at: string, T: "f32" | "vec4f"): string[] {
  const lines = operandsOf(expression).flatMap((operand) => {
    const read = inputOf(operand);
    return read ? [`let ${operandText(operand, T)} = ${load(read.input, read.pick)};`] : [];
  });
  expression.steps.forEach((step, index) => {
    const args = step.args.map((arg) => operandText(arg, T));
    lines.push(`let s${index}_ = ${stepText(step, args, expression.shape, at, T)};`);
  });
  return lines;
}

function stepText({ apply, axis = 0, site = 0 }: ExpressionStep, args: readonly string[], shape: readonly number[], at: string, T: "f32" | "vec4f"): string {
  if (apply === "iota") return iotaText(shape, axis, at, T);
  if (apply === "randomUniform") return uniformText(args[0]!, site, at, T);
  return forWidth((TABLE[apply] as ElementwiseRow).wgsl(...args), T);
}

export function operandText(operand: Operand, T: "f32" | "vec4f"): string {
  return typeof operand === "number" ? `${T}(${f32Literal(operand)})` : `${operand.replace(".", "_")}_`;
}

function iotaText(shape: readonly number[], axis: number, at: string, T: "f32" | "vec4f"): string {
  const inner = sizeOf(shape.slice(axis + 1));
  if (shape.length === 1) return T === "f32" ? `f32(${at})` : `vec4f(vec4u((${at}) * 4u) + vec4u(0u, 1u, 2u, 3u))`;
  const one = (index: string): string => `f32(${remainder(quotient(index, inner), shape[axis]!)})`;
  if (T === "f32") return one(at);
  return `vec4f(${[0, 1, 2, 3].map((k) => one(`(${at}) * 4u + ${k}u`)).join(", ")})`;
}

/** Names of all that an expression uses and that may call functions. */
export function namesIn(expression: Expression): CallingName[] {
  return expression.steps.flatMap((step) => (step.apply === "iota" ? [] : [step.apply]));
}

/**
 * Computes an expression on the CPU, step by step over whole arrays. Outputs may share memory with inputs of the same
 * shape: every step has its own scratch, and results are copied out at the end.
 */
export function computeExpression(expression: Expression, inputs: readonly NumericArray[], types: readonly TensorType[], outputs: readonly NumericArray[]): void {
  const size = sizeOf(expression.shape);
  const isDouble = [...inputs, ...outputs].some((array) => array instanceof Float64Array);
  const scratch = expression.steps.map(() => (isDouble ? new Float64Array(size) : new Float32Array(size)));
  const reaches = reachesOf(expression, types);
  const expanded = inputs.map((array, index) => expand(array, reaches[index]!, expression.shape));
  const arrayOf = (operand: Operand): NumericArray | number => {
    if (typeof operand === "number") return operand;
    const read = inputOf(operand);
    if (!read) return scratch[Number(operand.slice(1))]!;
    return read.pick === undefined ? expanded[read.input]! : inputs[read.input]![read.pick]!;
  };
  expression.steps.forEach((step, index) => {
    const out = scratch[index]!;
    const args = step.args.map(arrayOf);
    if (step.apply === "iota") fillIota(out, expression.shape, step.axis ?? 0);
    else if (step.apply === "randomUniform") fillUniforms(out, ...(args[0] as unknown as [number, number]), step.site ?? 0);
    else applyRow(TABLE[step.apply], args, out);
  });
  const results = expression.results.map(arrayOf);
  const numberOf = (made: NumericArray | number): number => (typeof made === "number" ? made : made[0]!);
  // All are taken before one is written, since outputs may share memory with inputs.
  const stacks = (expression.stacks ?? []).map((stack) => stack.map((operand) => numberOf(arrayOf(operand))));
  outputs.forEach((output, index) => {
    const result = results[index] ?? stacks[index - results.length]!;
    if (typeof result === "number") output.fill(result);
    else output.set(result);
  });
}

function applyRow(row: ElementwiseRow, args: readonly (NumericArray | number)[], out: NumericArray): void {
  const { reference } = row;
  const at = (arg: NumericArray | number | undefined): ((i: number) => number) =>
    arg === undefined ? () => 0 : typeof arg === "number" ? () => arg : (i) => arg[i]!;
  const [a, b, c] = args;
  if (typeof a === "object" && typeof b === "object" && row.arity === 2) {
    for (let i = 0; i < out.length; i += 1) out[i] = reference(a[i]!, b[i]!, 0);
    return;
  }
  if (typeof a === "object" && row.arity === 1) {
    for (let i = 0; i < out.length; i += 1) out[i] = reference(a[i]!, 0, 0);
    return;
  }
  const [getA, getB, getC] = [at(a), at(b), at(c)];
  for (let i = 0; i < out.length; i += 1) out[i] = reference(getA(i), getB(i), getC(i));
}

function fillIota(out: NumericArray, shape: readonly number[], axis: number): void {
  const inner = sizeOf(shape.slice(axis + 1));
  const length = shape[axis]!;
  for (let i = 0; i < out.length; i += 1) out[i] = Math.floor(i / inner) % length;
}

/** The input repeated to the output's shape; the array itself where it already has it. */
function expand(array: NumericArray, reach: Reach, to: readonly number[]): NumericArray {
  const size = sizeOf(to);
  if (reach.kind === "full" || reach.kind === "key" || (reach.kind === "one" && size === 1)) return array;
  const out = array instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  if (reach.kind === "one") return out.fill(array[0]!);
  if (reach.kind === "suffix") for (let i = 0; i < size; i += reach.period) out.set(array, i);
  if (reach.kind === "prefix") for (let i = 0; i < array.length; i += 1) out.fill(array[i]!, i * reach.run, (i + 1) * reach.run);
  if (reach.kind === "strided") {
    for (let i = 0; i < size; i += 1) {
      let rest = i;
      let source = 0;
      for (let axis = to.length - 1; axis >= 0; axis -= 1) {
        source += (rest % to[axis]!) * reach.strides[axis]!;
        rest = Math.floor(rest / to[axis]!);
      }
      out[i] = array[source]!;
    }
  }
  return out;
}
