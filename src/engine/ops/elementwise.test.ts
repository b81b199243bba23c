import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differentiate } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { elementwiseCases } from "../testing/cases/elementwise";
import { add, broadcastTo, equal, gelu, isFiniteNumber, less, maximum, multiply, sigmoid, sign, silu, tanh, toFloat, where } from "./elementwise";
import { reachOf } from "./expression";
import { sumAll } from "./reduce";

test("gradients are those of finite differences", () => expect(checkGradients(elementwiseCases)).toEqual([]));

test("comparisons and signs pass no gradient", () => {
  const a = leaf("a", f32(3));
  const scalarOf = sumAll(add(add(equal(a, a), less(a, a)), add(sign(a), isFiniteNumber(a))));
  expect(evaluate(differentiate(scalarOf, [a]), { a: [1, 0, -1] })).toEqual([new Float64Array(3)]);
});

test("where picks by a condition that is not 0, and its gradient goes where it picked", () => {
  const [c, a, b] = [leaf("c", f32(4)), leaf("a", f32(4)), leaf("b", f32(4))];
  const y = where(c, a, b);
  const data = { c: [0, 1, -2, -0], a: [1, 2, 3, 4], b: [5, 6, 7, 8] };
  expect(evaluate([y, ...differentiate(sumAll(y), [a, b])], data).map((array) => [...array])).toEqual([[5, 2, 3, 8], [0, 1, 1, 0], [1, 0, 0, 1]]);
});

describe("broadcasting", () => {
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
  test("a sum of broadcast values is the sum that coordinates say, for any shapes that fit", () => {
    fc.assert(fc.property(shape, fc.infiniteStream(fc.boolean()), fc.nat(4), (to, drop, missing) => {
      const from = to.slice(Math.min(missing, to.length)).map((length) => (drop.next().value ? 1 : length));
      const a = leaf("a", f32(...from));
      const data = Array.from({ length: from.reduce((x, y) => x * y, 1) }, (_, i) => i);
      const [found] = evaluate([broadcastTo(a, to)], { a: data });
      found!.forEach((value, i) => expect(value).toBe(at(data, from, to, i)));
      expect(reachOf(from, to).kind).toBeTypeOf("string");
    }));
  });

  /** NumPy's rule, written the slow way. */
  function at(data: readonly number[], from: readonly number[], to: readonly number[], index: number): number {
    let [rest, stride, source] = [index, 1, 0];
    for (let axis = 1; axis <= to.length; axis += 1) {
      const [length, own] = [to.at(-axis)!, from.at(-axis) ?? 1];
      source += own === 1 ? 0 : (rest % length) * stride;
      stride *= own;
      rest = Math.floor(rest / length);
    }
    return data[source]!;
  }
});

test("shapes and types that do not fit are refused with both shapes named", () => {
  expect(() => add(leaf("a", f32(3)), leaf("b", f32(4)))).toThrow("add(f32[3], f32[4]): the shapes do not broadcast.");
  expect(() => add(leaf("a", f32(3)), leaf("b", u32(3)))).toThrow("takes f32 inputs");
  expect(() => toFloat(leaf("a", f32(3)))).toThrow("takes u32 inputs");
  expect(() => broadcastTo(leaf("a", f32(3)), [4])).toThrow("broadcast");
  expect(() => broadcastTo(leaf("a", f32(3)), [1])).toThrow("broadcast");
});

test("bounded functions stay in their bounds and odd ones are odd", () => {
  fc.assert(fc.property(fc.double({ min: -200, max: 200, noNaN: true }), (x) => {
    const a = leaf("a", f32(2));
    const [s, t, g, i, m] = evaluate([sigmoid(a), tanh(a), gelu(a), silu(a), maximum(a, multiply(a, a))], { a: [x, -x] });
    expect(s![0]! + s![1]!).toBeCloseTo(1, 12);
    expect(t![0]! + t![1]!).toBe(0);
    // x·gate(x) − (−x)·gate(−x)… both gates sum to 1, so f(x) − f(−x) = x.
    expect(g![0]! - g![1]!).toBeCloseTo(x, 10);
    expect(i![0]! - i![1]!).toBeCloseTo(x, 10);
    expect(m![0]).toBe(Math.max(x, x * x));
  }));
});
