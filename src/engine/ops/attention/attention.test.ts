import fc from "fast-check";
import { expect, test } from "vitest";
import { differentiate } from "../../graph/differentiate";
import { evaluate } from "../../graph/evaluate";
import { leaf } from "../../graph/leaf";
import { f32 } from "../../graph/value";
import { checkGradients } from "../../testing/checkOp";
import { numbers } from "../../testing/opCase";
import { casesOf } from "../../testing/opCases";
import { square } from "../elementwise";
import { reduceSum } from "../reduce";
import { type Heads, attention } from "./attention";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("attention", "attentionPadded"))).toEqual([]));

const sizes = fc.record({ B: fc.integer({ min: 1, max: 3 }), T: fc.integer({ min: 1, max: 7 }), K: fc.integer({ min: 1, max: 3 }), G: fc.integer({ min: 1, max: 3 }), D: fc.integer({ min: 1, max: 5 }), causal: fc.boolean() });

function attend(qkv: Float64Array, B: number, T: number, heads: Heads, kind: "causal" | "full"): readonly [Float64Array, Float64Array] {
  const y = attention(leaf("qkv", f32(B, T, qkv.length / B / T)), heads, kind);
  return evaluate(y.node.outputs, { qkv }) as [Float64Array, Float64Array];
}

test("it is the formula, written with loops", () => {
  fc.assert(fc.property(sizes, fc.nat(99), ({ B, T, K, G, D, causal }, seed) => {
    const H = K * G;
    const W = (H + 2 * K) * D;
    const x = numbers(seed, [B, T, W]);
    const [y, lse] = attend(x, B, T, { heads: H, keyValueHeads: K, headSize: D }, causal ? "causal" : "full");
    for (let b = 0; b < B; b += 1) for (let h = 0; h < H; h += 1) for (let t = 0; t < T; t += 1) {
      const at = (row: number, head: number, d: number): number => x[(b * T + row) * W + head * D + d]!;
      const j = Math.floor(h / G);
      const powers = Array.from({ length: causal ? t + 1 : T }, (_, s) => {
        let score = 0;
        for (let d = 0; d < D; d += 1) score += at(t, h, d) * at(s, H + j, d);
        return Math.exp(score / Math.sqrt(D));
      });
      const total = powers.reduce((a, c) => a + c);
      expect(lse[(b * H + h) * T + t]).toBeCloseTo(Math.log(total), 10);
      for (let d = 0; d < D; d += 1) {
        const mixed = powers.reduce((sum, p, s) => sum + p * at(s, H + K + j, d), 0) / total;
        expect(y[(b * T + t) * H * D + h * D + d]).toBeCloseTo(mixed, 10);
      }
    }
  }), { numRuns: 60 });
});

test("with one key the result is its value; a causal row does not know what comes after it", () => {
  fc.assert(fc.property(sizes, fc.nat(99), ({ B, T, K, G, D }, seed) => {
    const heads: Heads = { heads: K * G, keyValueHeads: K, headSize: D };
    const W = (heads.heads + 2 * K) * D;
    const x = numbers(seed, [B, T, W]);
    const [y] = attend(x, B, T, heads, "causal");
    for (let b = 0; b < B; b += 1) for (let h = 0; h < heads.heads; h += 1) for (let d = 0; d < D; d += 1) {
      expect(y[b * T * heads.heads * D + h * D + d]).toBeCloseTo(x[b * T * W + (heads.heads + K + Math.floor(h / G)) * D + d]!, 12);
    }
    const changed = x.map((value, i) => (Math.floor(i / W) % T === T - 1 ? value + 1 : value));
    const [after] = attend(changed, B, T, heads, "causal");
    for (let row = 0; row < B * T; row += 1) {
      const part = (array: Float64Array): Float64Array => array.subarray(row * heads.heads * D, (row + 1) * heads.heads * D);
      if (row % T < T - 1) expect(part(after)).toEqual(part(y));
    }
  }), { numRuns: 60 });
});

test("padding changes nothing before it, gives 0 and has no gradient", () => {
  fc.assert(fc.property(sizes, fc.nat(99), fc.nat(99), ({ B, T, K, G, D, causal }, seed, cut) => {
    const heads: Heads = { heads: K * G, keyValueHeads: K, headSize: D };
    const kind = causal ? "causal" : "full";
    const W = (heads.heads + 2 * K) * D;
    const lengths = Uint32Array.from({ length: B }, (_, b) => (cut + b) % (T + 1));
    const qkv = numbers(seed, [B, T, W]);
    const x = leaf("qkv", f32(B, T, W));
    const y = attention(x, heads, kind, leaf("lengths", { shape: [B], dtype: "u32" }));
    const [found, gradient] = evaluate([y, differentiate(reduceSum(square(y), [0, 1, 2]), [x])[0]!], { qkv, lengths });
    for (let b = 0; b < B; b += 1) {
      const length = lengths[b]!;
      const row = heads.heads * D;
      expect(found!.subarray((b * T + length) * row, (b + 1) * T * row).every((value) => value === 0)).toBe(true);
      expect(gradient!.subarray((b * T + length) * W, (b + 1) * T * W).every((value) => value === 0)).toBe(true);
      if (length === 0) continue;
      const [alone] = attend(qkv.slice(b * T * W, (b * T + length) * W), 1, length, heads, kind);
      alone.forEach((value, i) => expect(found![b * T * row + i]).toBeCloseTo(value, 12));
    }
  }), { numRuns: 60 });
});

test("heads that do not fit are refused", () => {
  const qkv = leaf("qkv", f32(1, 2, 20));
  expect(() => attention(qkv, { heads: 3, keyValueHeads: 2, headSize: 4 }, "causal")).toThrow("3 heads cannot share 2");
  expect(() => attention(qkv, { heads: 4, keyValueHeads: 1, headSize: 4 }, "causal")).toThrow("= 24 numbers");
  expect(() => attention(leaf("qkv", f32(1, 1, 3 * 260)), { heads: 1, keyValueHeads: 1, headSize: 260 }, "full")).toThrow("wider than 256");
  expect(() => attention(leaf("qkv", f32(2, 12)), { heads: 1, keyValueHeads: 1, headSize: 4 }, "full")).toThrow("takes qkv [B, T");
  expect(() => attention(leaf("qkv", f32(2, 3, 12)), { heads: 1, keyValueHeads: 1, headSize: 4 }, "full", leaf("lengths", f32(2)))).toThrow("takes a length u32 [2] per sequence");
});
