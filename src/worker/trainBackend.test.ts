/** The backend on the CPU runtime (Node has no WebGPU), its tokens in memory: commands that come at once, starts that are refused. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type TokenSource, memoryTokenSource, openTokenSource } from "../data/tokenSource";
import { openCheckpoints } from "../training/checkpointStore";
import { createMemorySlots } from "../training/slots/memory";
import { tinySettings } from "../training/testing/tinyRun";
import { MessageChannel } from "node:worker_threads";
import type { PreparedData, TrainEvent } from "./protocol";
import { openReferenceRuntime } from "../engine/runtime/reference";
import { EngineError, type Runtime } from "../engine/runtime/runtime";
import { createTrainBackend } from "./trainBackend";

/** A run that wants more bytes than this is refused, as a GPU that is full refuses it; what is measured before fits. */
let room = Infinity;
/** What was asked for last. */
let asked = 0;
/** When kernels were timed and tokens given back. */
let order: string[] = [];
vi.mock(import("../engine/runtime/cpu"), () => {
  const open = (): Runtime => {
    // The slow one, so that there is time to press buttons.
    const runtime = openReferenceRuntime();
    const allocate: typeof runtime.allocate = (sizes) => {
      const bytes = Object.values(sizes).reduce((sum, size) => sum + size, 0);
      if (!("parameters" in sizes)) return runtime.allocate(sizes);
      asked = bytes;
      return bytes > room ? Promise.reject(new EngineError("out-of-memory", `${bytes} bytes could not be had.`)) : runtime.allocate(sizes);
    };
    const profile: typeof runtime.profile = async (...given) => {
      order.push("timing begins");
      return runtime.profile(...given).finally(() => order.push("timing ends"));
    };
    return { ...runtime, allocate, profile };
  };
  return { openCpuRuntime: open };
});
vi.mock(import("../data/tokenSource"), async (original) => ({ ...(await original()), openTokenSource: vi.fn() }));

const TOKENS = Uint32Array.from({ length: 2000 }, (_, i) => (i * i) % 97);
let opened = 0;
let closed = 0;

beforeEach(() => {
  opened = closed = 0;
  room = Infinity;
  order = [];
  vi.stubGlobal("navigator", {});
  vi.mocked(openTokenSource).mockImplementation(() => {
    opened += 1;
    const source: TokenSource = memoryTokenSource(TOKENS);
    return Promise.resolve({ ...source, close: () => void order.push(`closed ${(closed += 1)}`) });
  });
});
afterEach(() => vi.unstubAllGlobals());

function bytesWith(trainTokens: number): PreparedData {
  return {
    datasetId: "d", datasetName: "D", tokenizerId: "bytes", tokenizer: JSON.stringify({ tokenizer: "bytes" }), vocabularySize: 256, shard: "d.bin", bytesPerToken: 1, tokens: 2000, trainTokens,
    hash: "", baselines: { uniform: 1, unigram: 1, bigram: 1 },
  };
}

it("starts one run when two are asked for at once; the other is told that one is going on", async () => {
  const backend = createTrainBackend(openCheckpoints(createMemorySlots()));
  const data = bytesWith(1800);
  const settings = tinySettings({ steps: 2000, validationEvery: 2000 });
  const [first, second] = await Promise.all([backend.start(settings, data), backend.start(settings, data)]);
  expect(first.ok).toBe(true);
  expect(second.ok ? "" : second.failure.kind).toBe("busy");
  expect([opened, closed]).toEqual([1, 0]);
  await backend.stop();
  expect((await backend.start(settings, data)).ok).toBe(true);
  expect([opened, closed]).toEqual([2, 1]);
  await backend.stop();
});

it("tells a command whose run is replaced meanwhile that there is none", async () => {
  const backend = createTrainBackend(openCheckpoints(createMemorySlots()));
  const data = bytesWith(1800);
  const settings = tinySettings({ steps: 2000, validationEvery: 2000 });
  await backend.start(settings, data);
  await backend.pause();
  await backend.preview(settings, 256);
  // Work at rest begins after 0.4 seconds; a command waits for what it is doing just then.
  await new Promise((resolve) => setTimeout(resolve, 450));
  const [resumed, started] = await Promise.all([backend.resume(), backend.start(settings, data)]);
  expect(resumed.ok ? "" : resumed.failure.kind).toBe("bad-settings");
  expect(started.ok).toBe(true);
  await backend.stop();
});

it("gives the memory of a run back when nothing of it is timed any more", async () => {
  const backend = createTrainBackend(openCheckpoints(createMemorySlots()));
  const data = bytesWith(1800);
  await backend.start(tinySettings({ steps: 2000, validationEvery: 2000 }), data);
  await backend.pause();
  const timing = backend.measureKernels();
  await vi.waitFor(() => expect(order).toContain("timing begins"));
  await backend.start(tinySettings({ steps: 3 }), data);
  expect((await timing).ok).toBe(true);
  expect(order.indexOf("closed 1")).toBeGreaterThan(order.lastIndexOf("timing ends"));
  await backend.stop();
});

it("closes the tokens of a run that could not be made ready", async () => {
  const backend = createTrainBackend(openCheckpoints(createMemorySlots()));
  const refused = await backend.start(tinySettings(), bytesWith(1999));
  expect(refused.ok ? "" : refused.failure.kind).toBe("bad-settings");
  expect([opened, closed]).toEqual([1, 1]);
});

/** A backend and what it tells the page. */
async function listen(slots = createMemorySlots()) {
  const backend = createTrainBackend(openCheckpoints(slots));
  const { port1, port2 } = new MessageChannel();
  const events: TrainEvent[] = [];
  port2.on("message", (event: TrainEvent) => events.push(event));
  await backend.attach(port1 as unknown as globalThis.MessagePort);
  const notices = (): string[] => events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
  return { backend, notices, events, close: () => port1.close() };
}

it("trains in pieces where a batch does not fit, says so, and keeps to them when the run is loaded again", async () => {
  const settings = tinySettings({ batchSize: 8, steps: 3 });
  const slots = createMemorySlots();
  const first = await listen(slots);
  await first.backend.start(settings, bytesWith(1800));
  await first.backend.stop();
  expect(first.notices()).toEqual([]);
  room = asked - 1;
  const started = await first.backend.start(settings, bytesWith(1800));
  expect(started).toMatchObject({ ok: true, value: { batchPieces: 2, settings: { batchSize: 8, gradientAccumulation: 1 } } });
  await vi.waitFor(() => expect(first.notices()).toContain("The browser could not hold batches of 8; Descent trains with 2 × 4: same result, a little slower."));
  await first.backend.stop();
  first.close();

  room = Infinity;
  const second = await listen(slots);
  const { value: stored } = (await second.backend.findResumable()) as { value: { id: string } };
  expect(await second.backend.restore(stored.id)).toMatchObject({ ok: true, value: { run: { batchPieces: 2, settings: { batchSize: 8 } } } });
  await second.backend.stop();
  second.close();
});

it("says that a device without 16-bit arithmetic computes in f32, to whom has asked for fast products", async () => {
  const { backend, notices, close } = await listen();
  await backend.start(tinySettings({ precision: "fast", steps: 3 }), bytesWith(1800));
  await vi.waitFor(() => expect(notices()).toEqual([expect.stringContaining("Precision is set to Fast, but the CPU computes in f32 only.")]));
  await backend.stop();
  close();
});

it("names what is left to do where even one window does not fit", async () => {
  const { backend, close } = await listen();
  room = 1000;
  const refused = await backend.start(tinySettings(), bytesWith(1800));
  expect(refused.ok ? undefined : refused.failure).toMatchObject({
    kind: "out-of-memory", hint: "Set Activations to bf16, turn on Gradient checkpointing, or make the context or the model smaller.",
  });
  expect([opened, closed]).toEqual([1, 1]);
  close();
});
