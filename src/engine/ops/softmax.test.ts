import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { casesOf } from "../testing/opCases";
import { softmax } from "./softmax";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("softmax"))).toEqual([]));

const softmaxOf = (row: readonly number[], precision: "f32" | "f64" = "f64"): number[] => [...evaluate([softmax(leaf("x", f32(1, row.length)))], { x: row }, precision)[0]!];

test("rows are probabilities in the order of the scores, and adding a number to all changes nothing", () => {
  const score = fc.double({ min: -1e4, max: 1e4, noNaN: true });
  fc.assert(fc.property(fc.array(score, { minLength: 1, maxLength: 20 }), fc.double({ min: -1e3, max: 1e3, noNaN: true }), (row, shift) => {
    const y = softmaxOf(row);
    expect(y.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    softmaxOf(row.map((x) => x + shift)).forEach((value, i) => expect(value).toBeCloseTo(y[i]!, 9));
    row.forEach((a, i) => row.forEach((b, j) => expect(a <= b || y[i]! >= y[j]!).toBe(true)));
  }));
});

test("any finite f32 scores give finite probabilities in f32", () => {
  fc.assert(fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e38), max: Math.fround(1e38) }), { minLength: 1, maxLength: 9 }), (row) => {
    const y = softmaxOf(row, "f32");
    expect(y.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(y.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  }));
});

test("equal scores share evenly; a scalar is refused", () => {
  expect(softmaxOf([1e30, 1e30, 1e30, 1e30])).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect(() => softmax(leaf("x", f32()))).toThrow("takes x [..., C]");
});
