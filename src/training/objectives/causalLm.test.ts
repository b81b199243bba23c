/** Windows into batches, and the loss against a softmax by hand. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../engine/graph/evaluate";
import { leaf } from "../../engine/graph/leaf";
import { equal, iota } from "../../engine/ops/elementwise";
import { sizeOf, u32 } from "../../engine/graph/value";
import { MODELS } from "../models/index";
import { type Decoder, type DecoderConfig, makeDecoder } from "../models/decoder";
import { causalLm } from "./causalLm";
import { type BatchExtent, allocateBatch } from "./objective";

const extents = fc.record({ batch: fc.integer({ min: 1, max: 5 }), time: fc.integer({ min: 1, max: 7 }), vocabularySize: fc.integer({ min: 1, max: 300 }) });
const cases = extents.chain((extent) =>
  fc
    .array(fc.integer({ min: 0, max: extent.vocabularySize - 1 }), { minLength: extent.time + 1, maxLength: 60 })
    .chain((tokens) => fc.record({
      extent: fc.constant(extent),
      tokens: fc.constant(tokens),
      starts: fc.array(fc.integer({ min: 0, max: tokens.length - extent.time - 1 }), { minLength: extent.batch, maxLength: extent.batch }),
    })),
);

test("targets are the inputs one further; order groups positions by token, in order", () => {
  fc.assert(
    fc.property(cases, ({ extent, tokens, starts }) => {
      const batch = allocateBatch(causalLm, extent);
      // Old contents must not matter: batches are filled again and again.
      for (const array of Object.values(batch)) array.fill(123);
      causalLm.collate(Uint16Array.from(tokens), starts, extent, batch);
      const windows = starts.map((start) => tokens.slice(start, start + causalLm.windowLength(extent.time)));
      expect(Array.from(batch["ids"]!)).toEqual(windows.flatMap((window) => window.slice(0, -1)));
      expect(Array.from(batch["targets"]!)).toEqual(windows.flatMap((window) => window.slice(1)));
      const ids = Array.from(batch["ids"]!);
      const grouped = Array.from({ length: extent.vocabularySize }, (_, v) => ids.flatMap((id, n) => (id === v ? [n] : [])));
      expect(Array.from(batch["order"]!)).toEqual(grouped.flat());
      const bounds = batch["starts"]!;
      grouped.forEach((group, v) => expect(bounds[v + 1]! - bounds[v]!).toBe(group.length));
    }),
  );
});

test("a token outside the vocabulary is refused", () => {
  const extent = { batch: 1, time: 2, vocabularySize: 3 };
  expect(() => causalLm.collate(Uint8Array.from([0, 3, 1]), [0], extent, allocateBatch(causalLm, extent))).toThrow("Token id 3");
});

function lossOf(logits: readonly number[], targets: readonly number[], extent: BatchExtent): number {
  const N = extent.batch * extent.time;
  const configured = MODELS[0]!.configure({}, extent.vocabularySize);
  const decoder: Decoder = makeDecoder((configured as { config: DecoderConfig }).config);
  // A head that hands its rows on: its weight is the identity.
  const V = extent.vocabularySize;
  const model: Decoder = { ...decoder, headWeight: () => equal(iota([V, V], 0), iota([V, V], 1)) };
  const call = { model, parameters: {}, constants: {}, inputs: { targets: leaf("targets", u32(N)) }, extent };
  const loss = causalLm.loss(leaf("logits", { shape: [N, V], dtype: "f32" }), call);
  expect(sizeOf(loss.shape)).toBe(1);
  return evaluate([loss], { logits, targets })[0]![0]!;
}

test("the loss is the mean of −log softmax at the target, in nats", () => {
  const extent = { batch: 2, time: 2, vocabularySize: 3 };
  const logits = [1, 2, 3, 0, 0, 0, -5, 500, 2, 0.1, 0.2, 0.3];
  const targets = [2, 0, 1, 0];
  const byHand = targets.map((target, n) => {
    const row = logits.slice(3 * n, 3 * n + 3);
    const top = Math.max(...row);
    return top + Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0)) - row[target]!;
  });
  expect(lossOf(logits, targets, extent)).toBeCloseTo(byHand.reduce((a, b) => a + b) / 4, 12);
});

test("a model that knows nothing scores ln V, whose perplexity is V", () => {
  const loss = lossOf(Array<number>(65).fill(0.7), [12], { batch: 1, time: 1, vocabularySize: 65 });
  const values = Object.fromEntries(causalLm.metrics.map(({ id, ofLoss }) => [id, ofLoss(loss)]));
  expect(values["loss"]).toBeCloseTo(Math.log(65), 12);
  expect(values["perplexity"]).toBeCloseTo(65, 9);
});
