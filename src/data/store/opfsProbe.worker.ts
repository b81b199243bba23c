/** Test worker: runs the private file system where it works, in a dedicated worker, and answers with plain data. */
import { expose } from "comlink";
import { makeBackup } from "../backup/backup";
import { restoreBackup } from "../backup/restore";
import { readDatasets } from "../datasets/rows";
import { openTokenSource } from "../tokenSource";
import type { PreparedData } from "../types";
import { openOpfs } from "./opfs";
import { openOpfsDatabase } from "./opfsDatabase";
import { openStore, tidyStore } from "./store";

const store = openOpfs();

async function writeFile(path: string, ...texts: string[]): Promise<void> {
  const writer = await store.create(path);
  for (const text of texts) writer.write(new TextEncoder().encode(text));
  writer.flush();
  writer.close();
}

const probe = {
  async readTokens({ shard, bytesPerToken, tokens }: PreparedData, memoryBytes: number): Promise<number[]> {
    const source = await openTokenSource(shard, bytesPerToken, tokens, { memoryBytes });
    const out = new Uint32Array(source.length);
    const half = source.length >> 1;
    source.read(half, out, half, source.length - half);
    source.read(0, out, 0, half);
    source.close();
    return Array.from(out);
  },

  async listFiles(): Promise<string[]> {
    const folders = ["blobs", "shards", "unfinished"];
    return (await Promise.all(folders.map(async (folder) => (await store.list(folder)).map((name) => `${folder}/${name}`)))).flat();
  },

  async exerciseStore(): Promise<Record<string, unknown>> {
    await writeFile("probe/a.txt", "fi", "rst");
    const writer = await store.create("probe/b.txt");
    writer.write(new TextEncoder().encode("second"));
    writer.restart();
    writer.write(new TextEncoder().encode("third"));
    writer.flush();
    writer.close();
    await store.move("probe/b.txt", "probe/a.txt");
    const file = (await store.open("probe/a.txt"))!;
    const sync = (await store.openSync("probe/a.txt"))!;
    const part = new Uint8Array(3);
    sync.read(1, part);
    sync.close();
    const text = new TextDecoder().decode(await file.read(0, 9));
    const listed = await store.list("probe");
    await store.remove("probe/a.txt");
    await store.remove("probe/a.txt");
    return {
      size: file.size,
      text,
      part: new TextDecoder().decode(part),
      listed,
      afterRemoval: await store.list("probe"),
      missing: (await store.open("probe/a.txt")) === undefined && (await store.list("nowhere")).length === 0,
    };
  },

  /** One row a commit. */
  async timeCommits(count: number): Promise<{ check: unknown; milliseconds: number[] }> {
    const database = await openOpfsDatabase();
    const milliseconds: number[] = [];
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      database.run("INSERT INTO recipes VALUES (?, ?, '[]', 0)", `probe-${i}`, "x".repeat(200));
      milliseconds.push(performance.now() - began);
    }
    const [row] = database.all("PRAGMA integrity_check");
    database.run("DELETE FROM recipes");
    database.close();
    return { check: row?.["integrity_check"], milliseconds };
  },

  /** Backs up what is here, forgets it, and brings it back. Names of the datasets before and after, and what was restored. */
  async backUpAndRestore(): Promise<{ before: string[]; between: string[]; after: string[]; name: string; bytes: number; runs: number }> {
    const database = await openOpfsDatabase();
    const opened = openStore(store, database);
    const own = (): string[] => readDatasets(database).map(({ name }) => name);
    const before = own();
    const { name, file } = await makeBackup(opened);
    database.run("DELETE FROM datasets");
    await tidyStore(opened);
    const between = own();
    const { runs } = await restoreBackup(opened, file);
    const after = own();
    database.close();
    return { before, between, after, name, bytes: file.size, runs };
  },

  async readTwice(): Promise<number> {
    await store.exclusively(() => writeFile("probe/shared.txt", "hello"));
    const reader = await store.openSync("probe/shared.txt");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const size = reader!.size;
    reader!.close();
    return size;
  },
};

export type OpfsProbe = typeof probe;
expose(probe);
