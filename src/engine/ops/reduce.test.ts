import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { casesOf } from "../testing/opCases";
import { reduceMax, reduceSum, sumAll } from "./reduce";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("reduceSum", "reduceMax"))).toEqual([]));

test("sums and maxima over any axes are those that coordinates say", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), fc.nat(15), (shape, mask) => {
    const axes = shape.map((_, axis) => axis).filter((axis) => (mask >> axis) & 1);
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Array.from({ length: size }, (_, i) => ((i * 7) % 11) - 5);
    const x = leaf("x", f32(...shape));
    const [sum, max, total] = evaluate([reduceSum(x, axes), reduceMax(x, axes), sumAll(x)], { x: data });
    const groups = new Map<string, number[]>();
    data.forEach((value, i) => {
      const coordinates = shape.map((length, axis) => Math.floor(i / shape.slice(axis + 1).reduce((a, b) => a * b, 1)) % length);
      const key = coordinates.filter((_, axis) => !axes.includes(axis)).join();
      groups.set(key, [...(groups.get(key) ?? []), value]);
    });
    const expected = [...groups.values()];
    expect([...sum!]).toEqual(expected.map((members) => members.reduce((a, b) => a + b)));
    expect([...max!]).toEqual(expected.map((members) => Math.max(...members)));
    expect(total![0]).toBe(data.reduce((a, b) => a + b));
  }));
});

test("what cannot be reduced is refused", () => {
  expect(() => reduceSum(leaf("x", f32(3)), [1])).toThrow("cannot reduce axes [1]");
  expect(() => reduceSum(leaf("x", u32(3)), [0])).toThrow("reduces f32 only");
});
