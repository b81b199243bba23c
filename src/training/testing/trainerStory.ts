/** What every runtime has to do with a trainer, as one list of checks that Node (CPU) and the browser (WebGPU) both run. */
import { expect, it } from "vitest";
import type { Runtime } from "../../engine/runtime/runtime";
import { chooseToken } from "../../engine/ops/sampling/choose";
import { requestOf } from "../sampling";
import type { TrainerState } from "../trainer";
import { TINY_VOCABULARY, makeTinyRun, makeUpdates, tinySettings } from "./tinyRun";

const OPTIONS = [
  { name: "GPT with AdamW", change: {} },
  { name: "Llama with dropout, accumulation, momentum and packed activations", change: { activations: "bf16", model: "llama", dropout: 0.1, gradientAccumulation: 2, optimizer: "sgd", learningRate: 0.3, schedule: "step" } },
] as const;

export function tellTrainerStory(open: () => Promise<Runtime>): void {
  it.each(OPTIONS)("$name: the same seed gives the same bytes after 100 updates", async ({ change }) => {
    const states: TrainerState[] = [];
    for (let repeat = 0; repeat < 2; repeat += 1) {
      const { trainer } = await makeTinyRun(await open(), tinySettings({ ...change, steps: 100 }));
      await makeUpdates(trainer, 0, 100);
      states.push(await trainer.snapshot());
      trainer.destroy();
    }
    expectSameBytes(states[1]!, states[0]!);
    const other = await makeTinyRun(await open(), tinySettings({ ...change, steps: 100, seed: 6 }));
    await makeUpdates(other.trainer, 0, 100);
    const [a, b] = [new Uint32Array((await other.trainer.snapshot())["parameters"]!), new Uint32Array(states[0]!["parameters"]!)];
    expect(a.some((word, index) => word !== b[index])).toBe(true);
    other.trainer.destroy();
  });

  it.each(OPTIONS)("$name: stopped at 60 and continued elsewhere is the uninterrupted run, to the byte", async ({ change }) => {
    const settings = tinySettings({ ...change, steps: 100 });
    const whole = await makeTinyRun(await open(), settings);
    const wholeResults = await makeUpdates(whole.trainer, 0, 100);
    const first = await makeTinyRun(await open(), settings);
    const firstResults = await makeUpdates(first.trainer, 0, 60);
    const state = await first.trainer.snapshot();
    first.trainer.destroy();
    const second = await makeTinyRun(await open(), settings);
    second.trainer.restore(state);
    // A measurement and an answer in between must leave no trace.
    await second.trainer.evaluate();
    await second.trainer.decode(1, 0);
    const secondResults = await makeUpdates(second.trainer, 60, 100);
    expect([...firstResults, ...secondResults]).toEqual(wholeResults);
    expectSameBytes(await second.trainer.snapshot(), await whole.trainer.snapshot());
    second.trainer.destroy();
    whole.trainer.destroy();
  });

  it("learns: losses start at ln V, fall, and the validation loss with them; the rate is the schedule's", async () => {
    const { trainer } = await makeTinyRun(await open(), tinySettings({ steps: 120 }));
    const before = await trainer.evaluate();
    const results = await makeUpdates(trainer, 0, 120);
    expect(before).toBeCloseTo(Math.log(TINY_VOCABULARY), 1);
    expect(results[0]!.loss).toBeCloseTo(Math.log(TINY_VOCABULARY), 1);
    expect(await trainer.evaluate()).toBeLessThan(0.5 * before);
    expect(results.slice(0, 5).map((one) => one.learningRate / 1e-2)).toEqual([0.25, 0.5, 0.75, 1, 1].map((share) => expect.closeTo(share, 5) as number));
    expect(results.at(-1)!.learningRate).toBeLessThan(2e-3);
    expect(results.every((one) => one.applied === 1 && one.gradientNorm > 0)).toBe(true);
    trainer.destroy();
  });

  it.each(OPTIONS)("$name: timing its kernels between and during updates changes nothing", async ({ change }) => {
    const settings = tinySettings({ ...change, steps: 20 });
    const plain = await makeTinyRun(await open(), settings);
    const expected = await makeUpdates(plain.trainer, 0, 20);
    const { trainer } = await makeTinyRun(await open(), settings);
    expect(await makeUpdates(trainer, 0, 5)).toEqual(expected.slice(0, 5));
    const [times, results] = await Promise.all([trainer.profile(20), makeUpdates(trainer, 5, 20), trainer.profile(20)]);
    expect(results).toEqual(expected.slice(5));
    expectSameBytes(await trainer.snapshot(), await plain.trainer.snapshot());
    expect(times!.every(({ seconds, bytes, index }, at) => seconds >= 0 && bytes > 0 && index === at)).toBe(true);
    expect(times!.some(({ seconds }) => seconds > 0)).toBe(true);
    const { gradients, accumulate, update } = trainer.programs;
    const order = [gradients, accumulate, update].flatMap((program) => program?.name ?? []);
    expect([...new Set(times!.map(({ program }) => program))]).toEqual(order);
    trainer.destroy();
    plain.trainer.destroy();
  });

  it.each(OPTIONS)("$name: writes the tokens that its logits say, in batches of any size", async ({ change }) => {
    const { trainer, plan } = await makeTinyRun(await open(), tinySettings({ ...change, contextLength: 24 }));
    await makeUpdates(trainer, 0, 10);
    const request = requestOf({ temperature: 1.2, topK: 20, topP: 0.95 }, 7, 3);
    const [prompt, count] = [[4, 1, 9], 21];
    const expected: number[] = [];
    for (let position = 0; position < count + 2; position += 1) {
      const logits = await trainer.decode(prompt[position] ?? expected.at(-1)!, position);
      if (position >= 2) expected.push(chooseToken(logits, request, position));
    }
    expect(new Set(expected).size).toBeGreaterThan(4);
    for (const batch of [1, 2, 13, count]) {
      await trainer.read(prompt[0]!, 0);
      await trainer.read(prompt[1]!, 1);
      const written: number[] = [];
      while (written.length < count) {
        const next = { token: written.at(-1) ?? prompt[2]!, position: 2 + written.length, count: Math.min(batch, count - written.length), request };
        written.push(...(await trainer.write(next)));
      }
      expect(written).toEqual(expected);
    }
    expect(2 + count).toBeLessThanOrEqual(plan.decoder.config.contextLength);
    trainer.destroy();
  });

  it("leaves the weights alone when a gradient is not a number, and says so", async () => {
    const { trainer, plan } = await makeTinyRun(await open(), tinySettings());
    await makeUpdates(trainer, 0, 3);
    const good = await trainer.snapshot();
    const poisoned = new Float32Array(good["parameters"]!.slice(0));
    poisoned[plan.layout.offsets["tokenEmbedding"]! / 4] = NaN;
    trainer.restore({ ...good, parameters: poisoned.buffer });
    const [result] = await makeUpdates(trainer, 3, 4);
    expect(result!.applied).toBe(0);
    expectSameBytes(await trainer.snapshot(), { ...good, parameters: poisoned.buffer });
    // With the weights healed, nothing of it is left behind.
    trainer.restore(good);
    expect((await makeUpdates(trainer, 3, 5)).map((one) => one.applied)).toEqual([1, 1]);
    trainer.destroy();
  });
}

function expectSameBytes(actual: TrainerState, expected: TrainerState): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [arena, bytes] of Object.entries(expected)) {
    const [a, b] = [new Uint32Array(actual[arena]!), new Uint32Array(bytes)];
    expect(a.length).toBe(b.length);
    expect(a.findIndex((word, index) => word !== b[index]), `first byte of "${arena}" that differs`).toBe(-1);
  }
}
