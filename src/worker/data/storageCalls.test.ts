import { expect, it } from "vitest";
import { openDatasets, textSource } from "../../data/datasets";
import { createMemoryDisk } from "../../data/store/memoryStore";
import { readRuns } from "../../data/store/runs";
import { openStore } from "../../data/store/store";
import type { Result } from "../protocol";
import { createStorageCalls } from "./storageCalls";
import { createWorks } from "./works";

async function valueOf<T>(result: Promise<Result<T>>): Promise<T> {
  const answer = await result;
  if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
  return answer.value;
}

async function openMachine() {
  const disk = await createMemoryDisk();
  const run = { id: "r1", name: "calm-otter", step: 7, settings: "{}", shard: "shards/x.tok", updatedAt: 1 };
  disk.files.files.set("runs/r1/A.ckpt", new Uint8Array(900_000));
  const datasets = openDatasets({ openStore: async () => openStore(disk.files, disk.database, async () => [run]), fetchSample: () => Promise.reject(new Error("none")) });
  const works = createWorks();
  const browser = { estimate: async () => ({ usage: 5e6, quota: 1e10 }), persisted: async () => true };
  return { disk, datasets, works, calls: createStorageCalls(datasets, works, browser) };
}

it("tells what is kept, how safely, and what is the biggest", async () => {
  const { calls, datasets } = await openMachine();
  await datasets.importText(textSource("fox.txt", "The fox. ".repeat(100)));
  const report = await valueOf(calls.storage());
  expect(report).toMatchObject({ persisted: true, usedBytes: 5e6, quotaBytes: 1e10 });
  expect(report.items[0]).toEqual({ id: "r1", kind: "run", name: "Run calm-otter", bytes: 900_000 });
  expect(report.items.find(({ kind }) => kind === "dataset")).toMatchObject({ name: "fox.txt" });
});

it("backs everything up and brings it back, and both can be called off", async () => {
  const one = await openMachine();
  await one.datasets.importText(textSource("fox.txt", "The fox. ".repeat(100)));
  const { file } = await valueOf(one.calls.backup(1, () => undefined));
  const two = await openMachine();
  two.disk.files.files.clear();
  expect(await valueOf(two.calls.restoreBackup(file, 2, () => undefined))).toMatchObject({ datasets: 1, runs: 1 });
  expect(readRuns(two.disk.database)).toHaveLength(1);
  two.works.cancel(3);
  expect(await two.calls.restoreBackup(file, 3, () => undefined)).toMatchObject({ ok: false, failure: { kind: "canceled" } });
  one.works.cancel(4);
  expect(await one.calls.backup(4, () => undefined)).toMatchObject({ ok: false, failure: { kind: "canceled" } });
});
