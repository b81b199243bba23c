/** The real private file system, real encodings and the real data worker, in Chromium. Handles exist in dedicated workers only. */
import { type Remote, proxy, wrap } from "comlink";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DataBackend, Result } from "./protocol";
import type { OpfsProbe } from "../data/store/opfsProbe.worker";

const workers: Worker[] = [];

function startData(): Remote<DataBackend> {
  const worker = new Worker(new URL("./data.worker.ts", import.meta.url), { type: "module" });
  workers.push(worker);
  return wrap<DataBackend>(worker);
}

function startProbe(): Remote<OpfsProbe> {
  const worker = new Worker(new URL("../data/store/opfsProbe.worker.ts", import.meta.url), { type: "module" });
  workers.push(worker);
  return wrap<OpfsProbe>(worker);
}

function stopWorkers(): void {
  for (const worker of workers.splice(0)) worker.terminate();
}

async function clearStorage(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  // A worker that was just ended keeps its files for some moments.
  for (;;) {
    const problem = await root.removeEntry("descent", { recursive: true }).then(() => "", (error: DOMException) => error.name);
    if (problem === "" || problem === "NotFoundError") return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function valueOf<T>(result: Promise<Result<T>>): Promise<T> {
  const answer = await result;
  if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
  return answer.value;
}

beforeEach(clearStorage);
afterEach(stopWorkers);

const TEXT = "Größe, 😀 and œuvre.\nThe quick brown fox.\n".repeat(200);

describe("the data worker on the private file system", () => {
  it("keeps a dataset over a reload, with its shard, which another worker reads", async () => {
    const first = startData();
    const progress: number[] = [];
    const summary = await valueOf(first.importFile(new File([TEXT], "fox.txt"), proxy((step) => void progress.push(step.bytesRead))));
    const prepared = await valueOf(first.prepare(summary.id, "bytes", 0.1));
    stopWorkers();

    const second = startData();
    expect((await valueOf(second.listDatasets())).find(({ id }) => id === summary.id)).toMatchObject({ name: "fox.txt", bytes: summary.bytes });
    expect(await valueOf(second.readText(summary.id, 12))).toBe("Größe, 😀 and");
    expect(await valueOf(second.prepare(summary.id, "bytes", 0.1))).toEqual(prepared);
    expect(progress.at(-1)).toBe(summary.bytes);

    const bytes = Array.from(new TextEncoder().encode(TEXT));
    const probe = startProbe();
    for (const memoryBytes of [0, 1e9]) expect(await probe.readTokens(prepared, memoryBytes)).toEqual(bytes);

    expect(await valueOf(second.removeDataset(summary.id))).toBeNull();
    expect(await probe.listFiles()).toEqual([]);
  });

  it("refuses a picture and leaves nothing behind", async () => {
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
    const answer = await startData().importFile(new File([png], "notes.txt"), proxy(() => undefined));
    expect(answer).toMatchObject({ ok: false, failure: { kind: "bad-file", message: expect.stringContaining("a PNG image") } });
    expect(await startProbe().listFiles()).toEqual([]);
  });

  it("finds a legacy encoding with the browser's own decoder", async () => {
    // 0x92 is the curly apostrophe in windows-1252 and a control character in ISO-8859-1.
    const bytes = Uint8Array.from("L\x92\xe9t\xe9 \xe0 l\x92h\xf4tel o\xf9 No\xebl est f\xeat\xe9. ".repeat(20), (c) => c.charCodeAt(0));
    const data = startData();
    const { id, notes } = await valueOf(data.importFile(new File([bytes], "ete.txt"), proxy(() => undefined)));
    expect(await valueOf(data.readText(id, 34))).toBe("L’été à l’hôtel où Noël est fêté. ");
    expect(notes?.[0]).toContain("windows-1252");
  });

  it("fetches a sample through the development server and prepares it", async () => {
    const data = startData();
    const prepared = await valueOf(data.prepare("moby-dick", "characters", 0.1));
    expect(prepared).toMatchObject({ datasetName: "Moby-Dick", vocabularySize: 90, bytesPerToken: 1 });
    expect(prepared.baselines.bigram).toBeLessThan(prepared.baselines.unigram);
  });
});

describe("the database, held by one worker", () => {
  it("is handed to another that asks, as when a tab that hangs is taken over", async () => {
    const hung = startData();
    const { id } = await valueOf(hung.importText("fox.txt", TEXT));
    const next = startData();
    expect((await valueOf(next.listDatasets())).find((dataset) => dataset.id === id)).toMatchObject({ name: "fox.txt" });
    expect(await hung.listDatasets()).toMatchObject({ ok: false, failure: { kind: "busy", message: expect.stringContaining("Another tab of Descent has taken over") } });
    expect(await valueOf(next.readText(id, 5))).toBe("Größe");
    await valueOf(next.importText("second.txt", "A second text."));
    expect((await valueOf(next.listDatasets())).filter(({ origin }) => origin === "user")).toHaveLength(2);
  });

  it("is there again at once after its worker ended", async () => {
    for (let round = 0; round < 3; round++) {
      await valueOf(startData().importText(`text ${round}`, `Text number ${round}.`));
      stopWorkers();
    }
    expect((await valueOf(startData().listDatasets())).filter(({ origin }) => origin === "user")).toHaveLength(3);
  });

  it("is whole, and commits within milliseconds", async () => {
    const { check, milliseconds } = await startProbe().timeCommits(40);
    expect(check).toBe("ok");
    expect(milliseconds).toHaveLength(40);
    console.info(`A commit takes ${milliseconds.toSorted((a, b) => a - b)[20]!.toFixed(1)} ms (median of 40).`);
  });
});

it("a backup is a file that brings everything back", async () => {
  const data = startData();
  const { id } = await valueOf(data.importText("fox.txt", TEXT));
  stopWorkers();
  const { before, between, after, name, bytes } = await startProbe().backUpAndRestore();
  expect([before, between, after]).toEqual([["fox.txt"], [], ["fox.txt"]]);
  expect(name).toMatch(/^descent-\d{4}-\d\d-\d\d\.tar$/);
  expect(bytes).toBeGreaterThan(new TextEncoder().encode(TEXT).length);
  stopWorkers();
  expect(await valueOf(startData().readText(id, 1e6))).toBe(TEXT);
});

describe("the private file system as a store", () => {
  it("writes, restarts, moves over an old file, reads, lists and removes", async () => {
    expect(await startProbe().exerciseStore()).toEqual({ size: 5, text: "third", part: "hir", listed: ["a.txt"], afterRemoval: [], missing: true });
  });

  it("lets two workers read one file at once", async () => {
    expect(await Promise.all([startProbe().readTwice(), startProbe().readTwice()])).toEqual([5, 5]);
  });
});
