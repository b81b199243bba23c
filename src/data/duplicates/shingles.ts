/**
 * A text as the set of its short pieces. In: a simplified text. Out: one pair of 32-bit hashes per piece (a character or word
 * n-gram), in order, repeats included. A text shorter than n is one piece as a whole, so short messages are compared too
 * (a known trap: pipelines that make no piece of it never find its copies). Polynomials over UTF-16 units, rolled along.
 */
import { mix } from "./hashing";

export interface ShingleSettings {
  readonly of: "characters" | "words";
  /** Characters (UTF-16 units) or words in a piece. */
  readonly length: number;
}

/** 64 bits a piece: the first word drives the sketch, both say whether two pieces are the same. */
export interface Shingles {
  count: number;
  first: Uint32Array;
  second: Uint32Array;
  /** What the pieces are made of: UTF-16 units, or hashes of words. */
  unitCount: number;
  units: Uint32Array;
}

const BASE = 0x2545f491;
const OTHER_BASE = 0x9e3779b1;
const SPACE = 32;

/** To be filled again and again; it grows with the longest text. */
export function createShingles(size = 1024): Shingles {
  return { count: 0, first: new Uint32Array(size), second: new Uint32Array(size), unitCount: 0, units: new Uint32Array(size) };
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = Math.imul(result, base);
  return result;
}

/** Pieces of `length` neighbors of the units; each is Σ unit · base^(place from the end). */
function roll(length: number, out: Shingles): void {
  const { units, unitCount } = out;
  const size = Math.min(length, unitCount);
  out.count = unitCount === 0 ? 0 : unitCount - size + 1;
  const { first, second } = out;
  const outgoing = power(BASE, size);
  const otherOutgoing = power(OTHER_BASE, size);
  let hash = 0;
  let other = 0;
  for (let i = 0; i < unitCount; i++) {
    const unit = units[i]!;
    hash = (Math.imul(hash, BASE) + unit) | 0;
    other = (Math.imul(other, OTHER_BASE) + unit) | 0;
    if (i >= size) {
      const gone = units[i - size]!;
      hash = (hash - Math.imul(gone, outgoing)) | 0;
      other = (other - Math.imul(gone, otherOutgoing)) | 0;
    }
    if (i >= size - 1) {
      first[i - size + 1] = mix(hash);
      second[i - size + 1] = other;
    }
  }
}

function readCharacters(text: string, { units }: Shingles): number {
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  return text.length;
}

/** A hash per word; words stand between spaces. */
function readWords(text: string, { units }: Shingles): number {
  let count = 0;
  let hash = 0;
  let isInside = false;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : SPACE;
    if (unit !== SPACE) {
      hash = (Math.imul(hash, BASE) + unit) | 0;
      isInside = true;
    } else if (isInside) {
      units[count++] = mix(hash);
      hash = 0;
      isInside = false;
    }
  }
  return count;
}

export function shingle(text: string, { of, length }: ShingleSettings, out: Shingles): void {
  if (out.units.length < text.length) Object.assign(out, createShingles(Math.max(text.length, 2 * out.units.length)));
  out.unitCount = of === "characters" ? readCharacters(text, out) : readWords(text, out);
  roll(length, out);
}
