/** Which device is taken: fake GPUs beside fake CPUs, their speed by the word of the test. What is not taken is closed. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createMemoryStore } from "../data/store/memory";
import { openCpuRuntime } from "../engine/runtime/cpu";
import { hasVectors } from "../engine/runtime/cpu/features";
import { openDevice } from "../engine/runtime/device";
import { openReferenceRuntime } from "../engine/runtime/reference";
import type { Runtime } from "../engine/runtime/runtime";
import { openWebGpuRuntime } from "../engine/runtime/webgpu";
import { parseMachine } from "../settings/machine";
import { measureProduct } from "../training/preview";
import { openRuntime } from "./device";
import { startThread } from "./threads";
import { openTuningStore } from "./tuningStore";

vi.mock(import("../engine/runtime/cpu"), () => ({ openCpuRuntime: vi.fn() }));
vi.mock(import("../engine/runtime/cpu/features"), async (original) => ({ ...(await original()), hasVectors: vi.fn() }));
vi.mock(import("../engine/runtime/device"), () => ({ openDevice: vi.fn() }));
vi.mock(import("../engine/runtime/webgpu"), () => ({ openWebGpuRuntime: vi.fn() }));
vi.mock(import("../training/preview"), async (original) => ({ ...(await original()), measureProduct: vi.fn() }));
vi.mock(import("./threads"), async (original) => ({ ...(await original()), startThread: vi.fn() }));

/** Multiplications and additions per second. */
const rates = { webgpu: 0, cpu: 0 };
/** What was opened and closed, and measured, in order. */
let events: string[] = [];

function fake(kind: Runtime["kind"]): Runtime {
  events.push(`open ${kind}`);
  return { ...openReferenceRuntime(), kind, destroy: () => void events.push(`close ${kind}`) };
}

function offerAdapter(adapter: "none" | "real" | "emulated"): void {
  vi.stubGlobal("navigator", { gpu: {}, hardwareConcurrency: 4 });
  const software = adapter === "emulated";
  const opened = { device: { addEventListener: () => {} }, target: {}, name: software ? "SwiftShader (software)" : "Apple M2", software, features: [], subgroupSize: undefined, identity: adapter };
  vi.mocked(openDevice).mockResolvedValue(adapter === "none" ? undefined : (opened as unknown as Awaited<ReturnType<typeof openDevice>>));
}

beforeEach(() => {
  events = [];
  vi.mocked(openCpuRuntime).mockImplementation(() => fake("cpu"));
  vi.mocked(openWebGpuRuntime).mockImplementation(() => fake("webgpu"));
  vi.mocked(hasVectors).mockReturnValue(true);
  vi.mocked(measureProduct).mockImplementation(({ kind }) => {
    events.push(`measure ${kind}`);
    return Promise.resolve(rates[kind]);
  });
  vi.mocked(startThread).mockImplementation(() => ({ post: () => {}, onReady: (then) => then(), terminate: () => {} }));
});
afterEach(() => vi.unstubAllGlobals());

const openStore = (files = createMemoryStore()) => openTuningStore(files, () => Promise.resolve("Browser 1"));
const open = (device: string, store = openStore()) => openRuntime({ settings: parseMachine({ device }, 4), store, onError: () => {} });

it("takes a real GPU without opening, measuring or starting anything else", async () => {
  offerAdapter("real");
  vi.stubGlobal("crossOriginIsolated", true);
  for (const device of ["automatic", "gpu"]) expect((await open(device)).summary).toMatchObject({ name: "Apple M2", slow: false });
  expect(events).toEqual(["open webgpu", "open webgpu"]);
  expect(startThread).not.toHaveBeenCalled();
});

it("takes the faster of an emulated GPU and the CPU, tells why, and measures once", async () => {
  offerAdapter("emulated");
  const files = createMemoryStore();
  Object.assign(rates, { webgpu: 8e9, cpu: 6e10 });
  const first = await open("automatic", openStore(files));
  expect(first.summary).toMatchObject({ runtime: "cpu", reason: "The GPU here is emulated (SwiftShader (software)). Measured: CPU is 7.5 times as fast as SwiftShader (software)." });
  expect(events).toEqual(["open webgpu", "open cpu", "measure webgpu", "measure cpu", "close webgpu"]);
  Object.assign(rates, { webgpu: 6e10, cpu: 8e9 });
  events = [];
  expect((await open("automatic", openStore(files))).summary.runtime).toBe("cpu");
  expect(events).toEqual(["open webgpu", "open cpu", "close webgpu"]);
  events = [];
  expect((await open("automatic")).summary).toMatchObject({ runtime: "webgpu", name: "SwiftShader (software)" });
  expect(events.at(-1)).toBe("close cpu");
});

it("takes the other where one cannot be measured", async () => {
  offerAdapter("emulated");
  vi.mocked(measureProduct).mockImplementation(({ kind }) => (kind === "webgpu" ? Promise.reject(new Error("refused")) : Promise.resolve(1e9)));
  const { summary } = await open("automatic");
  expect(summary.runtime).toBe("cpu");
  expect(summary.reason).toBeUndefined();
});

it("does what it is told: the CPU beside a GPU, an emulated GPU beside a faster CPU", async () => {
  offerAdapter("real");
  expect((await open("cpu")).summary).toMatchObject({ runtime: "cpu", name: "CPU" });
  expect((await open("cpu")).summary.notice).toBeUndefined();
  offerAdapter("emulated");
  expect((await open("gpu")).summary.runtime).toBe("webgpu");
  expect(events).toEqual(["open cpu", "open cpu", "open webgpu"]);
});

it("says why there is no GPU, whichever was asked for but the CPU", async () => {
  offerAdapter("none");
  for (const device of ["automatic", "gpu"]) expect((await open(device)).summary).toMatchObject({ runtime: "cpu", notice: { kind: "no-webgpu" } });
  expect((await open("cpu")).summary.notice).toBeUndefined();
});

it("counts threads by what is wished and allowed", async () => {
  offerAdapter("none");
  const detail = async (cpuThreads: string, cores: number): Promise<string> => {
    vi.stubGlobal("navigator", { hardwareConcurrency: cores });
    return (await openRuntime({ settings: parseMachine({ device: "cpu", cpuThreads }, cores), store: openStore(), onError: () => {} })).summary.detail;
  };
  expect(await detail("all", 8)).toBe("WebAssembly, f32, 1 thread");
  vi.stubGlobal("crossOriginIsolated", true);
  expect(await detail("all", 8)).toBe("WebAssembly, f32, 8 threads");
  expect(await detail("all-but-one", 8)).toBe("WebAssembly, f32, 7 threads");
  expect(await detail("half", 8)).toBe("WebAssembly, f32, 4 threads");
  expect(await detail("half", 1)).toBe("WebAssembly, f32, 1 thread");
  expect(await detail("all", 128)).toBe("WebAssembly, f32, 16 threads");
  expect(await detail("unheard of", 2)).toBe("WebAssembly, f32, 2 threads");
  expect(await detail("unheard of", 4)).toBe("WebAssembly, f32, 3 threads");
  vi.mocked(hasVectors).mockReturnValue(false);
  expect((await open("cpu")).summary).toMatchObject({ detail: "plain CPU, f32, 1 thread", defaults: { width: 32 } });
});
