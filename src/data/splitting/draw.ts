/**
 * An order of rows that looks random and depends on the seed alone. In: a seed and a number. Out: 53 well-mixed bits, the same on
 * every machine; sorting by them is a shuffle that does not change when rows are added elsewhere.
 * Source: the finalizer of MurmurHash3 (Appleby), as improved by degski's search for mixers ("lowbias32").
 */

function mix(word: number): number {
  let x = word >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** In [0, 2^53). */
export function drawRank(seed: number, index: number): number {
  const low = mix(mix(seed >>> 0) ^ mix(index >>> 0) ^ 0x9e3779b9);
  const high = mix(low ^ mix((index >>> 0) + 0x85ebca6b) ^ mix(Math.floor(seed / 2 ** 32) ^ 0xc2b2ae35));
  return (high >>> 11) * 2 ** 32 + low;
}

/** The numbers 0 … count − 1 in an order drawn by the seed. */
export function drawOrder(seed: number, count: number): Uint32Array {
  const ranks = Float64Array.from({ length: count }, (_, index) => drawRank(seed, index));
  return Uint32Array.from({ length: count }, (_, index) => index).sort((a, b) => ranks[a]! - ranks[b]! || a - b);
}
