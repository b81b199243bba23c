import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { numbers } from "../testing/opCase";
import { casesOf } from "../testing/opCases";
import { rotary } from "./rotary";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("rotary"))).toEqual([]));

function rotate(x: Float64Array, B: number, T: number, heads: number, headSize: number, angle: (t: number, i: number) => number): Float64Array {
  const half = headSize / 2;
  const angles = Array.from({ length: T * half }, (_, i) => angle(Math.floor(i / half), i % half));
  const y = rotary(leaf("x", f32(B, T, x.length / B / T)), leaf("cos", f32(T, half)), leaf("sin", f32(T, half)), { heads, headSize });
  return evaluate([y], { x, cos: angles.map(Math.cos), sin: angles.map(Math.sin) })[0]! as Float64Array;
}

const small = fc.integer({ min: 1, max: 4 });

test("every pair keeps its length, the rest passes through, and turning back gives x", () => {
  fc.assert(fc.property(small, small, small, small, fc.nat(5), fc.nat(99), (B, T, heads, half, rest, seed) => {
    const [D, W] = [2 * half, heads * 2 * half + rest];
    const x = numbers(seed, [B, T, W]);
    const angle = (t: number, i: number): number => t * 1.7 + i * 0.3;
    const y = rotate(x, B, T, heads, D, angle);
    for (let row = 0; row < B * T; row += 1) {
      for (let h = 0; h < heads; h += 1) for (let i = 0; i < half; i += 1) {
        const at = row * W + h * D + i;
        expect(Math.hypot(y[at]!, y[at + half]!)).toBeCloseTo(Math.hypot(x[at]!, x[at + half]!), 12);
      }
      expect(y.subarray(row * W + heads * D, (row + 1) * W)).toEqual(x.subarray(row * W + heads * D, (row + 1) * W));
    }
    rotate(y, B, T, heads, D, (t, i) => -angle(t, i)).forEach((value, i) => expect(value).toBeCloseTo(x[i]!, 12));
  }));
});

test("the product of two turned vectors depends on how far apart they are, not on where", () => {
  const [q, k] = [numbers(1, [8]), numbers(2, [8])];
  const T = 6;
  const turned = (vector: Float64Array): Float64Array => rotate(Float64Array.from({ length: T * 8 }, (_, i) => vector[i % 8]!), 1, T, 1, 8, (t, i) => t * 10 ** -i);
  const [a, b] = [turned(q), turned(k)];
  const product = (t: number, s: number): number => Array.from({ length: 8 }, (_, i) => a[t * 8 + i]! * b[s * 8 + i]!).reduce((x, y) => x + y);
  for (let t = 2; t < T; t += 1) expect(product(t, t - 2)).toBeCloseTo(product(2, 0), 12);
  expect(product(3, 0)).not.toBeCloseTo(product(2, 0), 3);
});

test("pairs are the halves of a head: a quarter turn sends the first half to the second", () => {
  const y = rotate(Float64Array.of(1, 2, 3, 4), 1, 1, 1, 4, () => Math.PI / 2);
  y.forEach((value, i) => expect(value).toBeCloseTo([-3, -4, 1, 2][i]!, 12));
});

test("tables and widths that do not fit are refused", () => {
  const table = leaf("t", f32(3, 2));
  expect(() => rotary(leaf("x", f32(1, 2, 4)), table, table, { heads: 1, headSize: 4 })).toThrow("takes x [B, T, W");
  expect(() => rotary(leaf("x", f32(1, 3, 4)), table, table, { heads: 2, headSize: 4 })).toThrow("W ≥ 8");
});
