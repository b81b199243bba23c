/**
 * Tuning between the runs of one browser: what was found is kept, a run keeps what it was given. The device is the CPU runtime under
 * the name of the other, so that there are variants to choose; which kernels a run has is seen in the texts it loads.
 */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createMemoryStore } from "../data/store/memory";
import { memoryTokenSource, openTokenSource } from "../data/tokenSource";
import { openReferenceRuntime } from "../engine/runtime/reference";
import type { Runtime } from "../engine/runtime/runtime";
import { type CheckpointStore, openCheckpoints } from "../training/checkpointStore";
import { decodeChoices, encodeChoices } from "../training/kernelChoices";
import { createMemorySlots } from "../training/slots/memory";
import { tinySettings } from "../training/testing/tinyRun";
import { openRuntime } from "./device";
import type { PreparedData, TrainBackend, TrainEvent } from "./protocol";
import { createTrainBackend } from "./trainBackend";
import { openTuningStore } from "./tuningStore";

vi.mock(import("../data/tokenSource"), async (original) => ({ ...(await original()), openTokenSource: vi.fn() }));
// Its programs are made of kernels alone, which the CPU cannot run.
vi.mock(import("../engine/runtime/ceilings"), () => ({ measureCeilings: () => Promise.resolve({ flopsPerSecond: 1e9, bytesPerSecond: 1e9, dispatchSeconds: 1e-5 }) }));
vi.mock(import("./device"), async (original) => ({ ...(await original()), openRuntime: vi.fn() }));

const FILE = "tuning/choices.json";
const DATA: PreparedData = {
  datasetId: "d", datasetName: "D", tokenizerId: "bytes", tokenizer: JSON.stringify({ tokenizer: "bytes" }), vocabularySize: 256, shard: "d.bin", bytesPerToken: 1, tokens: 2000,
  trainTokens: 1800, hash: "", baselines: { uniform: 1, unigram: 1, bigram: 1 },
};

/** Texts of the newest program "gradients" that was loaded. */
let texts: string[] = [];

beforeEach(() => {
  vi.stubGlobal("navigator", {});
  vi.mocked(openTokenSource).mockImplementation(() => Promise.resolve(memoryTokenSource(Uint32Array.from({ length: 2000 }, (_, i) => (i * i) % 97))));
  vi.mocked(openRuntime).mockImplementation(() => {
    // The slow one, so that there is time to press buttons.
    const cpu = openReferenceRuntime();
    const runtime: Runtime = {
      ...cpu,
      kind: "webgpu",
      load: (program, memory, onKernel) => {
        if (program.name === "gradients") texts = program.kernels.map(({ code }) => code);
        return cpu.load(program, memory, onKernel);
      },
    };
    return Promise.resolve({ runtime, identity: "an adapter", summary: { runtime: "webgpu", name: "A", detail: "", slow: false, defaults: {} } });
  });
});

afterEach(() => vi.unstubAllGlobals());

interface Session {
  readonly backend: TrainBackend;
  readonly events: TrainEvent[];
}

/** A page that was opened anew: nothing in memory, the same files. */
async function openPage(files: ReturnType<typeof createMemoryStore>, checkpoints: CheckpointStore, browser = "Browser 1"): Promise<Session> {
  const backend = createTrainBackend(checkpoints, openTuningStore(files, () => Promise.resolve(browser)));
  const events: TrainEvent[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<TrainEvent>) => void events.push(data);
  await backend.attach(port2);
  return { backend, events };
}

async function trainOnce({ backend }: Session): Promise<string> {
  const started = await backend.start(tinySettings({ steps: 2000, validationEvery: 2000 }), DATA);
  if (!started.ok) throw new Error(started.failure.message);
  await backend.stop();
  return started.value.id;
}

/** Events cross a port: they arrive a turn later. */
async function tunings({ events }: Session): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return events.flatMap((event) => (event.type === "progress" && event.text.startsWith("Tuning kernels") ? [event.text] : []));
}

async function notices({ events }: Session): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
}

it("tunes at the first run, not at the second, and again in another browser or when the file is damaged", async () => {
  const files = createMemoryStore();
  const checkpoints = openCheckpoints(createMemorySlots());
  const first = await openPage(files, checkpoints);
  const preview = await first.backend.preview(tinySettings(), 256);
  expect(preview.ok).toBe(true);
  expect(await tunings(first)).toEqual([]);
  await trainOnce(first);
  expect((await tunings(first))[0]).toMatch(/^Tuning kernels: 0 of \d+$/);
  const again = await openPage(files, checkpoints);
  await trainOnce(again);
  expect(await tunings(again)).toEqual([]);
  const updated = await openPage(files, checkpoints, "Browser 2");
  await trainOnce(updated);
  expect(await tunings(updated)).not.toEqual([]);
  files.files.get(FILE)![70]! ^= 1;
  const damaged = await openPage(files, checkpoints, "Browser 2");
  await trainOnce(damaged);
  expect(await tunings(damaged)).not.toEqual([]);
  expect(await notices(damaged)).toEqual([]);
  // Three times the two seconds of a tuner, and whatever else the processors have to do.
}, 90_000);

it("tunes while the page rests, so that Train does not; tuning is forgotten when somebody asks for it", async () => {
  const files = createMemoryStore();
  const page = await openPage(files, openCheckpoints(createMemorySlots()));
  expect((await page.backend.preview(tinySettings({ steps: 2000, validationEvery: 2000 }), 256)).ok).toBe(true);
  const isTuned = (): boolean => /"settled":\["/.test(new TextDecoder().decode(files.files.get(FILE)));
  await vi.waitFor(() => expect(isTuned()).toBe(true), { timeout: 20_000, interval: 50 });
  await trainOnce(page);
  expect(await tunings(page)).toEqual([]);
  expect((await page.backend.forgetTuning()).ok).toBe(true);
  expect(isTuned()).toBe(false);
  await trainOnce(page);
  expect(await tunings(page)).not.toEqual([]);
});

it("a press on Train calls off what is tuned at rest, and waits for what is left of it", async () => {
  const page = await openPage(createMemoryStore(), openCheckpoints(createMemorySlots()));
  await page.backend.preview(tinySettings({ steps: 2000, validationEvery: 2000 }), 256);
  // Work at rest begins after 0.4 seconds.
  await new Promise((resolve) => setTimeout(resolve, 450));
  await trainOnce(page);
  expect((await tunings(page))[0]).toMatch(/^Tuning kernels: 0 of \d+$/);
});

it("goes on with a run's own kernels, whatever the browser knows by now; without them it says so", async () => {
  const files = createMemoryStore();
  const checkpoints = openCheckpoints(createMemorySlots());
  const id = await trainOnce(await openPage(files, checkpoints));
  const { state } = await checkpoints.load(id);
  const tuned = decodeChoices(state!.manifest.kernelChoices);
  const own = Object.fromEntries(Object.entries(tuned).map(([key, variant]) => [key, key.startsWith("rows") ? (variant === "1" ? "32" : "1") : variant]));
  const tunedTexts = texts;
  const load = async (kernelChoices: string): Promise<Session> => {
    await checkpoints.save({ ...state!, manifest: { ...state!.manifest, kernelChoices } });
    const page = await openPage(files, checkpoints);
    expect((await page.backend.restore(id)).ok).toBe(true);
    return page;
  };

  const page = await load(encodeChoices(own));
  const ownTexts = texts;
  expect(ownTexts).not.toEqual(tunedTexts);
  expect([await notices(page), await tunings(page)]).toEqual([[], []]);
  await page.backend.step();
  await page.backend.stop();
  expect(decodeChoices((await checkpoints.load(id)).state!.manifest.kernelChoices)).toEqual(own);

  const kept = await load(encodeChoices(tuned));
  expect(texts).toEqual(tunedTexts);
  expect(await notices(kept)).toEqual([]);
  for (const gone of ["fixed", "{", encodeChoices({ ...own, [Object.keys(own)[0]!]: "gone" })]) {
    expect(await notices(await load(gone))).toEqual([expect.stringContaining("continues with other kernels")]);
  }
});
