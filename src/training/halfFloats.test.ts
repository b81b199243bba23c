/** Every 16-bit pattern survives, and rounding goes to the nearest neighbor, ties to the even one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from "./halfFloats";

const ALL = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

describe.each([
  { name: "F16", decode: decodeFloat16, encode: encodeFloat16, infinity: 0x7c00 },
  { name: "BF16", decode: decodeBfloat16, encode: encodeBfloat16, infinity: 0x7f80 },
])("$name", ({ decode, encode, infinity }) => {
  const values = decode(ALL);

  it("keeps every pattern but NaN payloads", () => {
    encode(values).forEach((bits, at) => {
      if (Number.isNaN(values[at])) expect(bits & 0x7fff).toBeGreaterThan(infinity);
      else expect(bits).toBe(at);
    });
  });

  it("rounds to the nearest value, ties to even", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: 0 }), fc.boolean(), (size, negative) => {
        const bits = encode(Float32Array.of(negative ? -size : size))[0]!;
        expect(bits >>> 15).toBe(negative ? 1 : 0);
        const magnitude = bits & 0x7fff;
        if (magnitude === infinity) return;
        const error = Math.abs(values[magnitude]! - size);
        for (const neighbor of [magnitude - 1, magnitude + 1]) {
          if (neighbor < 0 || neighbor >= infinity) continue;
          const other = Math.abs(values[neighbor]! - size);
          expect(error < other || (error === other && magnitude % 2 === 0)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("rounds every half-way point that f32 can say to even", () => {
    const points: number[] = [];
    const wanted: number[] = [];
    for (let bits = 0; bits + 1 < infinity; bits += 1) {
      const middle = (values[bits]! + values[bits + 1]!) / 2;
      if (Math.fround(middle) !== middle) continue;
      points.push(middle);
      wanted.push(bits % 2 === 0 ? bits : bits + 1);
    }
    expect(points.length).toBeGreaterThan(30_000);
    expect([...encode(Float32Array.from(points))]).toEqual(wanted);
  });
});

it("overflows to infinity where PyTorch does", () => {
  // Checked with torch.tensor(x).to(torch.float16 / torch.bfloat16).view(torch.int16).
  expect([...encodeFloat16(Float32Array.of(65504, 65519.996, 65520, -65520, Infinity))]).toEqual([0x7bff, 0x7bff, 0x7c00, 0xfc00, 0x7c00]);
  expect([...encodeBfloat16(Float32Array.of(3.3895314e38, 3.4e38, -Infinity))]).toEqual([0x7f7f, 0x7f80, 0xff80]);
});
