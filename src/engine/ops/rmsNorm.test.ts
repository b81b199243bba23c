import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { numbers } from "../testing/opCase";
import { casesOf } from "../testing/opCases";
import { rmsNorm } from "./rmsNorm";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("rmsNorm"))).toEqual([]));

test("rows come out with mean square 1, and a positive scale of the input changes nothing", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.nat(99), (C, scale, seed) => {
    const [x, gain] = [leaf("x", f32(2, C)), leaf("gain", f32(C))];
    const row = numbers(seed, [C], "positive");
    const [y] = evaluate([rmsNorm(x, gain, 0)], { x: [...row, ...row.map((value) => value * scale)], gain: new Float64Array(C).fill(1) }) as Float64Array[];
    expect(y!.subarray(0, C).reduce((a, b) => a + b * b, 0) / C).toBeCloseTo(1, 10);
    for (let c = 0; c < C; c += 1) expect(y![C + c]).toBeCloseTo(y![c]!, 10);
  }));
});

test("a row of zeros stays zero, and a gain of another length is refused", () => {
  const x = leaf("x", f32(1, 3));
  expect([...evaluate([rmsNorm(x, leaf("gain", f32(3)))], { x: [0, -0, 0], gain: [1, 2, 3] })[0]!]).toEqual([0, -0, 0]);
  expect(() => rmsNorm(x, leaf("gain", f32(1)))).toThrow("parameters [C]");
});
