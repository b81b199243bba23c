/** A run goes from device to device: two runtimes without kernels under the names of a GPU and a CPU, checkpoints in memory. */
import { MessageChannel } from "node:worker_threads";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createMemoryStore } from "../data/store/memory";
import { memoryTokenSource, openTokenSource } from "../data/tokenSource";
import { openReferenceRuntime } from "../engine/runtime/reference";
import { EngineError, type Runtime } from "../engine/runtime/runtime";
import { parseMachine } from "../settings/machine";
import { openCheckpoints } from "../training/checkpointStore";
import { createMemorySlots } from "../training/slots/memory";
import { tinySettings } from "../training/testing/tinyRun";
import { openRuntime } from "./device";
import type { PreparedData, TrainEvent } from "./protocol";
import { createTrainBackend } from "./trainBackend";
import { openTuningStore } from "./tuningStore";

vi.mock(import("../data/tokenSource"), async (original) => ({ ...(await original()), openTokenSource: vi.fn() }));
vi.mock(import("../engine/runtime/ceilings"), () => ({ measureCeilings: () => Promise.resolve({ flopsPerSecond: 1e9, bytesPerSecond: 1e9, dispatchSeconds: 1e-5 }) }));
vi.mock(import("./device"), async (original) => ({ ...(await original()), openRuntime: vi.fn() }));

const DATA: PreparedData = {
  datasetId: "d", datasetName: "D", tokenizerId: "bytes", tokenizer: JSON.stringify({ tokenizer: "bytes" }), vocabularySize: 256, shard: "d.bin", bytesPerToken: 1, tokens: 2000,
  trainTokens: 1800, hash: "", baselines: { uniform: 1, unigram: 1, bigram: 1 },
};
const LONG = tinySettings({ steps: 2000, validationEvery: 2000 });
const on = (device: "gpu" | "cpu") => parseMachine({ device }, 2);

/** Devices that are open. */
let open: string[] = [];
/** On which runs find no room. */
let full = "";

beforeEach(() => {
  [open, full] = [[], ""];
  vi.stubGlobal("navigator", {});
  vi.mocked(openTokenSource).mockImplementation(() => Promise.resolve(memoryTokenSource(Uint32Array.from({ length: 2000 }, (_, i) => (i * i) % 97))));
  vi.mocked(openRuntime).mockImplementation(({ settings: { device } }) => {
    const reference = openReferenceRuntime();
    const runtime: Runtime = {
      ...reference,
      allocate: (sizes) => (full === device && "parameters" in sizes ? Promise.reject(new EngineError("kernel-refused", "It refuses.")) : reference.allocate(sizes)),
      destroy: () => void open.splice(open.indexOf(device), 1),
    };
    open.push(device);
    const name = device === "gpu" ? "Apple M2" : "CPU";
    return Promise.resolve({ runtime, identity: device, summary: { runtime: device === "gpu" ? "webgpu" : "cpu", name, detail: "", slow: false, defaults: {} } });
  });
});
afterEach(() => vi.unstubAllGlobals());

async function openPage() {
  const checkpoints = openCheckpoints(createMemorySlots());
  const backend = createTrainBackend(checkpoints, openTuningStore(createMemoryStore(), () => Promise.resolve("Browser 1")));
  const events: TrainEvent[] = [];
  const { port1, port2 } = new MessageChannel();
  port2.on("message", (event: TrainEvent) => void events.push(event));
  await backend.attach(port1 as unknown as globalThis.MessagePort);
  await backend.openDevice(on("cpu"));
  const notices = (): string[] => events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
  const devicesOf = async (id: string) => (await checkpoints.load(id)).state?.manifest.devices?.map(({ name, fromStep }) => [name, fromStep]);
  return { backend, events, notices, devicesOf, close: () => port1.close() };
}

/** Events cross a port: they arrive a turn later. */
async function stepOf(events: readonly TrainEvent[]): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return events.findLast((event) => event.type === "run")?.run.step ?? -1;
}

it("takes a paused run along, writes down where it was trained, and says that it is not bit for bit the same", async () => {
  const { backend, events, notices, devicesOf, close } = await openPage();
  const started = await backend.start(LONG, DATA);
  const { id, name } = (started as Extract<typeof started, { ok: true }>).value;
  expect((await backend.openDevice(on("gpu"))).ok, "not while it is going on").toBe(false);
  await backend.step();
  const step = await stepOf(events);
  expect(await backend.openDevice(on("gpu"))).toMatchObject({ ok: true, value: { name: "Apple M2" } });
  expect(open).toEqual(["gpu"]);
  const told = `${name} was trained on CPU until step ${step}. It continues on Apple M2: as good, but not bit for bit the same run.`;
  await vi.waitFor(() => expect(notices()).toEqual([told]));
  expect(events.findLast((event) => event.type === "run")).toMatchObject({ run: { id, step, phase: "paused" } });
  await backend.step();
  await backend.step();
  await backend.stop();
  expect(await devicesOf(id)).toEqual([["CPU", 0], ["Apple M2", step]]);
  expect(await backend.performance()).toMatchObject({ ok: true, value: { devices: [{ name: "CPU", fromStep: 0 }, { name: "Apple M2", fromStep: step }] } });
  close();
});

it("stays where it was when the run finds no room on the other device", async () => {
  const { backend, events, close } = await openPage();
  await backend.start(LONG, DATA);
  await backend.step();
  full = "gpu";
  expect(await backend.openDevice(on("gpu"))).toMatchObject({ ok: false, failure: { message: "It refuses." } });
  expect(open).toEqual(["cpu"]);
  const step = await stepOf(events);
  expect((await backend.step()).ok).toBe(true);
  expect(await stepOf(events)).toBe(step + 1);
  await backend.stop();
  close();
});

it("leaves a run that is over on its device, where it still answers, until the next one begins on the other", async () => {
  const { backend, events, close } = await openPage();
  await backend.start(LONG, DATA);
  await backend.stop();
  expect((await backend.openDevice(on("gpu"))).ok).toBe(true);
  expect(open).toEqual(["cpu", "gpu"]);
  await backend.generate({ prompt: "ab", temperature: 1, topK: 0, topP: 1, maxTokens: 3, seed: 1 });
  await vi.waitFor(() => expect(events).toContainEqual(expect.objectContaining({ type: "generated", done: true })), { timeout: 10_000 });
  expect(events.some((event) => event.type === "failure")).toBe(false);
  await backend.start(LONG, DATA);
  expect(open).toEqual(["gpu"]);
  await backend.stop();
  close();
});
