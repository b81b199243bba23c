/**
 * Hashes of texts in 32-bit arithmetic, the only whole numbers that are fast here. In: a string, read by UTF-16 units. Out: 128
 * bits, so that equal hashes are taken for equal texts (among a million texts two meet with a chance below 10⁻²⁶).
 * The mixer is the finalizer of MurmurHash3 (Appleby): every bit of the input moves every bit of the output with a chance near ½.
 */

export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The next of a stream of seeds that starts at `seed`: Weyl's sequence by the golden ratio, mixed. */
export const seedAt = (seed: number, index: number): number => mix((seed ^ 0x6a09e667) + Math.imul(index + 1, 0x9e3779b9));

/** Four 32-bit words of `text` into `out`: four multiplicative lanes with odd factors of their own, crossed at the end. */
export function hashText(text: string, out: Uint32Array): void {
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  let c = 0x13198a2e;
  let d = 0x03707344;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca77);
    c = Math.imul((c << 5) ^ (c >>> 27) ^ unit, 0x27d4eb2f);
    d = Math.imul((d << 13) ^ (d >>> 19) ^ unit, 0x165667b1);
  }
  a = mix(a ^ text.length);
  b = mix(b + a);
  c = mix(c + b);
  d = mix(d + c);
  out[0] = (a + d) >>> 0;
  out[1] = (b + d) >>> 0;
  out[2] = c;
  out[3] = d;
}
