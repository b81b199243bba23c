/**
 * What ten thousand updates leave behind: nothing. The loop runs as it does in the worker, on WebGPU and on the CPU; every object that the
 * device creates is counted where the browser makes it, and the memory is read after a garbage collection at either end.
 */
import { cdp } from "vitest/browser";
import { expect, it } from "vitest";
import { openCpuRuntime } from "../engine/runtime/cpu";
import type { Runtime } from "../engine/runtime/runtime";
import { gpuRuntime } from "../engine/testing/runGraph";
import { createRun } from "./run";
import { makeTinyRun, tinySettings } from "./testing/tinyRun";

const WARM_UP = 1000;
const STEPS = 10_000;

interface DevTools {
  send(method: "HeapProfiler.collectGarbage"): Promise<unknown>;
  send(method: "Runtime.getHeapUsage"): Promise<MemoryUse>;
}

interface MemoryUse {
  /** Bytes of objects. */
  readonly usedSize: number;
  /** Bytes of arrays' buffers and of WebAssembly's memories. */
  readonly backingStorageSize: number;
}

async function readMemory(): Promise<MemoryUse> {
  const tools = cdp() as unknown as DevTools;
  await tools.send("HeapProfiler.collectGarbage");
  return tools.send("Runtime.getHeapUsage");
}

/** Counts calls of the device's `create…` methods until it is told to stop. */
function countCreated(): { readonly counts: Map<string, number>; readonly stop: () => void } {
  const prototype = GPUDevice.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const counts = new Map<string, number>();
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name.startsWith("create"));
  const originals = names.map((name) => [name, prototype[name]!] as const);
  for (const [name, original] of originals) {
    prototype[name] = function (this: unknown, ...args: unknown[]): unknown {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return original.apply(this, args);
    };
  }
  return { counts, stop: () => originals.forEach(([name, original]) => (prototype[name] = original)) };
}

interface Growth {
  readonly updates: number;
  readonly readBacks: number;
  readonly heap: number;
  readonly buffers: number;
  readonly created: ReadonlyMap<string, number>;
}

/** Trains a tiny model and says what was left behind between its thousandth update and its last thousand. */
async function trainLong(runtime: Runtime): Promise<Growth> {
  const change = { steps: STEPS, validationEvery: STEPS, samplePrompt: "", width: 8, heads: 1, contextLength: 4, batchSize: 1, learningRate: 1e-4 };
  const settings = tinySettings(change);
  const { trainer } = await makeTinyRun(runtime, settings);
  let told = 0;
  let rows = 0;
  let reached = (): void => {};
  const observer = {
    onMetrics: (metrics: Float32Array) => {
      rows += 1;
      told = metrics.at(-6)!;
      reached();
    },
    onPhase: () => reached(), onValidation: () => {}, onSample: () => {}, onSpeed: () => {}, onSaved: () => {},
    onError: (error: unknown) => {
      throw error;
    },
  };
  // An answer is not what this is about.
  async function* saysNothing(): AsyncGenerator<string, void, void> {}
  const generator = { generate: saysNothing, giveWay: () => undefined };
  const run = createRun({ settings, trainer, generator, observer, start: { step: 0, tokens: 0, seconds: 0 }, save: () => Promise.resolve() });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      reached = () => {
        if (condition()) resolve();
      };
      reached();
    });

  run.resume();
  await until(() => told >= WARM_UP);
  // A fast device would be done before the memory was read.
  await run.pause();
  const before = await readMemory();
  const [from, rowsFrom] = [told, rows];
  run.resume();
  const { counts, stop } = countCreated();
  await until(() => told >= STEPS - 1000);
  await run.pause();
  stop();
  const [updates, readBacks] = [told - from, rows - rowsFrom];
  const after = await readMemory();
  run.resume();
  await until(() => run.phase === "finished");
  trainer.destroy();
  const growth = { updates, readBacks, heap: after.usedSize - before.usedSize, buffers: after.backingStorageSize - before.backingStorageSize, created: counts };
  console.log(`${runtime.kind}: ${updates} updates, read-backs ${readBacks}, heap ${(growth.heap / 1024).toFixed(0)} KiB, buffers ${(growth.buffers / 1024).toFixed(0)} KiB, created ${JSON.stringify([...counts])}`);
  return growth;
}

const HALF_MEGABYTE = 0.5 * 2 ** 20;

it("ten thousand updates create nothing but their encoders, and the heap is as large after them as before", async () => {
  const { updates, heap, created } = await trainLong(await gpuRuntime());
  // Every 500 updates the run is saved: a staging buffer and an encoder for each of its three arenas.
  const saves = Math.ceil(updates / 500) + 1;
  expect(created.get("createBuffer") ?? 0).toBeLessThanOrEqual(3 * saves + 6);
  // A disturbed machine may make a step long enough to be cut, and measured for that: once.
  expect(created.get("createQuerySet") ?? 0).toBeLessThanOrEqual(1);
  expect(created.get("createCommandEncoder")).toBeGreaterThanOrEqual(updates);
  const others = [...created.keys()].filter((name) => !["createBuffer", "createCommandEncoder", "createQuerySet"].includes(name));
  expect(others).toEqual([]);
  expect(heap).toBeLessThan(HALF_MEGABYTE);
}, 300_000);

it("ten thousand updates on the CPU leave its memory as it was", async () => {
  const runtime = openCpuRuntime();
  const { heap, buffers, created } = await trainLong(runtime);
  runtime.destroy();
  expect([...created]).toEqual([]);
  expect(heap).toBeLessThan(HALF_MEGABYTE);
  expect(buffers).toBeLessThan(HALF_MEGABYTE);
}, 300_000);
