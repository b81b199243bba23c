import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { type Words, philox, uniform } from "../wgsl/philox";
import { randomUniform } from "./random";

const key = leaf("key", u32(2));
const draw = (size: number, seed: number, step: number, site: number): Float64Array => evaluate([randomUniform(key, [size], site)], { key: [seed, step] })[0]! as Float64Array;
const flip = (word: number): number => (word ^ 1) >>> 0;
const u32s = fc.nat(0xffffffff);

test("element i is word i mod 4 of the counter (i / 4, step, site, 0) under the key (seed, 0)", () => {
  fc.assert(fc.property(u32s, u32s, u32s, fc.integer({ min: 1, max: 13 }), (seed, step, site, size) => {
    draw(size, seed, step, site).forEach((value, i) => {
      const words: Words = [Math.floor(i / 4), step, site, 0];
      philox(words, seed, 0);
      expect(value).toBe(uniform(words[i % 4]!));
    });
  }));
});

test("another seed, step or site gives other numbers; the same gives the same; a longer one begins the same", () => {
  fc.assert(fc.property(u32s, u32s, u32s, (seed, step, site) => {
    const base = draw(16, seed, step, site);
    expect(draw(16, seed, step, site)).toEqual(base);
    expect(draw(33, seed, step, site).subarray(0, 16)).toEqual(base);
    for (const other of [draw(16, flip(seed), step, site), draw(16, seed, flip(step), site), draw(16, seed, step, flip(site))]) expect(other).not.toEqual(base);
  }));
});

test("many numbers are spread evenly, and neighbors do not know each other", () => {
  const u = draw(2 ** 17, 7, 0, 0);
  const bins = new Uint32Array(64);
  u.forEach((value) => (bins[Math.floor(value * 64)]! += 1));
  const expected = u.length / 64;
  const chiSquared = bins.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
  // 63 degrees of freedom: 99.99 % lie below 115.
  expect(chiSquared).toBeLessThan(115);
  const correlation = u.reduce((total, value, i) => total + (value - 0.5) * ((u[i + 1] ?? 0.5) - 0.5), 0) / (u.length / 12);
  expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(u.length));
});

test("a key that is not (seed, step) and a site that is not a u32 are refused", () => {
  expect(() => randomUniform(leaf("k", u32(3)), [1], 0)).toThrow("seed and step");
  expect(() => randomUniform(leaf("k", f32(2)), [1], 0)).toThrow("seed and step");
  expect(() => randomUniform(key, [1], -1)).toThrow("site -1");
  expect(() => randomUniform(key, [1], 2 ** 32)).toThrow("is not a u32");
});
