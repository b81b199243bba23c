import { setFlagsFromString } from "node:v8";
import { describe, expect, test } from "vitest";
import { TABLE } from "../ops/elementwiseTable";
import { VECTOR_TABLE } from "../ops/elementwiseVector";
import { hasFusedMultiplyAdd } from "../runtime/cpu/features";
import { buildRun } from "../testing/runWasm";
import { type V128, addInt, f32x4, forRange, loadVector, storeVector } from "./code";
import { type Text, cosine, exponential, exponentialMinusOne, exponentialOfNegative, hyperbolicTangent, logarithm, multiplyAdd, sigmoid, sine, textOf, uniformOf } from "./math";

// Node 20 has relaxed vectors, but not by itself.
if (!hasFusedMultiplyAdd()) setFlagsFromString("--experimental-wasm-relaxed-simd");
const ENGINES = hasFusedMultiplyAdd() ? [false, true] : [false];

/** Each number of a list through a function, four at a time. */
function mapVectors(apply: (text: Text, x: V128) => V128, numbers: Float32Array, fma: boolean): Float32Array {
  const bytes = Math.ceil(numbers.length / 4) * 16;
  const run = buildRun((scope) => {
    const byte = scope.local("i32");
    return forRange(byte, 0, bytes, 16, textOf(scope, (text) => text.add(storeVector(byte, apply(text, loadVector(byte))))));
  }, { fma, pages: Math.ceil(bytes / 2 ** 16) });
  run.floats.set(numbers);
  run.call();
  return run.floats.subarray(0, numbers.length);
}

/** Every 9973rd pattern of 32 bits: of each power of two some 840 numbers, of both signs, subnormal ones among them; and what is special. */
const SPECIAL = [0, -0, NaN, Infinity, -Infinity, 1, -1, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4028234663852886e38, -3.4028234663852886e38, 88.72283, 88.8, -87, -87.1, -103.9, -104, Math.PI, 0.35, -0.35];
const EVERYWHERE = ((): Float32Array => {
  const patterns = new Float32Array(Uint32Array.from({ length: 2 ** 32 / 9973 }, (_, index) => index * 9973).buffer);
  // Of what is no number, only that which arithmetic makes (below, among the special ones): its lower bits are 0.
  return Float32Array.from([...SPECIAL, ...patterns.filter((x) => !Number.isNaN(x))]);
})();

/** The distance of neighbors in f32 around a number. */
const ulpOf = (x: number): number => Math.max(2 ** -149, 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23));

interface Promised {
  readonly apply: (text: Text, x: V128) => V128;
  readonly twin: (x: number) => number;
  /** |found − exact| is at most so many ULP and this. */
  readonly ulps: number;
  readonly absolute?: number;
  readonly takes?: (x: number) => boolean;
}

/** Below e^−87 there is 0: numbers that are hardly normal any more. */
const HARDLY_NORMAL = 1.7e-38;
const isAngle = (x: number): boolean => !(Math.abs(x) > 1e4 && Math.abs(x) < Infinity);

const FUNCTIONS: Readonly<Record<string, Promised>> = {
  exponential: { apply: exponential, twin: Math.exp, ulps: 1.2 },
  exponentialOfNegative: { apply: exponentialOfNegative, twin: Math.exp, ulps: 1.2, absolute: HARDLY_NORMAL, takes: (x) => !(x > 0) },
  exponentialMinusOne: { apply: exponentialMinusOne, twin: Math.expm1, ulps: 4 },
  logarithm: { apply: logarithm, twin: Math.log, ulps: 1 },
  sigmoid: { apply: sigmoid, twin: (x) => 1 / (1 + Math.exp(-x)), ulps: 2.5, absolute: HARDLY_NORMAL },
  hyperbolicTangent: { apply: hyperbolicTangent, twin: Math.tanh, ulps: 3 },
  // Errors of the gate's argument, which is up to 87 there, count as often where the result is nearly 0.
  gelu: { apply: (text, x) => VECTOR_TABLE.gelu(text, x, x, x), twin: (x) => TABLE.gelu.reference(x, 0, 0), ulps: 250, absolute: 11 * HARDLY_NORMAL },
  sine: { apply: sine, twin: Math.sin, ulps: 0, absolute: 1e-6, takes: isAngle },
  cosine: { apply: cosine, twin: Math.cos, ulps: 0, absolute: 1e-6, takes: isAngle },
};

function findWorst({ apply, twin, ulps, absolute = 0, takes = () => true }: Promised, fma: boolean): { readonly share: number; readonly text: string } {
  const given = EVERYWHERE.filter(takes);
  const found = mapVectors(apply, given, fma);
  let worst = { share: 0, text: "" };
  given.forEach((x, index) => {
    const exact = twin(x);
    const isPlain = Number.isFinite(Math.fround(exact));
    const share = isPlain ? Math.abs(found[index]! - exact) / (ulps * ulpOf(exact) + absolute) : Object.is(found[index], Math.fround(exact)) ? 0 : Infinity;
    if (!(share <= worst.share)) worst = { share, text: `of ${x} it is ${found[index]}, exactly ${exact}` };
  });
  return worst;
}

describe.each(ENGINES)("with one rounding in multiplyAdd: %s", (fma) => {
  test.each(Object.entries(FUNCTIONS))("%s is as exact as promised, wherever a number may lie", (_, promised) => {
    const { share, text } = findWorst(promised, fma);
    expect(share, text).toBeLessThanOrEqual(1);
    // A promise that is far too weak would hide what is wrong.
    expect(share, text).toBeGreaterThan(0.3);
  });

  test("multiplyAdd rounds as often as it says", () => {
    const [x, y, z] = [1 + 2 ** -23, 1 - 2 ** -23, -1];
    const [found] = mapVectors((text, x4) => multiplyAdd(text.scope, x4, f32x4.of(y), f32x4.of(z)), Float32Array.of(x, 0, 0, 0), fma);
    const twice = Math.fround(Math.fround(x * y) + z);
    // A processor that cannot round once may round twice.
    expect(fma ? [-(2 ** -46), twice] : [twice]).toContain(found);
  });
});

test("signs of zero stay", () => {
  for (const apply of [exponentialMinusOne, hyperbolicTangent]) expect([...mapVectors(apply, Float32Array.of(0, -0), false)]).toEqual([0, -0]);
});

test("24 bits become a number in [0, 1)", () => {
  const words = Uint32Array.of(0, 255, 256, 0x80000000, 0xffffffff);
  expect([...mapVectors((_, x) => uniformOf(x), new Float32Array(words.buffer), false)]).toEqual([0, 0, 2 ** -24, 0.5, 1 - 2 ** -24]);
});

test("what is held is computed once, where it stands", () => {
  const run = buildRun((scope) => textOf(scope, (text) => {
    const before = text.hold(loadVector(0));
    text.add(storeVector(0, f32x4.add(before, before)));
    text.add(storeVector(addInt(0, 16), f32x4.add(before, loadVector(0))));
  }));
  run.floats.set([1, 2, 3, 4]);
  run.call();
  expect([...run.floats.subarray(0, 8)]).toEqual([2, 4, 6, 8, 3, 6, 9, 12]);
});
