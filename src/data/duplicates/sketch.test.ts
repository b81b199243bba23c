import { expect, it } from "vitest";
import { mix, seedAt } from "./hashing";
import { LONG_TEXTS, SHORT_TEXTS } from "./near";
import type { Shingles } from "./shingles";
import { chanceOfCandidate, createSketcher, type BandSettings } from "./sketch";

const TRIALS = 5000;

/** Two sets of `size` pieces that share as many as their Jaccard similarity s asks for: 2·size·s/(1 + s). */
function makePair(trial: number, size: number, similarity: number): { sets: [Shingles, Shingles]; exact: number } {
  const shared = Math.round((2 * size * similarity) / (1 + similarity));
  const piece = (which: number, index: number): number => mix(seedAt(trial, which * 100_003 + index));
  const make = (which: number): Shingles => {
    const first = Uint32Array.from({ length: size }, (_, index) => piece(index < shared ? 0 : which, index));
    return { count: size, first, second: first, unitCount: 0, units: first };
  };
  return { sets: [make(1), make(2)], exact: shared / (2 * size - shared) };
}

function measure(settings: BandSettings, size: number, similarity: number): { found: number; expected: number } {
  const sketch = createSketcher(settings);
  const { bands } = settings;
  const keys = new Uint32Array(2 * bands);
  let found = 0;
  let expected = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const { sets, exact } = makePair(trial, size, similarity);
    sketch(sets[0], keys, 0);
    sketch(sets[1], keys, bands);
    if (Array.from({ length: bands }, (_, band) => band).some((band) => keys[band] === keys[bands + band])) found++;
    expected = chanceOfCandidate(exact, settings);
  }
  return { found: found / TRIALS, expected };
}

it.each([0.4, 0.5, 0.6, 0.7, 0.8, 0.9])("sets of similarity %d become candidates as often as the S-curve says, within 2%", (similarity) => {
  for (const [settings, sizes] of [[SHORT_TEXTS, [120, 400]], [LONG_TEXTS, [46, 300]]] as const) {
    for (const size of sizes) {
      const { found, expected } = measure(settings, size, similarity);
      expect(Math.abs(found - expected), `${settings.bands} × ${settings.rows}, ${size} pieces: ${found} against ${expected}`).toBeLessThan(0.02);
    }
  }
});

it("the S-curve has the values of its formula", () => {
  const rounded = (settings: BandSettings): number[] => [0.5, 0.7, 0.8, 0.9].map((s) => Math.round(100 * chanceOfCandidate(s, settings)) / 100);
  expect(rounded({ bands: 14, rows: 8, seed: 1 })).toEqual([0.05, 0.56, 0.92, 1]);
  expect(rounded({ bands: 20, rows: 5, seed: 1 })).toEqual([0.47, 0.97, 1, 1]);
});

it("a sketch depends on the set and the seed alone: not on order, not on repeats, not on what was sketched before", () => {
  const pieces = Uint32Array.from({ length: 50 }, (_, index) => seedAt(5, index));
  const asShingles = (first: Uint32Array): Shingles => ({ count: first.length, first, second: first, unitCount: 0, units: first });
  const keysOf = (set: Uint32Array, seed: number, warmUp?: Uint32Array): number[] => {
    const sketch = createSketcher({ ...SHORT_TEXTS, seed });
    const keys = new Uint32Array(20);
    if (warmUp) sketch(asShingles(warmUp), keys, 0);
    sketch(asShingles(set), keys, 0);
    return [...keys];
  };
  const plain = keysOf(pieces, 1);
  expect(keysOf(pieces.toReversed(), 1)).toEqual(plain);
  expect(keysOf(Uint32Array.from([...pieces, ...pieces]), 1)).toEqual(plain);
  expect(keysOf(pieces, 1, pieces.slice(3))).toEqual(plain);
  expect(keysOf(pieces, 2)).not.toEqual(plain);
  // One piece alone fills all places, in one round each.
  expect(new Set(keysOf(pieces.slice(0, 1), 1)).size).toBe(20);
});
