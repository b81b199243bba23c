import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { type Datasets, openDatasets, textSource } from "../datasets";
import { type MemoryDisk, createMemoryDisk } from "../store/memoryStore";
import { noteRuns, readRuns } from "../store/runs";
import { makeBackup } from "./backup";
import { BACKUP_VERSION, manifestName } from "./content";
import { restoreBackup } from "./restore";
import { listMembers, paddingFor, tarEnd, tarHeader } from "./tar";

const FOX = "The quick brown fox.\n\nThen it sleeps. Größe 😀\n".repeat(60);
const RUN = { id: "r1", name: "calm-otter", step: 7, settings: "{}", updatedAt: 5 };

interface Machine {
  readonly disk: MemoryDisk;
  readonly datasets: Datasets;
}

async function newMachine(): Promise<Machine> {
  const disk = await createMemoryDisk();
  return { disk, datasets: openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: () => Promise.reject(new Error("no sample")) }) };
}

/** A machine with a text that was edited, its run with tokens, a recipe and a tokenizer. */
async function newFullMachine(): Promise<Machine> {
  const machine = await newMachine();
  const { disk, datasets } = machine;
  const { id } = await datasets.importText(textSource("fox.txt", FOX));
  await datasets.editCell(id, { row: 0, column: "text" }, "Edited. ");
  const { shard } = await datasets.prepare(id, "bytes", 0.1);
  disk.files.files.set("runs/r1/A.ckpt", new Uint8Array(3000).fill(1));
  disk.files.files.set("runs/r1/B.ckpt", new Uint8Array(777).fill(2));
  await noteRuns(disk.database, disk.files, [{ ...RUN, shard }]);
  disk.database.run("INSERT INTO recipes VALUES ('a', 'My recipe', '[]', 0)");
  disk.database.run("INSERT INTO tokenizers (id, name, kind, vocabulary_size, notes, content, saved_at) VALUES ('t', 'My BPE', 'bpe', 300, '[]', '{}', 0)");
  return machine;
}

const own = async ({ datasets }: Machine): Promise<string[]> => (await datasets.list()).filter(({ origin }) => origin === "user").map(({ name }) => name);
const textOf = async ({ datasets }: Machine, name: string): Promise<string> =>
  datasets.readText((await datasets.list()).find((dataset) => dataset.name === name)!.id, 1e6);

let from: Machine;
let file: File;
beforeEach(async () => {
  from = await newFullMachine();
  file = (await makeBackup(from.disk.open(), { now: Date.UTC(2026, 10, 21) })).file;
});

describe("a backup", () => {
  it("brings everything back on a new machine", async () => {
    expect(file.name).toBe("descent-2026-11-21.tar");
    const to = await newMachine();
    const progress: number[] = [];
    const summary = await restoreBackup(to.disk.open(), file, { onProgress: (bytes, total) => progress.push(bytes / total) });
    expect(summary).toMatchObject({ datasets: 1, runs: 1, tokenizers: 1 });
    expect(await own(to)).toEqual(["fox.txt"]);
    expect(await textOf(to, "fox.txt")).toBe(await textOf(from, "fox.txt"));
    expect(await textOf(to, "fox.txt")).toMatch(/^Edited\. /);
    expect(readRuns(to.disk.database)).toEqual(readRuns(from.disk.database));
    for (const path of ["runs/r1/A.ckpt", "runs/r1/B.ckpt", readRuns(from.disk.database)[0]!.shard]) {
      expect(to.disk.files.files.get(path), path).toEqual(from.disk.files.files.get(path));
    }
    // The tokens are found, not made again.
    const { id } = (await to.datasets.list()).find(({ name }) => name === "fox.txt")!;
    expect((await to.datasets.prepare(id, "bytes", 0.1)).shard).toBe(readRuns(from.disk.database)[0]!.shard);
    expect(progress.at(-1)).toBeLessThanOrEqual(1);
    await to.datasets.tidy();
    expect(await textOf(to, "fox.txt")).toMatch(/^Edited\. /);
    expect([...to.disk.files.files.keys()].filter((path) => path.startsWith("unfinished/"))).toEqual([]);
  });

  it("keeps once what is here already", async () => {
    const before = JSON.stringify(from.disk.database.all("SELECT * FROM datasets"));
    expect(await restoreBackup(from.disk.open(), file)).toEqual({ datasets: 0, runs: 0, tokenizers: 0, notes: [] });
    expect(JSON.stringify(from.disk.database.all("SELECT * FROM datasets"))).toBe(before);
  });

  it("leaves what has the same name or id but is another thing, and says which came back", async () => {
    const { id } = (await from.datasets.list()).find(({ name }) => name === "fox.txt")!;
    await from.datasets.editCell(id, { row: 0, column: "text" }, "Edited later. ");
    from.disk.database.run("UPDATE tokenizers SET content = '{1}'");
    expect(await restoreBackup(from.disk.open(), file)).toMatchObject({ datasets: 1, runs: 0, tokenizers: 1 });
    expect(await own(from)).toEqual(["fox.txt", "fox.txt (restored)"]);
    expect(await textOf(from, "fox.txt")).toMatch(/^Edited later\. /);
    expect(await textOf(from, "fox.txt (restored)")).toMatch(/^Edited\. /);
    expect(from.disk.database.all("SELECT id, name FROM tokenizers ORDER BY id")).toEqual([{ id: "t", name: "My BPE" }, { id: "t-2", name: "My BPE (restored)" }]);
  });

  it("with one flipped bit names the member, and nothing is restored", async () => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    for (const member of await listMembers(file, file.name)) {
      const damaged = bytes.slice();
      damaged[member.at + (member.bytes >> 1)]! ^= 4;
      const to = await newMachine();
      const part = member.name.startsWith("manifest") ? "its manifest" : member.name;
      await expect(restoreBackup(to.disk.open(), new File([damaged], "b.tar"))).rejects.toThrow(`b.tar is damaged: ${part} in it is not what was saved`);
      expect(await own(to)).toEqual([]);
      expect(to.disk.files.files.size).toBe(0);
    }
  });

  it("that is cut off anywhere, or is no backup, is refused", async () => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const to = await newMachine();
    for (const length of [0, 100, 600, bytes.length >> 1, bytes.length - 1600]) {
      await expect(restoreBackup(to.disk.open(), new File([bytes.slice(0, length)], "b.tar")), `${length}`).rejects.toThrow(/no whole backup|no backup/);
    }
    await expect(restoreBackup(to.disk.open(), new File(["some text ".repeat(100)], "b.tar"))).rejects.toThrow("there is no file header");
    expect(to.disk.files.files.size).toBe(0);
  });

  it("of a newer Descent is refused", async () => {
    const manifest = new TextEncoder().encode(JSON.stringify({ format: "descent-backup", version: BACKUP_VERSION + 1, createdAt: 0, members: [] }));
    const name = manifestName(createHash("sha256").update(manifest).digest("hex"));
    const parts = [tarHeader(name, manifest.length, 0), manifest, new Uint8Array(paddingFor(manifest.length)), tarEnd()] as Uint8Array<ArrayBuffer>[];
    await expect(restoreBackup((await newMachine()).disk.open(), new File(parts, "b.tar"))).rejects.toThrow("was made by a newer Descent");
  });

  it("that cannot be kept whole leaves nothing to see, wherever the disk fails", async () => {
    const to = await newMachine();
    await to.datasets.list();
    const before = to.disk.files.calls();
    await restoreBackup(to.disk.open(), file);
    const total = to.disk.files.calls() - before;
    expect(total).toBeGreaterThan(8);
    for (let call = 1; call <= total; call++) {
      const other = await newMachine();
      await other.datasets.list();
      other.disk.files.failAt(call);
      const restored = await restoreBackup(other.disk.open(), file).then(() => true, () => false);
      expect(await own(other)).toEqual(restored ? ["fox.txt"] : []);
      await restoreBackup(other.disk.open(), file);
      expect(await own(other)).toEqual(["fox.txt"]);
      expect(await textOf(other, "fox.txt")).toMatch(/^Edited\. /);
    }
  });

  it("can be called off", async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(makeBackup(from.disk.open(), { signal: stop.signal })).rejects.toMatchObject({ failure: { kind: "canceled" } });
    await expect(restoreBackup((await newMachine()).disk.open(), file, { signal: stop.signal })).rejects.toMatchObject({ failure: { kind: "canceled" } });
    expect([...from.disk.files.files.keys()].filter((path) => path.startsWith("unfinished/"))).toEqual([]);
  });
});
