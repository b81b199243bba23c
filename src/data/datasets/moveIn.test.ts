import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { joinCorpus } from "../corpora.vite";
import { type Datasets, openDatasets, textSource } from "../datasets";
import { writeCheckedJson } from "../store/checkedJson";
import { type MemoryDisk, createMemoryDisk } from "../store/memoryStore";
import { findTokenizer } from "../tokenizers";

const FOX = "The quick brown fox.\n\nThen it sleeps. Größe 😀\n".repeat(30);
const OTHER = "Other text.";
const NAMES = joinCorpus("first-names");
const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

let disk: MemoryDisk;
let fetches: number;

const reopen = (): Datasets =>
  openDatasets({
    openStore: () => Promise.resolve(disk.open()),
    fetchSample: async (id) => {
      fetches++;
      return textSource(id, joinCorpus(id));
    },
  });
const filesIn = (folder: string): string[] => [...disk.files.files.keys()].filter((path) => path.startsWith(`${folder}/`));

/** The files as they were before there was a database: two texts and a sample, with the tokens of one. */
async function layOldFiles(): Promise<void> {
  const { files } = disk;
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const record = (id: string, name: string, text: string, more: object = {}) => ({
    id, name, origin: "user", summary: `Your text: ${name}.`, bytes: bytes(text).length, characters: Array.from(text).length, prompt: "The", notes: ["As it was."], hash: sha256(text), ...more,
  });
  for (const text of [FOX, OTHER, NAMES]) files.files.set(`datasets/${sha256(text)}.txt`, bytes(text));
  const datasets = [
    record(`text-${sha256(FOX).slice(0, 16)}`, "fox.txt", FOX),
    record(`text-${sha256(OTHER).slice(0, 16)}`, "other.txt", OTHER),
    record("first-names", "First names", NAMES, { origin: "sample", notes: [] }),
  ];
  await writeCheckedJson(files, "manifest/a.json", { version: 1, generation: 2, datasets });
  await writeCheckedJson(files, "manifest/b.json", { version: 1, generation: 1, datasets: [] });
  const { tokenizer } = await findTokenizer("bytes").train(asPieces(FOX));
  const tokens = Uint8Array.from(tokenizer.encode(FOX));
  files.files.set(`shards/${sha256(FOX)}.bytes-1.tok`, tokens);
  const info = { tokenizer: tokenizer.toJSON(), vocabularySize: tokenizer.vocabularySize, bytesPerToken: 1, tokens: tokens.length, hash: sha256(tokens), notes: [] };
  await writeCheckedJson(files, `shards/${sha256(FOX)}.bytes-1.json`, info);
}

async function* asPieces(text: string): AsyncGenerator<string> {
  yield text;
}

async function expectMovedIn(datasets: Datasets): Promise<void> {
  const own = (await datasets.list()).filter(({ origin }) => origin === "user");
  expect(own).toMatchObject([
    { id: `text-${sha256(FOX).slice(0, 16)}`, name: "fox.txt", notes: ["As it was."], characters: Array.from(FOX).length, bytes: new TextEncoder().encode(FOX).length },
    { name: "other.txt" },
  ]);
  expect(await datasets.readText(own[0]!.id, 1e6)).toBe(FOX);
  expect(await datasets.readText(own[1]!.id, 1e6)).toBe(OTHER);
  expect([...filesIn("datasets"), ...filesIn("manifest")]).toEqual([]);
  const prepared = await datasets.prepare(own[0]!.id, "bytes", 0.1);
  // The run that was saved finds its tokens where they were.
  expect(prepared.shard).toBe(`shards/${sha256(FOX)}.bytes-1.tok`);
  expect(filesIn("shards")).toEqual([prepared.shard]);
  expect(await datasets.readText("first-names", 8)).toBe("Winifred");
  expect(fetches).toBe(0);
}

beforeEach(async () => {
  fetches = 0;
  disk = await createMemoryDisk();
});

describe("what was kept before the database", () => {
  it("moves in once, with the tokens of its runs", async () => {
    await layOldFiles();
    await expectMovedIn(reopen());
    const calls = disk.files.calls();
    await reopen().list();
    expect(disk.files.calls()).toBe(calls);
    await reopen().tidy();
    await expectMovedIn(reopen());
  });

  it("moves in after being cut off at any call", async () => {
    await layOldFiles();
    const before = disk.files.calls();
    await reopen().list();
    const total = disk.files.calls() - before;
    expect(total).toBeGreaterThan(10);
    for (let call = 1; call <= total; call++) {
      disk = await createMemoryDisk();
      await layOldFiles();
      // From this call on nothing is done any more, as after a kill.
      disk.files.failFrom(call);
      await reopen().list().catch(() => undefined);
      disk.files.failFrom(Infinity);
      await expectMovedIn(reopen());
      await reopen().tidy();
      await expectMovedIn(reopen());
      expect(filesIn("unfinished")).toEqual([]);
    }
  });

  it("is found again without names where both lists are damaged", async () => {
    await layOldFiles();
    for (const path of filesIn("manifest")) disk.files.files.set(path, new TextEncoder().encode("garbage\n{}"));
    const datasets = reopen();
    const own = (await datasets.list()).filter(({ origin }) => origin === "user");
    expect(own.map(({ name }) => name)).toEqual(["Recovered text 1", "Recovered text 2"]);
    expect(own[0]?.notes?.[0]).toContain("found again without its name");
    expect(await datasets.readText(`text-${sha256(FOX).slice(0, 16)}`, 1e6)).toBe(FOX);
  });

  it("says so where the disk has changed a text", async () => {
    await layOldFiles();
    const path = `datasets/${sha256(OTHER)}.txt`;
    disk.files.files.get(path)![0]! ^= 1;
    const other = (await reopen().list()).find(({ name }) => name === "other.txt");
    expect(other?.notes).toContainEqual(expect.stringContaining("not what it was"));
  });
});
