import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../settings/failure";
import { type SamplingSettings, createSampler } from "./sampling";

const PLAIN: SamplingSettings = { temperature: 1, topK: 0, topP: 1 };

const choose = (logits: readonly number[], settings: Partial<SamplingSettings>, seed = 1, position = 0): number =>
  createSampler(logits.length).choose(Float32Array.from(logits), { ...PLAIN, ...settings }, seed, position);

const keep = (logits: readonly number[], settings: Partial<SamplingSettings>): number[] =>
  Array.from(createSampler(logits.length).candidates(Float32Array.from(logits), { ...PLAIN, ...settings }).tokens);

/** The definition, by a plain sort of [logit, token]. */
function rankPlainly(logits: ArrayLike<number>): number[] {
  const tokens = Array.from({ length: logits.length }, (_, i) => i).filter((i) => logits[i]! > -Infinity);
  return tokens.sort((a, b) => (logits[a] === logits[b] ? a - b : logits[b]! > logits[a]! ? 1 : -1));
}

const anyLogits = fc.array(fc.oneof(fc.float(), fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, -0, NaN, Infinity, -Infinity)), { minLength: 1, maxLength: 50 });
const finiteLogits = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 50 });

/** Chi-square of `draws` draws against the softmax of `logits` over the tokens `allowed`. */
function measureFit(logits: readonly number[], settings: SamplingSettings, allowed: readonly number[], draws: number): number {
  const sampler = createSampler(logits.length);
  const array = Float32Array.from(logits);
  const counts = new Array<number>(logits.length).fill(0);
  for (let position = 0; position < draws; position += 1) counts[sampler.choose(array, settings, 99, position)]! += 1;
  const weights = logits.map((logit, i) => (allowed.includes(i) ? Math.exp(logit / settings.temperature) : 0));
  const total = weights.reduce((a, b) => a + b, 0);
  let chiSquare = 0;
  counts.forEach((count, i) => {
    const expected = (draws * weights[i]!) / total;
    if (expected === 0) expect(count).toBe(0);
    else chiSquare += (count - expected) ** 2 / expected;
  });
  return chiSquare;
}

describe("the distribution", () => {
  const logits = [2, 1, 0.5, 0, -1, 1.5, -2, 0.25];

  // Critical values for one chance in 1,000; seeds are fixed.
  it.each<[string, Partial<SamplingSettings>, number[], number]>([
    ["is the softmax", {}, [0, 1, 2, 3, 4, 5, 6, 7], 24.3],
    ["is flatter when hot", { temperature: 2.5 }, [0, 1, 2, 3, 4, 5, 6, 7], 24.3],
    ["is steeper when cold", { temperature: 0.4 }, [0, 1, 2, 3, 4, 5, 6, 7], 24.3],
    ["of top-k is the softmax of the k", { topK: 4 }, [0, 5, 1, 2], 16.3],
    ["of top-p is the softmax of the nucleus", { topP: 0.7 }, [0, 5, 1], 13.8],
    ["of both is cut by both", { topK: 4, topP: 0.7 }, [0, 5], 10.8],
  ])("%s", (_, settings, allowed, critical) => {
    expect(new Set(keep(logits, settings))).toEqual(new Set(allowed));
    expect(keep(logits, settings).length).toBe(allowed.length);
    expect(measureFit(logits, { ...PLAIN, ...settings }, allowed, 40_000)).toBeLessThan(critical);
  });

  it("is a function of seed and position, and both matter", () => {
    const flat = new Array<number>(1000).fill(0);
    const drawn = [[1, 0], [1, 1], [2, 0], [2 ** 40 + 1, 0]].map(([seed, position]) => choose(flat, {}, seed, position));
    expect(new Set(drawn).size).toBe(4);
    expect(choose(flat, {}, 1, 0)).toBe(drawn[0]);
  });
});

describe("the candidates", () => {
  it("of top-k are exactly the k likeliest, equal ones by number", () => {
    fc.assert(
      fc.property(anyLogits, fc.integer({ min: 1, max: 60 }), (logits, topK) => {
        const plain = rankPlainly(Float32Array.from(logits));
        fc.pre(plain.length > 0);
        expect(keep(logits, { topK })).toEqual(plain.slice(0, topK));
      }),
      { numRuns: 500 },
    );
  });

  it("of top-p are the smallest set of the likeliest that reaches p", () => {
    fc.assert(
      fc.property(finiteLogits, fc.double({ min: 0, max: 0.999, noNaN: true }), (logits, topP) => {
        const plain = rankPlainly(Float32Array.from(logits));
        const weights = plain.map((token) => Math.exp(Math.fround(logits[token]!) - Math.fround(logits[plain[0]!]!)));
        const total = weights.reduce((a, b) => a + b, 0);
        const massOf = (count: number): number => weights.slice(0, count).reduce((a, b) => a + b, 0) / total;
        const kept = keep(logits, { topP });
        expect(kept).toEqual(plain.slice(0, Math.max(1, kept.length)));
        expect(massOf(kept.length)).toBeGreaterThanOrEqual(topP - 1e-12);
        if (kept.length > 1) expect(massOf(kept.length - 1)).toBeLessThan(topP + 1e-12);
      }),
      { numRuns: 500 },
    );
  });

  it("are all tokens with a probability when no filter is on", () => {
    expect(keep([1, NaN, 3, -Infinity, 2], {})).toEqual([0, 2, 4]);
    expect(keep([1, NaN, 3, -Infinity, 2], { topK: 9, topP: 0.9999999 })).toEqual([2, 4, 0]);
  });
});

describe("at the edges", () => {
  it("chooses a token with a probability, whatever the logits and settings", () => {
    const settings = fc.record({
      temperature: fc.oneof(fc.constantFrom(0, 5e-324, 1e-30, 1e30), fc.double({ min: 0, max: 5, noNaN: true })),
      topK: fc.nat({ max: 60 }),
      topP: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(anyLogits, settings, fc.nat(), (logits, given, seed) => {
        const array = Float32Array.from(logits);
        fc.pre(array.some((logit) => logit > -Infinity));
        const token = createSampler(array.length).choose(array, given, seed, 0);
        expect(array[token]).toBeGreaterThan(-Infinity);
        if (array.includes(Infinity)) expect(array[token]).toBe(Infinity);
        if (given.temperature === 0) expect(token).toBe(rankPlainly(array)[0]);
      }),
      { numRuns: 1000 },
    );
  });

  it("takes the likeliest at temperature 0 and just above, anything when very hot", () => {
    const logits = [0, 3, 2.9999, -1];
    for (const temperature of [0, 5e-324, 1e-7]) {
      for (let position = 0; position < 50; position += 1) expect(choose(logits, { temperature }, 5, position)).toBe(1);
    }
    expect(measureFit([0, 80, -80, 3], { ...PLAIN, temperature: 1e9 }, [0, 1, 2, 3], 10_000)).toBeLessThan(16.3);
  });

  it("does not overflow on huge logits", () => {
    expect(choose([3e38, -3e38, 1e38], {})).toBe(0);
    expect(choose([-3e38, -3.1e38], {})).toBe(0);
  });

  it.each<[Partial<SamplingSettings>, string]>([
    [{ temperature: -1 }, "temperature"],
    [{ temperature: NaN }, "temperature"],
    [{ topK: 1.5 }, "topK"],
    [{ topP: 1.01 }, "topP"],
  ])("refuses %j", (settings, where) => {
    expect(() => choose([0, 1], settings)).toThrow(FailureError);
    expect(() => choose([0, 1], settings)).toThrow(expect.objectContaining({ failure: expect.objectContaining({ kind: "bad-settings", where }) }));
  });

  it("admits that a diverged model has no next token", () => {
    for (const temperature of [0, 1]) {
      expect(() => choose([NaN, -Infinity, NaN], { temperature })).toThrow(expect.objectContaining({ failure: expect.objectContaining({ kind: "diverged" }) }));
    }
  });

  it("ranks 50,257 logits in milliseconds", () => {
    const size = 50_257;
    const sampler = createSampler(size);
    const logits = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898) * 10);
    const began = performance.now();
    for (let position = 0; position < 20; position += 1) sampler.choose(logits, { temperature: 0.8, topK: 0, topP: 0.9 }, 1, position);
    // A quadratic sort would take seconds a token; the bound is loose because the machine may be shared.
    expect((performance.now() - began) / 20).toBeLessThan(200);
  });
});
