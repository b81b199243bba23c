/** What choosing a token means, against a plain sort and plain exponentials; the kernels are held to this definition elsewhere. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Choice, NO_TOKEN, candidatesOf, chooseToken, encodeRequest } from "./choose";
import { FULL, coolingOf, keyOf, shareOf, weightOf } from "./weights";

const PLAIN: Choice = { temperature: 1, topK: 0, topP: 1, key: [99, 2], offset: 0 };

const choose = (logits: ArrayLike<number>, choice: Partial<Choice>, position = 0): number =>
  chooseToken(Float32Array.from(logits), encodeRequest({ ...PLAIN, ...choice }), position);
const candidates = (logits: ArrayLike<number>, choice: Partial<Choice>) => candidatesOf(Float32Array.from(logits), encodeRequest({ ...PLAIN, ...choice }));
const keep = (logits: ArrayLike<number>, choice: Partial<Choice>): number[] => Array.from(candidates(logits, choice).tokens);

/** Likeliest first, equal ones by number. */
function rankPlainly(logits: ArrayLike<number>): number[] {
  const tokens = Array.from({ length: logits.length }, (_, i) => i).filter((i) => logits[i]! > -Infinity);
  return tokens.sort((a, b) => (logits[a] === logits[b] ? a - b : logits[b]! > logits[a]! ? 1 : -1));
}
const byNumber = (tokens: readonly number[]): number[] => [...tokens].sort((a, b) => a - b);

const anyLogits = fc.array(fc.oneof(fc.float(), fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, -0, NaN, Infinity, -Infinity)), { minLength: 1, maxLength: 50 });
const finiteLogits = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 50 });

/** Chi-square of `draws` draws against the softmax of `logits` over the tokens `allowed`. */
function measureFit(logits: readonly number[], choice: Choice, allowed: readonly number[], draws: number): number {
  const [array, request] = [Float32Array.from(logits), encodeRequest(choice)];
  const counts = new Array<number>(logits.length).fill(0);
  for (let position = 0; position < draws; position += 1) counts[chooseToken(array, request, position)]! += 1;
  const weights = logits.map((logit, i) => (allowed.includes(i) ? Math.exp(logit / choice.temperature) : 0));
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
  it.each<[string, Partial<Choice>, number[], number]>([
    ["is the softmax", {}, [0, 1, 2, 3, 4, 5, 6, 7], 24.3],
    ["is flatter when hot", { temperature: 2.5 }, [0, 1, 2, 3, 4, 5, 6, 7], 24.3],
    ["is steeper when cold", { temperature: 0.4 }, [0, 1, 2, 3, 4, 5, 6, 7], 24.3],
    ["of top-k is the softmax of the k", { topK: 4 }, [0, 1, 2, 5], 16.3],
    ["of top-p is the softmax of the nucleus", { topP: 0.7 }, [0, 1, 5], 13.8],
    ["of both is cut by both", { topK: 4, topP: 0.7 }, [0, 5], 10.8],
  ])("%s", (_, choice, allowed, critical) => {
    expect(keep(logits, choice)).toEqual(allowed);
    expect(measureFit(logits, { ...PLAIN, ...choice }, allowed, 40_000)).toBeLessThan(critical);
  });

  it("depends on the key and on position + offset, and on nothing else", () => {
    const flat = new Array<number>(1000).fill(0);
    const drawn = [choose(flat, {}), choose(flat, {}, 1), choose(flat, { key: [98, 2] }), choose(flat, { key: [99, 3] })];
    expect(new Set(drawn).size).toBe(4);
    expect(choose(flat, { offset: -7 >>> 0 }, 8)).toBe(drawn[1]);
  });
});

describe("a weight", () => {
  it("is 2^26 · e^((logit − highest) / temperature) to a part in 5 million and half a unit", () => {
    const numbers = fc.double({ min: 0, max: 25, noNaN: true });
    fc.assert(fc.property(numbers, fc.double({ min: 0.1, max: 5, noNaN: true }), fc.float({ min: -50, max: 50, noNaN: true }), (fall, temperature, highest) => {
      const logit = Math.fround(highest - fall);
      const exact = FULL * Math.exp((logit - highest) / temperature);
      // The difference and its product are rounded to f32.
      const rounding = 2e-7 + (3 * 2 ** -24 * (highest - logit)) / temperature;
      expect(Math.abs(weightOf(logit, highest, coolingOf(temperature)) - exact)).toBeLessThanOrEqual(0.51 + exact * rounding);
    }), { numRuns: 2000 });
  });

  it("falls as the logit does, and its key orders logits", () => {
    fc.assert(fc.property(fc.float({ noNaN: true }), fc.float({ noNaN: true }), (a, b) => {
      const [x, y] = [a, b].map((one) => keyOf(new Uint32Array(Float32Array.of(one).buffer)[0]!)) as [number, number];
      if (a === -Infinity || b === -Infinity) expect(a === -Infinity ? x : y).toBe(0);
      else expect(Math.sign(x - y)).toBe(a === b ? 0 : a > b ? 1 : -1);
    }));
    fc.assert(fc.property(fc.float({ min: -30, max: 0, noNaN: true }), fc.float({ min: -30, max: 0, noNaN: true }), (a, b) => {
      const cooling = coolingOf(1.1);
      expect(weightOf(Math.max(a, b), 0, cooling)).toBeGreaterThanOrEqual(weightOf(Math.min(a, b), 0, cooling));
    }));
  });

  it("has shares within two units of the exact ones, and never the whole", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 44 }), fc.nat(0xffffffff), (mass, word) => {
      const exact = Number((BigInt(mass) * BigInt(word)) >> 32n);
      const share = shareOf(mass, word);
      expect(share).toBeLessThanOrEqual(exact);
      expect(share).toBeGreaterThanOrEqual(exact - 2);
      expect(share).toBeLessThan(mass);
    }));
  });
});

describe("the candidates", () => {
  it("of top-k are exactly the k likeliest, equal ones by number", () => {
    fc.assert(
      fc.property(anyLogits, fc.integer({ min: 1, max: 60 }), (logits, topK) => {
        const plain = rankPlainly(Float32Array.from(logits));
        expect(keep(logits, { topK })).toEqual(byNumber(plain.slice(0, topK)));
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
        expect(kept).toEqual(byNumber(plain.slice(0, Math.max(1, kept.length))));
        expect(massOf(kept.length)).toBeGreaterThanOrEqual(topP - 2e-6);
        if (kept.length > 1) expect(massOf(kept.length - 1)).toBeLessThan(topP + 2e-6);
      }),
      { numRuns: 500 },
    );
  });

  it("are all tokens with a probability when no filter is on", () => {
    expect(keep([1, NaN, 3, -Infinity, 2], {})).toEqual([0, 2, 4]);
    expect(keep([1, NaN, 3, -Infinity, 2], { topK: 9, topP: 0.9999999 })).toEqual([0, 2, 4]);
  });
});

describe("at the edges", () => {
  it("chooses a token with a probability, whatever the logits and settings", () => {
    const choices = fc.record({
      temperature: fc.oneof(fc.constantFrom(0, 5e-324, 1e-30, 1e30), fc.double({ min: 0, max: 5, noNaN: true })),
      topK: fc.nat({ max: 60 }),
      topP: fc.double({ min: 0, max: 1, noNaN: true }),
      key: fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)),
    });
    fc.assert(
      fc.property(anyLogits, choices, (logits, given) => {
        const array = Float32Array.from(logits);
        const token = choose(array, given);
        if (!array.some((logit) => logit > -Infinity)) {
          expect(token).toBe(NO_TOKEN);
          return;
        }
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
      for (let position = 0; position < 50; position += 1) expect(choose(logits, { temperature }, position)).toBe(1);
    }
    expect(measureFit([0, 80, -80, 3], { ...PLAIN, temperature: 1e9 }, [0, 1, 2, 3], 10_000)).toBeLessThan(16.3);
  });

  it("does not overflow on huge logits", () => {
    expect(choose([3e38, -3e38, 1e38], {})).toBe(0);
    expect(choose([-3e38, -3.1e38], {})).toBe(0);
  });

  it("finds nothing where no logit is a number", () => {
    for (const temperature of [0, 1]) expect(choose([NaN, -Infinity, NaN], { temperature })).toBe(NO_TOKEN);
  });
});
