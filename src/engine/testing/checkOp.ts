/**
 * The checks every op case goes through. In: a case. Out: sentences about what is wrong (none when all is well). The gradient
 * of the meaning is held against finite differences in f64; arrays from a kernel are held against the f64 evaluation.
 */
import { differentiateSeeds } from "../graph/differentiate";
import { evaluate, prepare } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import type { NumericArray } from "../graph/op";
import { type Value, sizeOf } from "../graph/value";
import { directionsFor, slopeAlong } from "./finiteDifference";
import { type OpCase, type Tolerance, buildCase, numbers } from "./opCase";

export interface GradientGraph {
  readonly outputs: readonly Value[];
  /** Of Σ cotangent · output, by the case's `by`, in that order. */
  readonly gradients: readonly Value[];
  readonly data: Readonly<Record<string, ArrayLike<number>>>;
}

/** "first": only the first output is differentiated, as in training (the fast kernel). "all": every output (the meaning). */
export type Seeded = "first" | "all";

export function buildGradients(one: OpCase, seeded: Seeded): GradientGraph {
  const { outputs, inputs, data } = buildCase(one);
  if (one.by.length === 0) return { outputs, gradients: [], data };
  const chosen = seeded === "first" ? outputs.slice(0, 1) : outputs;
  const cotangents = chosen.map((_, index) => `cotangent${index}`);
  const seeds = chosen.map((value, index) => ({ value, gradient: leaf(cotangents[index]!, { shape: value.shape, dtype: "f32" }) }));
  const flowing = chosen.map((value, index) => [cotangents[index]!, numbers(900 + index, value.shape)] as const);
  return { outputs, gradients: differentiateSeeds(seeds, one.by.map((name) => inputs[name]!)), data: { ...data, ...Object.fromEntries(flowing) } };
}

/** Reference gradient against finite differences. */
export function checkGradient(one: OpCase, seeded: Seeded): string[] {
  const graph = buildGradients(one, seeded);
  const found = evaluate(graph.gradients, graph.data);
  const { outputs, inputs } = buildCase(one);
  const names = Object.keys(inputs);
  const arrays = names.map((name) => (inputs[name]!.dtype === "u32" ? Uint32Array.from(one.inputs[name]!.data as number[]) : Float64Array.from(one.inputs[name]!.data as number[])));
  const results = outputs.map((output) => new Float64Array(sizeOf(output.shape)));
  const run = prepare(outputs, names.map((name) => inputs[name]!), "f64");
  return one.by.flatMap((name, which) => {
    const at = names.indexOf(name);
    const x = arrays[at] as Float64Array;
    const objective = (moved: Float64Array): number => {
      run(arrays.map((array, index) => (index === at ? moved : array)), results);
      return results.reduce((total, result, index) => total + dot(result, graph.data[`cotangent${index}`] as Float64Array | undefined), 0);
    };
    const gradient = found[which]! as Float64Array;
    return directionsFor(x.length, (seed) => numbers(700 + seed, [x.length])).flatMap((direction) => {
      const expected = slopeAlong(objective, x, direction);
      const actual = dot(gradient, direction);
      const scale = gradient.reduce((total, slope, i) => total + Math.abs(slope * direction[i]!), 0);
      const isClose = Math.abs(actual - expected) <= 1e-6 * scale + 1e-8;
      return isClose ? [] : [`${one.name}: the slope by ${name} is ${actual}, finite differences say ${expected}.`];
    });
  });
}

/** Checks every case of some ops, seeding the first output (as training does) and all of them. */
export function checkGradients(cases: readonly OpCase[]): string[] {
  return cases.filter((one) => one.by.length > 0).flatMap((one) => [...checkGradient(one, "first"), ...checkGradient(one, "all")]);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number> | undefined): number {
  let total = 0;
  if (b) for (let i = 0; i < a.length; i += 1) total += a[i]! * b[i]!;
  return total;
}

/** Gradients are judged as vectors: reliability plan, "gradients, per tensor". */
const GRADIENT_OF_RMS = 1e-4;
const GRADIENT_COSINE = 0.999999;

/** Runs values on a device; see runGraph. */
export type RunGraph = (outputs: readonly Value[], data: GradientGraph["data"]) => Promise<readonly ArrayLike<number>[]>;

/** The kernels of a case, forward and then backward, against the f64 evaluation of the same graph. */
export async function checkKernels(one: OpCase, run: RunGraph): Promise<string[]> {
  const { outputs, gradients, data } = buildGradients(one, "first");
  const expected = evaluate([...outputs, ...gradients], data);
  const magnitudes = one.tolerance.ofMagnitude ? evaluate(outputs, absolutes(data)) : [];
  const forward = await run(outputs, data);
  const backward = gradients.length > 0 ? await run(gradients, data) : [];
  return [
    ...outputs.flatMap((_, index) => compareArrays(`${one.name}, output ${index}`, forward[index]!, expected[index]!, one.tolerance, magnitudes[index])),
    ...gradients.flatMap((_, index) => compareGradients(`${one.name}, gradient of ${one.by[index]}`, backward[index]!, expected[outputs.length + index]!)),
  ];
}

/** Cases at once: the kernels of some compile while those of others run. */
const SIDE_BY_SIDE = 8;

/** `checkKernels` of many cases, several side by side. */
export async function checkManyKernels(cases: readonly OpCase[], run: RunGraph): Promise<string[]> {
  const wrong: string[] = [];
  for (let at = 0; at < cases.length; at += SIDE_BY_SIDE) {
    const found = await Promise.all(cases.slice(at, at + SIDE_BY_SIDE).map((one) => checkKernels(one, run)));
    wrong.push(...found.flat());
  }
  return wrong;
}

function absolutes(data: Readonly<Record<string, ArrayLike<number>>>): Record<string, ArrayLike<number>> {
  return Object.fromEntries(Object.entries(data).map(([name, array]) => [name, Array.from(array, Math.abs)]));
}

export function compareArrays(
  name: string, actual: ArrayLike<number>, expected: NumericArray, { relative = 0, ofRms = 0, absolute = 0, ofMagnitude = 0 }: Tolerance, magnitudes?: NumericArray,
): string[] {
  if (actual.length !== expected.length) return [`${name}: ${actual.length} numbers instead of ${expected.length}.`];
  const rms = Math.sqrt(dot(expected, expected) / expected.length);
  let worst = { excess: 0, i: -1 };
  for (let i = 0; i < expected.length; i += 1) {
    const wanted = expected instanceof Uint32Array ? expected[i]! : Math.fround(expected[i]!);
    if (Object.is(actual[i], wanted) || actual[i] === wanted) continue;
    const allowed = relative * Math.abs(wanted) + ofRms * rms + absolute + ofMagnitude * (magnitudes?.[i] ?? 0);
    const excess = Math.abs(actual[i]! - expected[i]!) / allowed;
    // A NaN is never within its bound.
    if (!(excess <= 1) && !(excess <= worst.excess)) worst = { excess, i };
  }
  return worst.i < 0 ? [] : [`${name}: element ${worst.i} is ${actual[worst.i]} instead of ${expected[worst.i]}, ${worst.excess.toPrecision(3)} times what is allowed.`];
}

function compareGradients(name: string, actual: ArrayLike<number>, expected: NumericArray): string[] {
  const length = Math.sqrt(dot(expected, expected));
  const cosine = length > 1e-6 ? dot(actual, expected) / (length * Math.sqrt(dot(actual, actual))) : 1;
  const elsewhere = cosine >= GRADIENT_COSINE ? [] : [`${name}: points elsewhere (cosine ${cosine}).`];
  return [...compareArrays(name, actual, expected, { ofRms: GRADIENT_OF_RMS, absolute: 1e-7 }), ...elsewhere];
}
