/**
 * bf16 is the upper half of an f32: its range, 8 bits of precision. In: f32 numbers. Out: 16 bits each, rounded to nearest, ties to even;
 * two share a word, the first in its lower half. A NaN keeps its upper bits and becomes quiet, because rounding could carry it
 * to infinity. WGSL and JavaScript stand side by side and agree bit for bit.
 */

/** WGSL: `packFours(x: vec4f) -> vec2u`. */
export const PACK_FOURS = `fn packFours(x: vec4f) -> vec2u {
  let bits = bitcast<vec4u>(x);
  let upper = bits >> vec4u(16u);
  let rounded = (bits + vec4u(0x7fffu) + (upper & vec4u(1u))) >> vec4u(16u);
  let halves = select(rounded, upper | vec4u(0x40u), (bits & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
  return halves.xz | (halves.yw << vec2u(16u));
}`;

/** WGSL that loads element `index` of a packed array: four numbers of an array<vec2u>, or one of an array<u32>. */
export const UNPACK = {
  vec4f: { element: "vec2u", load: (name: string) => `let w = ${name}[index]; return bitcast<vec4f>(vec4u(w.x << 16u, w.x & 0xffff0000u, w.y << 16u, w.y & 0xffff0000u));` },
  f32: { element: "u32", load: (name: string) => `let w = ${name}[index / 2u]; return bitcast<f32>(select(w << 16u, w & 0xffff0000u, (index & 1u) == 1u));` },
} as const;

/** The 16 bits of a number, given its bits as an f32. */
export function bfloat16Bits(word: number): number {
  if ((word & 0x7fff_ffff) > 0x7f80_0000) return (word >>> 16) | 0x40;
  return ((word + 0x7fff + ((word >>> 16) & 1)) >>> 16) & 0xffff;
}

export function packBfloat16(values: Float32Array, into: Uint16Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i += 1) into[i] = bfloat16Bits(words[i]!);
}

export function unpackBfloat16(bits: Uint16Array, into: Float32Array): void {
  const words = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < words.length; i += 1) words[i] = bits[i]! << 16;
}

const one = new Float32Array(1);
const oneWord = new Uint32Array(one.buffer);

/** What is left of each number after it was stored as bf16. */
export function roundToBfloat16(values: { [index: number]: number; readonly length: number }): void {
  for (let i = 0; i < values.length; i += 1) {
    one[0] = values[i]!;
    oneWord[0] = bfloat16Bits(oneWord[0]!) << 16;
    values[i] = one[0]!;
  }
}
