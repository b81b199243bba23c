import { expect, it } from "vitest";
import { memoryTokenSource } from "../data/tokenSource";
import type { PreparedSource } from "../data/types";
import { createBatches } from "./batches";
import { countWindows, createMixture } from "./mixture";

/** Three texts of 400, 100 and 50 training tokens; each held-out part is half as long. Token i is the number i. */
const TEXTS = [400, 100, 50];
function mixed(shares: readonly number[]): { sources: PreparedSource[]; tokens: Uint32Array; trainTokens: number } {
  let at = 0;
  const place = (length: number): [number, number] => [at, (at += length)];
  const train = TEXTS.map(place);
  const trainTokens = at;
  const validation = TEXTS.map((length) => place(length / 2));
  const sources = shares.map((share, index): PreparedSource => ({ datasetId: `d${index}`, datasetName: `text ${index}`, share, train: train[index]!, validation: validation[index]! }));
  return { sources, tokens: Uint32Array.from({ length: at }, (_, index) => index), trainTokens };
}

function build(shares: readonly number[], seed = 1, batchSize = 10) {
  const { sources, tokens, trainTokens } = mixed(shares);
  const batches = createBatches({ source: memoryTokenSource(tokens), sources, trainTokens, contextLength: 8, batchSize, seed });
  return { sources, batches, out: new Uint32Array(batchSize * 9) };
}

const inside = (range: readonly [number, number], token: number): boolean => token >= range[0] && token < range[1];

it("draws windows by the shares, each whole within one text, and counts again what was drawn", () => {
  const { sources, batches, out } = build([0.5, 0.3, 0.2]);
  const drawn = [0, 0, 0];
  for (let step = 0; step < 400; step++) {
    batches.fill(step, 0, out);
    for (let row = 0; row < 10; row++) {
      const window = out.subarray(row * 9, row * 9 + 9);
      const from = sources.findIndex(({ train }) => inside(train, window[0]!));
      expect(inside(sources[from]!.train, window[8]!)).toBe(true);
      drawn[from]!++;
    }
  }
  const count = countWindows(createMixture(sources, 1), 1, 10);
  expect(count.upTo(150)).toEqual(countWindows(createMixture(sources, 1), 1, 10).upTo(150));
  expect(count.upTo(400)).toEqual(drawn);
  expect(count.upTo(0)).toEqual([0, 0, 0]);
  // 4,000 windows: a share p deviates by sqrt(p (1 − p) / 4000), at most 0.008; five of those.
  [0.5, 0.3, 0.2].forEach((share, index) => expect(Math.abs(drawn[index]! / 4000 - share)).toBeLessThan(0.04));
});

it("meets a text of share 0 never, and a small text as often as its share says", () => {
  const count = countWindows(createMixture(mixed([0, 0.5, 0.5]).sources, 3), 2, 8).upTo(500);
  expect(count[0]).toBe(0);
  expect(count[1]! + count[2]!).toBe(8000);
});

it("draws the windows of a single text as if nothing were mixed", () => {
  const { sources, batches, out } = build([1, 0, 0].slice(0, 1));
  const plain = createBatches({ source: memoryTokenSource(mixed([1]).tokens.subarray(0, 600)), trainTokens: 400, contextLength: 8, batchSize: 10, seed: 1 });
  const expected = new Uint32Array(90);
  for (let step = 0; step < 20; step++) {
    batches.fill(step, 0, out);
    plain.fill(step, 0, expected);
    expect(out).toEqual(expected);
  }
  expect(sources).toHaveLength(1);
});

it("measures every text by its share, always at the same places", () => {
  const { sources, batches, out } = build([0.5, 0.3, 0.2]);
  const rows = [0, 0, 0];
  for (let index = 0; index < batches.validationBatches; index++) {
    batches.fillValidation(index, out);
    for (let row = 0; row < 10; row++) {
      const from = sources.findIndex(({ validation }) => inside(validation, out[row * 9]!));
      expect(inside(sources[from]!.validation, out[row * 9 + 8]!)).toBe(true);
      rows[from]!++;
    }
  }
  const all = batches.validationBatches * 10;
  expect(rows).toEqual([all * 0.5, all * 0.3, all * 0.2]);
});

it("names the text that is too short for the context", () => {
  const { sources, tokens, trainTokens } = mixed([0.5, 0.3, 0.2]);
  const make = () => createBatches({ source: memoryTokenSource(tokens), sources, trainTokens, contextLength: 30, batchSize: 4, seed: 1 });
  expect(make).toThrow("The held-out part of text 2 has 25 tokens; a context length of 30 needs at least 31.");
});
