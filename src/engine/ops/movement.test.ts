import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { casesOf } from "../testing/opCases";
import { pad, permute, reshape, slice, stack } from "./movement";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("reshape", "permute", "slice", "pad", "stack", "takeRows", "joinRows"))).toEqual([]));

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const dataFor = (shape: readonly number[]): number[] => Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);

test("permuting and permuting back changes nothing", () => {
  fc.assert(fc.property(shapes.chain((shape) => fc.tuple(fc.constant(shape), fc.shuffledSubarray(shape.map((_, i) => i), { minLength: shape.length }))), ([shape, order]) => {
    const x = leaf("x", f32(...shape));
    const back = permute(permute(x, order), order.map((_, axis) => order.indexOf(axis)));
    expect(back.shape).toEqual(shape);
    expect([...evaluate([back], { x: dataFor(shape) })[0]!]).toEqual(dataFor(shape));
  }));
});

test("a slice of a padded value is the value, and the padding is zero", () => {
  fc.assert(fc.property(shapes, fc.nat(3), fc.nat(3), fc.nat(3), (shape, which, before, after) => {
    const axis = which % shape.length;
    const x = leaf("x", f32(...shape));
    const padded = pad(x, axis, before, before + shape[axis]! + after);
    const [found, whole] = evaluate([slice(padded, axis, before, shape[axis]!), padded], { x: dataFor(shape) });
    expect([...found!]).toEqual(dataFor(shape));
    expect(whole!.filter((value) => value !== 0)).toHaveLength(found!.length);
  }));
});

test("a transposed matrix, a stack", () => {
  const [x, a] = [leaf("x", f32(2, 3)), leaf("a", f32())];
  const [transposed, stacked] = evaluate([permute(x, [1, 0]), stack([a, reshape(slice(reshape(x, [6]), 0, 4, 1), [])])], { x: [1, 2, 3, 4, 5, 6], a: [9] });
  expect([...transposed!]).toEqual([1, 4, 2, 5, 3, 6]);
  expect([...stacked!]).toEqual([9, 5]);
});

test("moves that do not fit are refused", () => {
  const x = leaf("x", f32(2, 3));
  expect(() => reshape(x, [5])).toThrow("does not have the 5 elements");
  expect(() => permute(x, [0, 0])).toThrow("is not an order of its axes");
  expect(() => slice(x, 1, 2, 2)).toThrow("on axis 1");
  expect(() => slice(x, 2, 0, 1)).toThrow("on axis 2");
  expect(() => pad(x, 0, 2, 3)).toThrow("does not fit");
});
