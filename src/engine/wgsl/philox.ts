/**
 * Philox4x32-10, a counter-based random number generator: four 32-bit words from a counter and a key, without state, so
 * that any invocation can make any number and a backward pass can make it again. WGSL and JavaScript stand side by side and
 * agree bit for bit. In WGSL the high half of a product comes from 16-bit halves, because there is no 64-bit integer.
 * Number i of a tensor comes from counter (i / 4, step, site, 0) under key (seed, 0): one counter makes four neighbors.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; Random123.
 */
import { quotient, remainder } from "./divide";

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
/** What is added to the key each round: the golden ratio and √3 − 1. */
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;
/** For whoever writes it in another language. */
export const PHILOX = { multipliers: MULTIPLIERS, weyl: WEYL, rounds: ROUNDS } as const;

/** WGSL: `philox(counter: vec4u, key: vec2u) -> vec4u` and `uniforms(bits: vec4u) -> vec4f` in [0, 1). */
export const PHILOX_WGSL = `fn mulHigh(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu; let a1 = a >> 16u;
  let b0 = b & 0xffffu; let b1 = b >> 16u;
  let low = a0 * b0;
  let middle = a1 * b0 + (low >> 16u);
  let other = a0 * b1 + (middle & 0xffffu);
  return a1 * b1 + (middle >> 16u) + (other >> 16u);
}
fn philox(start: vec4u, seed: vec2u) -> vec4u {
  var c = start;
  var k = seed;
  for (var i = 0u; i < ${ROUNDS}u; i++) {
    c = vec4u(
      mulHigh(${MULTIPLIERS[1]}u, c.z) ^ c.y ^ k.x, ${MULTIPLIERS[1]}u * c.z,
      mulHigh(${MULTIPLIERS[0]}u, c.x) ^ c.w ^ k.y, ${MULTIPLIERS[0]}u * c.x);
    k += vec2u(${WEYL[0]}u, ${WEYL[1]}u);
  }
  return c;
}
fn uniforms(bits: vec4u) -> vec4f { return vec4f(bits >> vec4u(8u)) * ${2 ** -24}f; }`;

/** The upper 32 bits of a product of two 32-bit words; `mulHigh` in WGSL. */
export function mulHigh(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = (a1 * b0 + ((a0 * b0) >>> 16)) >>> 0;
  const other = (a0 * b1 + (middle & 0xffff)) >>> 0;
  return (a1 * b1 + (middle >>> 16) + (other >>> 16)) >>> 0;
}

export type Words = [number, number, number, number];

/** The same in JavaScript: replaces the counter in `words` by the four random words. */
export function philox(words: Words, key0: number, key1: number): void {
  let [c0, c1, c2, c3] = words;
  for (let i = 0; i < ROUNDS; i += 1) {
    const [low0, low2] = [Math.imul(MULTIPLIERS[0], c0) >>> 0, Math.imul(MULTIPLIERS[1], c2) >>> 0];
    [c0, c2] = [(mulHigh(MULTIPLIERS[1], c2) ^ c1 ^ key0) >>> 0, (mulHigh(MULTIPLIERS[0], c0) ^ c3 ^ key1) >>> 0];
    [c1, c3] = [low2, low0];
    [key0, key1] = [(key0 + WEYL[0]) >>> 0, (key1 + WEYL[1]) >>> 0];
  }
  [words[0], words[1], words[2], words[3]] = [c0, c1, c2, c3];
}

/** 24 of the 32 bits as a number in [0, 1): every value is exact in f32. */
export const uniform = (bits: number): number => (bits >>> 8) * 2 ** -24;

/** WGSL of number `at` of a tensor, or of the four from 4·at on; `key` is a vec2u of seed and step. */
export function uniformText(key: string, site: number, at: string, T: "f32" | "vec4f"): string {
  const four = (counter: string): string => `uniforms(philox(vec4u(${counter}, ${key}.y, ${site}u, 0u), vec2u(${key}.x, 0u)))`;
  return T === "vec4f" ? four(at) : `${four(quotient(at, 4))}[${remainder(at, 4)}]`;
}

/** The same in JavaScript, for all numbers of a tensor. */
export function fillUniforms(out: Float64Array | Float32Array | Uint32Array, seed: number, step: number, site: number): void {
  const words: Words = [0, 0, 0, 0];
  for (let i = 0; i < out.length; i += 4) {
    [words[0], words[1], words[2], words[3]] = [i / 4, step, site, 0];
    philox(words, seed, 0);
    for (let k = 0; k < 4 && i + k < out.length; k += 1) out[i + k] = uniform(words[k]!);
  }
}
