import fc from "fast-check";
import { expect, it } from "vitest";
import { createBaselineCounter } from "./baselines";

function measure(vocabularySize: number, ...chunks: number[][]): ReturnType<ReturnType<typeof createBaselineCounter>["result"]> {
  const counter = createBaselineCounter(vocabularySize);
  for (const chunk of chunks) counter.add(chunk);
  return counter.result();
}

/** The definitions, spelled out over probabilities. */
function byDefinition(tokens: number[]): { unigram: number; bigram: number } {
  const share = <T>(items: T[], keep: (item: T) => boolean): number => items.filter(keep).length / items.length;
  const entropy = (items: number[]): number => [...new Set(items)].reduce((sum, x) => { const p = share(items, (y) => y === x); return sum - p * Math.log(p); }, 0);
  const pairs = tokens.slice(1).map((next, i) => [tokens[i]!, next] as const);
  const bigram = [...new Set(tokens)].reduce((sum, previous) => {
    const after = pairs.filter(([first]) => first === previous).map(([, next]) => next);
    return after.length === 0 ? sum : sum + share(pairs, ([first]) => first === previous) * entropy(after);
  }, 0);
  return { unigram: entropy(tokens), bigram };
}

it("is known for simple texts", () => {
  expect(measure(4, [0, 1, 0, 1, 0, 1])).toEqual({ uniform: Math.log(4), unigram: expect.closeTo(Math.log(2), 12), bigram: expect.closeTo(0, 12) });
  expect(measure(2, [1, 1, 1])).toEqual({ uniform: Math.log(2), unigram: 0, bigram: 0 });
  expect(measure(8, [])).toEqual({ uniform: Math.log(8), unigram: 0, bigram: 0 });
});

it("equals the definition, for any chunks, with the table and with maps", () => {
  const chunks = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 12 }), { maxLength: 5 });
  fc.assert(
    fc.property(chunks, fc.constantFrom(7, 5000), (parts, vocabularySize) => {
      const tokens = parts.flat();
      const { unigram, bigram } = measure(vocabularySize, ...parts);
      const expected = byDefinition(tokens);
      expect(unigram).toBeCloseTo(expected.unigram, 10);
      expect(bigram).toBeCloseTo(expected.bigram, 10);
      expect(bigram).toBeLessThanOrEqual(Math.log(7) + 1e-9);
    }),
  );
});

it("weighs the texts of a mix by their shares, and counts no pair across them", () => {
  const counter = createBaselineCounter(4);
  // Half the windows from a text that alternates 0 and 1, half from one of only 2: p = 1/4, 1/4, 1/2.
  counter.begin(0.5 / 8);
  counter.add([0, 1, 0, 1, 0, 1, 0, 1]);
  counter.begin(0.5 / 2);
  counter.add([2, 2]);
  const { unigram, bigram } = counter.result();
  expect(unigram).toBeCloseTo(1.5 * Math.log(2), 12);
  expect(bigram).toBeCloseTo(0, 12);
});
