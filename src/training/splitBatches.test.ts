/** Batches in pieces: the same windows, the same updates up to rounding, refusals that end. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryTokenSource } from "../data/tokenSource";
import { openCpuRuntime } from "../engine/runtime/cpu";
import { EngineError } from "../engine/runtime/runtime";
import { FailureError } from "../settings/failure";
import { createBatches } from "./batches";
import { planRun } from "./compileStep";
import { estimateCost } from "./preview";
import { adviseLess, fitBatches, nextSplit, splitSettings } from "./splitBatches";
import { TINY_TOKENS, TINY_VOCABULARY, makeUpdates, tinySettings } from "./testing/tinyRun";
import { createTrainer } from "./trainer";

function splitsOf(batchSize: number): number[] {
  const splits = [1];
  for (let next = nextSplit(batchSize, 1); next !== undefined; next = nextSplit(batchSize, next)) splits.push(next);
  return splits;
}

test("pieces are halves as long as halves are whole, and end at single windows", () => {
  expect(splitsOf(32)).toEqual([1, 2, 4, 8, 16, 32]);
  expect(splitsOf(6)).toEqual([1, 2, 6]);
  expect(splitsOf(7)).toEqual([1, 7]);
  expect(splitsOf(1)).toEqual([1]);
});

test("pieces hold the windows of the batch, in order, for training and for measuring", () => {
  const given = fc.record({ pieces: fc.integer({ min: 1, max: 4 }), rows: fc.integer({ min: 1, max: 4 }), step: fc.nat(99), micro: fc.nat(3) });
  fc.assert(fc.property(given, ({ pieces, rows, step, micro }) => {
    const shared = { source: memoryTokenSource(TINY_TOKENS), trainTokens: 2000, contextLength: 12, batchSize: pieces * rows, seed: 3 };
    const [whole, split] = [createBatches(shared), createBatches({ ...shared, pieces })];
    const [batch, part] = [new Uint32Array(pieces * rows * 13), new Uint32Array(rows * 13)];
    const joined = (fill: (piece: number) => void): number[] => Array.from({ length: pieces }, (_, piece) => (fill(piece), [...part])).flat();
    whole.fill(step, micro, batch);
    expect(joined((piece) => split.fill(step, micro * pieces + piece, part))).toEqual([...batch]);
    expect(split.validationBatches).toBe(whole.validationBatches * pieces);
    whole.fillValidation(0, batch);
    expect(joined((piece) => split.fillValidation(piece, part))).toEqual([...batch]);
  }));
});

test("a run in pieces is the run, up to rounding", async () => {
  const settings = tinySettings({ batchSize: 6, gradientAccumulation: 2 });
  const runtime = openCpuRuntime();
  const [whole, halves, single] = await Promise.all([1, 2, 6].map(async (pieces) => {
    const plan = planRun(splitSettings(settings, pieces), TINY_VOCABULARY, runtime.target);
    const batches = createBatches({ source: memoryTokenSource(TINY_TOKENS), trainTokens: 2000, contextLength: 12, batchSize: 6, pieces, seed: 5 });
    const trainer = await createTrainer({ plan, runtime, batches });
    trainer.initialize();
    const losses = (await makeUpdates(trainer, 0, 10)).map(({ loss }) => loss);
    const measured = await trainer.evaluate();
    trainer.destroy();
    return [...losses, measured];
  }));
  for (const split of [halves!, single!]) split.forEach((loss, index) => expect(loss).toBeCloseTo(whole![index]!, 4));
});

test("only a want of memory is answered with smaller batches, and single windows are the end", async () => {
  const settings = tinySettings({ batchSize: 8 });
  const tried: number[] = [];
  const upTo = (least: number) => (pieces: number): Promise<string> => {
    tried.push(pieces);
    return pieces < least ? Promise.reject(new EngineError("out-of-memory", "full.")) : Promise.resolve("made");
  };
  expect(await fitBatches(settings, 1, upTo(4))).toEqual({ made: "made", pieces: 4 });
  expect(tried).toEqual([1, 2, 4]);
  expect(await fitBatches(settings, 4, upTo(4))).toEqual({ made: "made", pieces: 4 });
  await expect(fitBatches(settings, 1, upTo(99))).rejects.toBeInstanceOf(FailureError);
  const bug = new Error("bug");
  await expect(fitBatches(settings, 1, () => Promise.reject(bug))).rejects.toBe(bug);
});

test("the estimate says in advance what will be done", () => {
  const settings = tinySettings({ batchSize: 8, contextLength: 64 });
  const rates = { flopsPerSecond: 1e9, bytesPerSecond: 1e9, secondsPerDispatch: 1e-4 };
  const runtime = openCpuRuntime();
  const whole = estimateCost(settings, TINY_VOCABULARY, runtime, rates);
  expect(whole).toMatchObject({ problems: [], notes: [] });
  // The largest buffer is that of the feed-forward's hidden numbers: batch · context · 4 · width · 4 bytes.
  const small = { ...runtime, bufferBytes: 4 * 64 * 64 * 4 };
  expect(estimateCost(settings, TINY_VOCABULARY, small, rates)).toMatchObject({
    problems: [], tokensPerStep: whole.tokensPerStep,
    notes: ["This device cannot hold batches of 8; Descent will train with 2 × 4: same result, a little slower."],
  });
  const none = estimateCost(settings, TINY_VOCABULARY, { ...runtime, bufferBytes: 1000 }, rates);
  expect(none.problems[0]).toContain("Set Activations to bf16, turn on Gradient checkpointing, or make the context or the model smaller.");
  expect(adviseLess({ ...settings, activations: "bf16" })).toBe("Turn on Gradient checkpointing, or make the context or the model smaller.");
  expect(adviseLess({ ...settings, activations: "bf16", gradientCheckpointing: true })).toBe("Make the context or the model smaller.");
});
