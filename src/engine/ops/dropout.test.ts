import fc from "fast-check";
import { expect, test } from "vitest";
import { differentiate } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { casesOf } from "../testing/opCases";
import { dropout } from "./dropout";
import { sumAll } from "./reduce";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("dropout"))).toEqual([]));

test("about `rate` of the numbers are zero, the others are scaled, the mean stays, and the gradient is the mask", () => {
  const size = 20_000;
  fc.assert(fc.property(fc.double({ min: 0, max: 0.95, noNaN: true }), fc.nat(0xffffffff), fc.nat(1000), (rate, seed, step) => {
    const [x, key] = [leaf("x", f32(size)), leaf("key", u32(2))];
    const y = dropout(x, key, rate, 3);
    const [found, slope] = evaluate([y, differentiate(sumAll(y), [x])[0]!], { x: new Float64Array(size).fill(1), key: [seed, step] });
    expect(found!.every((value, i) => value === slope![i])).toBe(true);
    const scale = 1 / (1 - Math.fround(rate));
    const kept = found!.filter((value) => value !== 0);
    expect(kept.every((value) => value === scale)).toBe(true);
    // Six standard deviations of a binomial.
    expect(Math.abs(kept.length - size * (1 - rate))).toBeLessThanOrEqual(6 * Math.sqrt(size * rate * (1 - rate)) + 1e-6);
  }), { numRuns: 25 });
});

test("a rate outside [0, 1) is refused", () => {
  const [x, key] = [leaf("x", f32(4)), leaf("key", u32(2))];
  for (const rate of [1, -0.1, Number.NaN]) expect(() => dropout(x, key, rate, 0)).toThrow("is not in [0, 1)");
});
