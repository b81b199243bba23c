import fc from "fast-check";
import { expect, test } from "vitest";
import { packBfloat16, roundToBfloat16, unpackBfloat16 } from "./bfloat16";

const fromBits = (...words: number[]): Float32Array => new Float32Array(Uint32Array.from(words).buffer);
const bitsOf = (values: Float32Array): number[] => [...new Uint32Array(values.buffer)];

function pack(values: Float32Array): Uint16Array {
  const bits = new Uint16Array(values.length);
  packBfloat16(values, bits);
  return bits;
}

function unpack(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length);
  unpackBfloat16(bits, values);
  return values;
}

test.each([
  ["one", 0x3f80_0000, 0x3f80],
  ["below half a step", 0x3f80_7fff, 0x3f80],
  ["a tie goes to the even one, down", 0x3f80_8000, 0x3f80],
  ["a tie goes to the even one, up", 0x3f81_8000, 0x3f82],
  ["above half a step", 0x3f80_8001, 0x3f81],
  ["a carry into the exponent", 0x3fff_ffff, 0x4000],
  ["the largest f32 is infinity", 0x7f7f_ffff, 0x7f80],
  ["infinity", 0xff80_0000, 0xff80],
  ["minus zero", 0x8000_0000, 0x8000],
  ["a subnormal", 0x0001_0000, 0x0001],
  ["the smallest subnormal", 0x0000_0001, 0x0000],
  ["a quiet NaN", 0x7fc0_0000, 0x7fc0],
  ["a NaN whose payload would be cut off", 0x7f80_0001, 0x7fc0],
  ["a NaN that rounding would carry beyond 32 bits", 0xffff_ffff, 0xffff],
])("%s", (_, word, bits) => expect(pack(fromBits(word))[0]).toBe(bits));

test("every number becomes the nearest that has 8 bits of precision", () => {
  fc.assert(fc.property(fc.nat(0xffff_ffff), (word) => {
    const [value] = fromBits(word);
    fc.pre(Number.isFinite(value) && (word & 0x7fff_ffff) < 0x7f00_0000);
    const [down, up] = fromBits((word & 0xffff_0000) >>> 0, ((word & 0xffff_0000) + 0x1_0000) >>> 0);
    const [found] = unpack(pack(fromBits(word)));
    const distances = [Math.abs(value! - down!), Math.abs(value! - up!)];
    expect(Math.abs(value! - found!)).toBe(Math.min(...distances));
  }));
});

test("what was rounded once stays as it is, and rounding in place says the same", () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 4, maxLength: 64 }), (bytes) => {
    const values = new Float32Array(bytes.slice(0, bytes.length & ~3).buffer);
    const once = unpack(pack(values));
    expect(bitsOf(unpack(pack(once)))).toEqual(bitsOf(once));
    roundToBfloat16(values);
    values.forEach((value, index) => expect(value).toBe(once[index]));
  }));
});
