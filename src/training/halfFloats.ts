/**
 * The two 16-bit float formats of checkpoints, as bits in a Uint16Array, from and to f32. F16 is IEEE binary16 (5 exponent
 * bits, 10 of fraction); BF16 is the upper half of an f32. Encoding rounds to nearest, ties to even, as PyTorch does.
 */
import { packBfloat16, unpackBfloat16 } from "../engine/wgsl/bfloat16";

export function decodeFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, float16Value);
}

export function encodeFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, float16Bits);
}

export function decodeBfloat16(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length);
  unpackBfloat16(bits, values);
  return values;
}

export function encodeBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint16Array(values.length);
  packBfloat16(values, bits);
  return bits;
}

function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  // Subnormals: fraction · 2^-24; normals: (1024 + fraction) · 2^(exponent - 25).
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

function float16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  float[0] = value;
  const sign = (word[0]! >>> 16) & 0x8000;
  const size = Math.abs(value);
  // 65520 lies half-way between the largest finite value, 65504, and the next step.
  if (size >= 65520) return sign | 0x7c00;
  // Below 2^-14 the steps are 2^-24 wide; a result of 1024 steps is the smallest normal, whose bits follow on.
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = ((word[0]! >>> 23) & 0xff) - 127;
  // 1024…2048 steps of 2^(exponent - 10); 2048 carries into the exponent by plain addition.
  return sign | (((exponent + 14) << 10) + roundToEven(size * 2 ** (10 - exponent)));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
