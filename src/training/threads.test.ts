/** Real threads, as Node has them: the bytes of a training run do not depend on how many there are, nor on when they come. */
import { Worker } from "node:worker_threads";
import { build } from "vite";
import { afterEach, beforeAll, expect, test } from "vitest";
import { openCpuRuntime } from "../engine/runtime/cpu";
import type { ThreadPort } from "../engine/runtime/cpu/thread";
import type { Runtime } from "../engine/runtime/runtime";
import { makeTinyRun, tinySettings } from "./testing/tinyRun";

/** `serve` as one script, and what feeds it from the messages of a thread of Node. */
let script = "";
beforeAll(async () => {
  const entry = new URL("../engine/runtime/cpu/thread.ts", import.meta.url).pathname;
  const made = await build({ configFile: false, logLevel: "silent", build: { write: false, minify: false, target: "es2023", lib: { entry, formats: ["es"] } } });
  const [bundle] = (Array.isArray(made) ? made : [made]) as readonly { readonly output: readonly { readonly code?: string }[] }[];
  script = `${bundle!.output[0]!.code!}
import { parentPort } from "node:worker_threads";
const messages = [];
parentPort.on("message", (message) => messages.push(message));
serve({
  takeMessage: () => messages.shift(),
  answer: () => parentPort.postMessage("here"),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
});`;
});

const workers: Worker[] = [];
const runtimes: Runtime[] = [];
afterEach(async () => {
  for (const runtime of runtimes.splice(0)) runtime.destroy();
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

interface Crew {
  readonly startThread: () => ThreadPort;
  /** Lets them join. Resolves once commands are for all of them; each then waits for all. */
  readonly join: () => Promise<void>;
}

/** So many threads beside the calling one. They are ready when they are told to join. */
function makeCrew(count: number): Crew {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  let [joined, allJoined] = [0, (): void => {}];
  const complete = new Promise<void>((resolve) => (allJoined = resolve));
  return {
    startThread: () => {
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`));
      workers.push(worker);
      const answered = new Promise<void>((resolve) => worker.once("message", () => resolve()));
      return {
        post: (message) => {
          worker.postMessage(message);
          if ("join" in message && (joined += 1) === count) allJoined();
        },
        onReady: (then) => void Promise.all([answered, gate]).then(then),
        terminate: () => void worker.terminate(),
      };
    },
    join: () => {
      open();
      return complete;
    },
  };
}

const UPDATES = 20;

interface Trained {
  /** As text, which is fast to compare. */
  readonly state: Readonly<Record<string, string>>;
  readonly losses: readonly number[];
}

/** On so many threads; the others join before update `joinAt`. */
async function train(threads: number, joinAt = 0, change: Parameters<typeof tinySettings>[0] = {}): Promise<Trained> {
  const crew = makeCrew(threads - 1);
  const runtime = openCpuRuntime({ threads, startThread: crew.startThread });
  runtimes.push(runtime);
  const { trainer } = await makeTinyRun(runtime, tinySettings({ steps: UPDATES, ...change }));
  for (let step = 0; step < UPDATES; step += 1) {
    if (step === joinAt && threads > 1) await crew.join();
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
  const crew = makeCrew(2);
  const runtime = openCpuRuntime({ threads: 3, startThread: crew.startThread });
  runtimes.push(runtime);
  await crew.join();
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
