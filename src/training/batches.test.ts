import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TokenSource, memoryTokenSource } from "../data/tokenSource";
import { FailureError } from "../settings/failure";
import { createBatches } from "./batches";

/** Token i is the number i, so that a window tells its start. */
const countingSource = (length: number): TokenSource => memoryTokenSource(Uint32Array.from({ length }, (_, i) => i));

const shape = fc.record({
  contextLength: fc.integer({ min: 1, max: 40 }),
  batchSize: fc.integer({ min: 1, max: 9 }),
  spareTrain: fc.integer({ min: 0, max: 500 }),
  spareHeldOut: fc.integer({ min: 0, max: 900 }),
  seed: fc.nat({ max: 0xffffffff }),
});

type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;

function build({ contextLength, batchSize, spareTrain, spareHeldOut, seed }: Shape) {
  const trainTokens = contextLength + 1 + spareTrain;
  const length = trainTokens + contextLength + 1 + spareHeldOut;
  const batches = createBatches({ source: countingSource(length), trainTokens, contextLength, batchSize, seed });
  const tokens = new Uint32Array(batchSize * (contextLength + 1));
  return { batches, tokens, trainTokens, length, window: contextLength + 1 };
}

/** Every row is a run of consecutive tokens within [from, to); returns their starts. */
function expectWindows(tokens: Uint32Array, window: number, from: number, to: number): number[] {
  const starts: number[] = [];
  for (let at = 0; at < tokens.length; at += window) {
    const start = tokens[at]!;
    expect(start).toBeGreaterThanOrEqual(from);
    expect(start + window).toBeLessThanOrEqual(to);
    expect(tokens.subarray(at, at + window)).toEqual(Uint32Array.from({ length: window }, (_, i) => start + i));
    starts.push(start);
  }
  return starts;
}

describe("training windows", () => {
  it("are whole, stay in the training part, and are made again from the step alone", () => {
    fc.assert(
      fc.property(shape, fc.nat({ max: 0xffffffff }), fc.nat({ max: 63 }), (given, step, microBatch) => {
        const { batches, tokens, trainTokens, window } = build(given);
        batches.fill(step, microBatch, tokens);
        expectWindows(tokens, window, 0, trainTokens);
        const again = build(given);
        again.batches.fill(step + 1, microBatch, again.tokens);
        again.batches.fill(step, microBatch, again.tokens);
        expect(again.tokens).toEqual(tokens);
      }),
    );
  });

  it("differ by seed, step, micro-batch and row", () => {
    const source = countingSource(2 ** 20);
    const startOf = (seed: number, step: number, microBatch: number): number[] => {
      const tokens = new Uint32Array(4 * 9);
      createBatches({ source, trainTokens: 2 ** 19, contextLength: 8, batchSize: 4, seed }).fill(step, microBatch, tokens);
      return expectWindows(tokens, 9, 0, 2 ** 19);
    };
    const all = [startOf(1, 0, 0), startOf(2, 0, 0), startOf(1, 1, 0), startOf(1, 0, 1)].flat();
    expect(new Set(all).size).toBe(all.length);
  });

  it("fall evenly on every start, the first and the last included (chi-square)", () => {
    const starts = 50;
    const batches = createBatches({ source: countingSource(200), trainTokens: starts + 7, contextLength: 7, batchSize: 100, seed: 7 });
    const tokens = new Uint32Array(100 * 8);
    const counts = new Array<number>(starts).fill(0);
    for (let step = 0; step < 500; step += 1) {
      batches.fill(step, 0, tokens);
      for (const start of expectWindows(tokens, 8, 0, starts + 7)) counts[start]! += 1;
    }
    const expected = 50_000 / starts;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 49 degrees of freedom: 85.4 is passed by chance once in 1,000; the seed is fixed.
    expect(chiSquare).toBeLessThan(85.4);
    expect(chiSquare).toBeGreaterThan(20);
  });

  it("refuse an array of the wrong size", () => {
    const batches = createBatches({ source: countingSource(200), trainTokens: 100, contextLength: 7, batchSize: 2, seed: 7 });
    expect(() => batches.fill(0, 0, new Uint32Array(15))).toThrow("2 × 8 tokens");
  });
});

describe("validation windows", () => {
  it("are fixed, in order, evenly spaced, and end where the text ends", () => {
    fc.assert(
      fc.property(shape, (given) => {
        const { batches, tokens, trainTokens, length, window } = build(given);
        const starts: number[] = [];
        for (let index = 0; index < batches.validationBatches; index += 1) {
          batches.fillValidation(index, tokens);
          starts.push(...expectWindows(tokens, window, trainTokens, length));
        }
        const gaps = starts.slice(1).map((start, i) => start - starts[i]!);
        expect(starts[0]).toBe(trainTokens);
        if (gaps.length > 0) {
          expect(starts.at(-1)).toBe(length - window);
          expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
        }
        batches.fill(3, 0, tokens);
        batches.fillValidation(0, tokens);
        expect(tokens[0]).toBe(trainTokens);
      }),
    );
  });

  it("never share a target where the text is long enough, and number at most eight batches", () => {
    fc.assert(
      fc.property(shape, (given) => {
        const { batches, length, trainTokens } = build(given);
        const windows = batches.validationBatches * given.batchSize;
        expect(batches.validationBatches).toBeGreaterThanOrEqual(1);
        expect(batches.validationBatches).toBeLessThanOrEqual(8);
        if (batches.validationBatches > 1) expect(windows * given.contextLength).toBeLessThan(length - trainTokens);
      }),
    );
    const long = createBatches({ source: countingSource(10_000), trainTokens: 5000, contextLength: 16, batchSize: 4, seed: 0 });
    expect(long.validationBatches).toBe(8);
    expect(() => long.fillValidation(8, new Uint32Array(4 * 17))).toThrow("no validation batch 8");
  });
});

it("says which part of the text is too short, and what helps", () => {
  const failureOf = (trainTokens: number): FailureError => {
    try {
      createBatches({ source: countingSource(120), trainTokens, contextLength: 64, batchSize: 1, seed: 0 });
    } catch (error) {
      if (error instanceof FailureError) return error;
    }
    throw new Error("It was accepted.");
  };
  expect(failureOf(64).failure).toMatchObject({ kind: "bad-settings", where: "contextLength", message: expect.stringContaining("training part of the text has 64 tokens") });
  expect(failureOf(65).failure.message).toContain("held-out part of the text has 55 tokens");
});
