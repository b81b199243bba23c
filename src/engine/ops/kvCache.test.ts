import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { numbers } from "../testing/opCase";
import { casesOf } from "../testing/opCases";
import { attention } from "./attention/attention";
import { cachedAttention } from "./kvCache";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("cachedAttention"))).toEqual([]));

test("token by token through the cache is the same as causal attention over the whole", () => {
  const size = fc.integer({ min: 1, max: 4 });
  fc.assert(fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(3), size, size, size, fc.nat(99), (T, spare, K, G, D, seed) => {
    const heads = { heads: K * G, keyValueHeads: K, headSize: D };
    const [rows, W] = [T + spare, (heads.heads + 2 * K) * D];
    const x = numbers(seed, [1, T, W]);
    const [whole] = evaluate([attention(leaf("x", f32(1, T, W)), heads, "causal")], { x });
    const [qkv, before, position] = [leaf("qkv", f32(1, W)), leaf("cache", f32(rows, 2 * K * D)), leaf("position", u32(1))];
    const { y, cache: written } = cachedAttention(qkv, before, position, heads);
    // What a former text left in the cache must not be seen.
    let cache: ArrayLike<number> = numbers(seed + 1, [rows, 2 * K * D]).map((value) => value * 100);
    for (let t = 0; t < T; t += 1) {
      const [found, next] = evaluate([y, written], { qkv: x.subarray(t * W, (t + 1) * W), cache, position: [t] });
      found!.forEach((value, i) => expect(value).toBeCloseTo(whole![t * found!.length + i]!, 10));
      cache = next!;
    }
  }), { numRuns: 40 });
});

test("writing changes one row, and none beyond the end", () => {
  const heads = { heads: 1, keyValueHeads: 1, headSize: 2 };
  const [qkv, cache, position] = [leaf("qkv", f32(1, 1, 6)), leaf("cache", f32(2, 4)), leaf("position", u32(1))];
  const write = (at: number): number[] => [...evaluate([cachedAttention(qkv, cache, position, heads).cache], { qkv: [1, 2, 3, 4, 5, 6], cache: new Float64Array(8), position: [at] })[0]!];
  expect(write(0)).toEqual([3, 4, 5, 6, 0, 0, 0, 0]);
  expect(write(1)).toEqual([0, 0, 0, 0, 3, 4, 5, 6]);
  expect(write(2)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test("a cache of another width and more than one token are refused", () => {
  const heads = { heads: 1, keyValueHeads: 1, headSize: 2 };
  const position = leaf("position", u32(1));
  expect(() => cachedAttention(leaf("qkv", f32(1, 6)), leaf("cache", f32(2, 5)), position, heads)).toThrow("a cache [Tmax, 4]");
  expect(() => cachedAttention(leaf("qkv", f32(2, 6)), leaf("cache", f32(2, 4)), position, heads)).toThrow("the qkv of one token");
});
