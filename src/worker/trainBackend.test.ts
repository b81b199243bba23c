/** The backend on the CPU runtime (Node has no WebGPU), its tokens in memory: commands that come at once, starts that are refused. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type TokenSource, memoryTokenSource, openTokenSource } from "../data/tokenSource";
import { openCheckpoints } from "../training/checkpointStore";
import { createMemorySlots } from "../training/slots/memory";
import { tinySettings } from "../training/testing/tinyRun";
import type { PreparedData } from "./protocol";
import { createTrainBackend } from "./trainBackend";

vi.mock(import("../data/tokenSource"), async (original) => ({ ...(await original()), openTokenSource: vi.fn() }));

const TOKENS = Uint32Array.from({ length: 2000 }, (_, i) => (i * i) % 97);
let opened = 0;
let closed = 0;

beforeEach(() => {
  opened = closed = 0;
  vi.stubGlobal("navigator", {});
  vi.mocked(openTokenSource).mockImplementation(() => {
    opened += 1;
    const source: TokenSource = memoryTokenSource(TOKENS);
    return Promise.resolve({ ...source, close: () => void (closed += 1) });
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

it("closes the tokens of a run that could not be made ready", async () => {
  const backend = createTrainBackend(openCheckpoints(createMemorySlots()));
  const refused = await backend.start(tinySettings(), bytesWith(1999));
  expect(refused.ok ? "" : refused.failure.kind).toBe("bad-settings");
  expect([opened, closed]).toEqual([1, 1]);
});
