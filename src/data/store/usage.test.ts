import { beforeEach, describe, expect, it } from "vitest";
import type { FailureError } from "../../settings/failure";
import { type Datasets, openDatasets, textSource } from "../datasets";
import { type MemoryDisk, createMemoryDisk } from "./memoryStore";
import { noteRuns, readRuns } from "./runs";
import { listUsage } from "./usage";

let disk: MemoryDisk;
let datasets: Datasets;
beforeEach(async () => {
  disk = await createMemoryDisk();
  datasets = openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: () => Promise.reject(new Error("no sample")) });
});

const RUN = { id: "r1", name: "calm-otter", step: 7, settings: '{"steps":9}', shard: "shards/gone.bytes-1.tok", updatedAt: 5 };

async function layRun(): Promise<void> {
  disk.files.files.set("runs/r1/A.ckpt", new Uint8Array(3000));
  disk.files.files.set("runs/r1/B.ckpt", new Uint8Array(500_000));
  await noteRuns(disk.database, disk.files, [RUN]);
}

describe("what takes room", () => {
  it("is named with its bytes, the biggest first", async () => {
    const { id } = await datasets.importText(textSource("fox.txt", "The fox. ".repeat(500)));
    await datasets.prepare(id, "bytes", 0.1);
    await layRun();
    const usage = listUsage(disk.database);
    expect(usage.map(({ kind, name }) => [kind, name])).toEqual([
      ["run", "Run calm-otter"], ["other", "The database"], ["dataset", "fox.txt"], ["tokens", "Tokens of fox.txt"],
    ]);
    const blobs = [...disk.files.files].filter(([path]) => path.startsWith("blobs/")).reduce((sum, [, bytes]) => sum + bytes.length, 0);
    expect(usage.map(({ bytes }) => bytes)).toEqual([503_000, disk.database.bytes(), blobs, 4500]);
  });

  it("is named when there is no room left, before anything is written", async () => {
    await datasets.importText(textSource("fox.txt", "The fox. ".repeat(500)));
    await layRun();
    disk.files.room = 10;
    const calls = disk.files.calls();
    const failure = await datasets.importText(textSource("more.txt", "More text.")).then(() => undefined, (error: FailureError) => error.failure);
    expect(failure).toBeUndefined();
    await expect(datasets.importText(textSource("much.txt", "Much more text."))).rejects.toThrow(
      "Storing much.txt failed: the browser has no room left for this site. The biggest here: Run calm-otter (0.5 MB), fox.txt (5 kB), more.txt (1 kB).",
    );
    expect((await datasets.list()).filter(({ origin }) => origin === "user").map(({ name }) => name)).toEqual(["fox.txt", "more.txt"]);
    expect(disk.files.calls()).toBeGreaterThan(calls);
    await expect(datasets.startRows(11)).rejects.toThrow("no room left");
  });

  it("is named when the disk is found full half way", async () => {
    await layRun();
    disk.files.failAt(2);
    await expect(datasets.importText(textSource("fox.txt", "The fox. "))).rejects.toThrow("Run calm-otter (0.5 MB)");
  });
});

describe("runs", () => {
  it("are listed as their checkpoints tell, and go when they are gone", async () => {
    await layRun();
    expect(readRuns(disk.database)).toEqual([{ ...RUN, bytes: 503_000 }]);
    await noteRuns(disk.database, disk.files, []);
    expect(readRuns(disk.database)).toEqual([]);
  });

  it("keep their tokens when the dataset is removed, until they are gone", async () => {
    const { id } = await datasets.importText(textSource("fox.txt", "The fox. ".repeat(500)));
    const { shard } = await datasets.prepare(id, "bytes", 0.1);
    await noteRuns(disk.database, disk.files, [{ ...RUN, shard }]);
    await datasets.remove(id);
    expect(disk.files.files.has(shard)).toBe(true);
    expect(listUsage(disk.database)).toContainEqual({ id: shard, kind: "tokens", name: "Tokens of a saved run", bytes: 4500 });
    await noteRuns(disk.database, disk.files, []);
    await datasets.tidy();
    expect(disk.files.files.has(shard)).toBe(false);
  });
});
