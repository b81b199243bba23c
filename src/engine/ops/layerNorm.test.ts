import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { numbers } from "../testing/opCase";
import { casesOf } from "../testing/opCases";
import { layerNorm } from "./layerNorm";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("layerNorm"))).toEqual([]));

test("rows come out with mean 0 and deviation 1, whatever their offset and scale", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 40 }), fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.double({ min: 0.1, max: 1e3, noNaN: true }), fc.nat(99), (C, offset, scale, seed) => {
    const [x, gain] = [leaf("x", f32(1, C)), leaf("gain", f32(C))];
    const row = numbers(seed, [C]).map((value) => value * scale + offset);
    const y = layerNorm(x, gain, undefined, 0);
    const [found, statistics] = evaluate(y.node.outputs, { x: row, gain: new Float64Array(C).fill(1) }) as Float64Array[];
    expect(found!.reduce((a, b) => a + b) / C).toBeCloseTo(0, 6);
    expect(found!.reduce((a, b) => a + b * b, 0) / C).toBeCloseTo(1, 6);
    found!.forEach((value, i) => expect(value).toBeCloseTo((row[i]! - statistics![0]!) * statistics![1]!, 6));
  }));
});

test("an equal row is 0 plus the bias: epsilon keeps it finite", () => {
  const [x, gain, bias] = [leaf("x", f32(2, 3)), leaf("gain", f32(3)), leaf("bias", f32(3))];
  const [y] = evaluate([layerNorm(x, gain, bias)], { x: [7, 7, 7, 0, 0, 0], gain: [1, 2, 3], bias: [4, 5, 6] });
  expect([...y!]).toEqual([4, 5, 6, 4, 5, 6]);
});

test("parameters of another length are refused", () => {
  expect(() => layerNorm(leaf("x", f32(2, 3)), leaf("gain", f32(4)))).toThrow("takes x [..., C] and parameters [C]");
  expect(() => layerNorm(leaf("x", f32(2, 3)), leaf("gain", f32(3)), leaf("bias", f32(1)))).toThrow("parameters [C]");
});
