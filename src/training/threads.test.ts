/** Real threads, as Node has them: the bytes of a training run do not depend on how many there are, nor on when they come. */
import { afterEach, expect, test } from "vitest";
import { openCpuRuntime } from "../engine/runtime/cpu";
import type { Runtime } from "../engine/runtime/runtime";
import { buildGradients } from "../engine/testing/checkOp";
import { opCases } from "../engine/testing/opCases";
import { runOn } from "../engine/testing/runGraph";
import { makeCrew } from "./testing/threadCrew";
import { makeTinyRun, tinySettings } from "./testing/tinyRun";

const runtimes: Runtime[] = [];
afterEach(() => {
  for (const runtime of runtimes.splice(0)) runtime.destroy();
});

/** A runtime on so many threads, of which the others join when they are told to. */
async function openThreads(threads: number): Promise<{ readonly runtime: Runtime; readonly join: () => Promise<void> }> {
  if (threads === 1) return { runtime: openCpuRuntime(), join: () => Promise.resolve() };
  const { startThread, join } = await makeCrew(threads - 1);
  const runtime = openCpuRuntime({ threads, startThread });
  runtimes.push(runtime);
  return { runtime, join };
}

const UPDATES = 20;

interface Trained {
  /** As text, which is fast to compare. */
  readonly state: Readonly<Record<string, string>>;
  readonly losses: readonly number[];
}

/** On so many threads; the others join before update `joinAt`. */
async function train(threads: number, joinAt = 0, change: Parameters<typeof tinySettings>[0] = {}): Promise<Trained> {
  const { runtime, join } = await openThreads(threads);
  const { trainer } = await makeTinyRun(runtime, tinySettings({ steps: UPDATES, ...change }));
  for (let step = 0; step < UPDATES; step += 1) {
    if (step === joinAt) await join();
    await trainer.update(step);
  }
  const losses = (await trainer.collect()).map(({ loss }) => loss);
  const state = await trainer.snapshot();
  trainer.destroy();
  return { losses, state: Object.fromEntries(Object.entries(state).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")])) };
}

test("a run leaves the same bytes of parameters and moments on 1, 2, 3 and 4 threads, and where they join in the middle", async () => {
  const alone = await train(1);
  expect(Object.keys(alone.state).length).toBeGreaterThan(1);
  expect(alone.losses.at(-1)).toBeLessThan(alone.losses[0]!);
  for (const threads of [2, 3, 4]) expect(await train(threads)).toEqual(alone);
  expect(await train(3, 9)).toEqual(alone);
});

test("so does one of a model with other kernels, several batches to an update and activations in half the bytes", async () => {
  const change = { model: "llama", gradientAccumulation: 2, activations: "bf16", layers: 2, width: 32, contextLength: 33 };
  const alone = await train(1, 0, change);
  expect(await train(2, 0, change)).toEqual(alone);
  expect(await train(4, 3, change)).toEqual(alone);
});

test("programs may be loaded, run and forgotten while threads work, and the memory grow under them", async () => {
  const { runtime, join } = await openThreads(3);
  await join();
  let expected: readonly number[] | undefined;
  for (let round = 0; round < 6; round += 1) {
    const { trainer } = await makeTinyRun(runtime, tinySettings({ steps: 3 }));
    const more = await runtime.allocate({ more: 2 ** (16 + round) });
    for (let step = 0; step < 3; step += 1) await trainer.update(step);
    const losses = (await trainer.collect()).map(({ loss }) => loss);
    expect(losses).toEqual(expected ?? losses);
    expected = losses;
    trainer.destroy();
    if (round % 2 === 0) more.destroy();
  }
});

/** Numbers from which a case may have work for several threads. */
const SHARED_WORK = 1000;
const sharedCases = opCases.filter(({ inputs }) => Object.values(inputs).some(({ data }) => data.length >= SHARED_WORK));

test("the kernels of every op, forward and backward, leave the same bytes on three threads as on one", async () => {
  const [alone, { runtime, join }] = [await openThreads(1), await openThreads(3)];
  await join();
  const differing: string[] = [];
  for (const one of sharedCases) {
    const { outputs, gradients, data } = buildGradients(one, "first");
    for (const values of [outputs, gradients].filter(({ length }) => length > 0)) {
      const [expected, found] = [await runOn(alone.runtime, values, data), await runOn(runtime, values, data)];
      if (!expected.every((array, index) => Buffer.from(array.buffer).equals(Buffer.from(found[index]!.buffer)))) differing.push(one.name);
    }
  }
  expect(differing).toEqual([]);
  expect(sharedCases.length).toBeGreaterThan(100);
});
