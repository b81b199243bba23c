import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { type Failure, FailureError } from "../settings/failure";
import { corpora } from "./corpora";
import { joinCorpus } from "./corpora.vite";
import { type Datasets, openDatasets, textSource } from "./datasets";
import type { TextSource } from "./formats/plainText";
import type { MemoryStore } from "./store/memory";
import { type MemoryDisk, createMemoryDisk } from "./store/memoryStore";
import { openTokenSource } from "./tokenSource";
import { restoreTokenizer } from "./tokenizers";

const SHORT = "The quick brown fox jumps over the lazy dog.\nThen it sleeps.\n".repeat(40);

let disk: MemoryDisk;
let store: MemoryStore;
let fetches: string[];
let datasets: Datasets;

/** A new session over the same files, as after a reload. */
function reopen(): Datasets {
  return openDatasets({
    openStore: () => Promise.resolve(disk.open()),
    fetchSample: async (id) => {
      fetches.push(id);
      return textSource(id, joinCorpus(id));
    },
  });
}

async function newDisk(): Promise<void> {
  disk = await createMemoryDisk();
  store = disk.files;
  datasets = reopen();
}

beforeEach(async () => {
  fetches = [];
  await newDisk();
});

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("It should have failed.");
}

const own = async (from = datasets): Promise<string[]> => (await from.list()).filter(({ origin }) => origin === "user").map(({ name }) => name);
const filesIn = (folder: string): string[] => [...store.files.keys()].filter((path) => path.startsWith(folder));

/** Every blob is named after the hash of its bytes. */
function expectNamedByContent(count: number): void {
  const paths = filesIn("blobs/");
  expect(paths).toHaveLength(count);
  for (const path of paths) expect(path).toBe(`blobs/${createHash("sha256").update(store.files.get(path)!).digest("hex")}`);
}

describe("list", () => {
  it("offers Moby-Dick first, then samples and tasks, before anything is stored", async () => {
    const list = await datasets.list();
    expect(list[0]).toMatchObject({ id: "moby-dick", origin: "sample", bytes: 0, prompt: "Call me" });
    expect(list.map(({ id }) => id)).toEqual(["moby-dick", "sotu", "first-names", "sort-letters", "modular-addition"]);
    expect(store.files.size).toBe(0);
  });
});

describe("import", () => {
  it("stores the text under its hash, keeps it over a reload, and never twice", async () => {
    const summary = await datasets.importText(textSource("fox.txt", SHORT));
    expect(summary).toMatchObject({ name: "fox.txt", origin: "user", bytes: SHORT.length, characters: SHORT.length, prompt: "The quick brown" });
    expectNamedByContent(1);
    datasets = reopen();
    expect(await own()).toEqual(["fox.txt"]);
    expect(await datasets.readText(summary.id, 9)).toBe("The quick");
    expect((await datasets.importText(textSource("same.txt", SHORT))).name).toBe("fox.txt");
    expect(await own()).toEqual(["fox.txt"]);
    expect(filesIn("unfinished/")).toEqual([]);
  });

  it("starts over in the same file when the encoding turns out to be another", async () => {
    const bytes = Uint8Array.from("Plain words. ".repeat(9000) + "caf\xe9 ".repeat(50), (c) => c.charCodeAt(0));
    const { id, notes, characters } = await datasets.importText({ name: "old.txt", size: bytes.length, stream: () => new Blob([bytes]).stream() });
    expect(notes?.[0]).toContain("It is not UTF-8 (at byte 117,003 (0xE9))");
    expect(characters).toBe(bytes.length);
    expect((await datasets.readText(id, 1e6)).endsWith("café café ")).toBe(true);
  });

  it("leaves nothing behind when the file is bad or the import is canceled", async () => {
    await failureOf(datasets.importText({ name: "a.bin", size: 9, stream: () => new Blob([new Uint8Array(9)]).stream() }));
    const abort = new AbortController();
    abort.abort();
    expect((await failureOf(datasets.importText(textSource("b.txt", SHORT), { signal: abort.signal }))).kind).toBe("canceled");
    expect(store.files.size).toBe(0);
  });

  it("keeps any text exactly, but for line ends", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 }), async (random) => {
        const text = `x${random}`;
        const { id } = await datasets.importText(textSource("any.txt", text));
        expect(await datasets.readText(id, 1e4)).toBe(text.replaceAll("\r\n", "\n"));
      }),
    );
  });
});

describe("samples", () => {
  it("are fetched once, on first use", async () => {
    const [first, again] = await Promise.all([datasets.readText("moby-dick", 9), datasets.readText("moby-dick", 9)]);
    expect([first, again]).toEqual(["ETYMOLOGY", "ETYMOLOGY"]);
    await reopen().readText("moby-dick", 9);
    expect(fetches).toEqual(["moby-dick"]);
    expect((await datasets.list())[0]).toMatchObject({ bytes: corpora[0]!.bytes, origin: "sample", source: expect.stringContaining("Melville") });
  });

  it("are refused when they did not arrive whole", async () => {
    const broken = openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: async (id): Promise<TextSource> => textSource(id, "<!doctype html>") });
    const failure = await failureOf(broken.readText("moby-dick", 9));
    expect(failure).toMatchObject({ kind: "bad-file", message: "The sample Moby-Dick did not arrive whole." });
    expect(store.files.size).toBe(0);
  });

  it("come back when the browser lost their file", async () => {
    await datasets.readText("first-names", 1);
    store.files.delete(filesIn("blobs/")[0]!);
    expect(await datasets.readText("first-names", 8)).toBe("Winifred");
    expect(fetches).toEqual(["first-names", "first-names"]);
  });

  it("cannot be removed", async () => {
    expect((await failureOf(datasets.remove("moby-dick"))).message).toBe("Moby-Dick comes with Descent and cannot be removed.");
  });
});

describe("prepare", () => {
  it.each(["characters", "bytes"])("cuts a text into %s that decode to the text", async (tokenizerId) => {
    const text = `${SHORT}${"Größe, 😀 and œuvre.\n".repeat(30)}`;
    const { id } = await datasets.importText(textSource("fox.txt", text));
    const data = await datasets.prepare(id, tokenizerId, 0.1);
    expect(data).toMatchObject({ datasetId: id, datasetName: "fox.txt", tokenizerId, bytesPerToken: 1 });
    const source = await openTokenSource(data.shard, data.bytesPerToken, data.tokens, { store });
    const ids = new Uint32Array(source.length);
    source.read(0, ids, 0, source.length);
    const tokenizer = restoreTokenizer(tokenizerId, data.tokenizer);
    expect(tokenizer.vocabularySize).toBe(data.vocabularySize);
    expect(tokenizer.decode(ids)).toBe(text);
    expect(tokenizer.decode(ids.subarray(0, data.trainTokens)).endsWith("\n")).toBe(true);
    expect(data.trainTokens / data.tokens).toBeCloseTo(0.9, 1);
    expect(createHash("sha256").update(store.files.get(data.shard)!).digest("hex")).toBe(data.hash);
    const { uniform, unigram, bigram } = data.baselines;
    expect(uniform).toBe(Math.log(data.vocabularySize));
    expect(bigram).toBeLessThan(unigram);
    expect(unigram).toBeLessThan(uniform);
  });

  it("uses two bytes per token above 256 characters, across chunks of the stored text", async () => {
    const many = Array.from({ length: 400 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join("");
    const text = many.repeat(1000);
    const { id } = await datasets.importText(textSource("han.txt", text));
    const data = await datasets.prepare(id, "characters", 0.2);
    expect(data).toMatchObject({ bytesPerToken: 2, vocabularySize: 401, tokens: 400_000, trainTokens: 320_000 });
    const source = await openTokenSource(data.shard, 2, data.tokens, { store });
    const ids = new Uint32Array(800);
    source.read(399_200, ids, 0, 800);
    expect(restoreTokenizer("characters", data.tokenizer).decode(ids)).toBe(many + many);
  });

  it("makes a shard once, even when asked twice at a time, and makes it again when it is damaged", async () => {
    const { id } = await datasets.importText(textSource("fox.txt", SHORT));
    const [first, second] = await Promise.all([datasets.prepare(id, "characters", 0.1), datasets.prepare(id, "characters", 0.3)]);
    expect(second.hash).toBe(first.hash);
    expect(second.trainTokens).toBeLessThan(first.trainTokens);
    const calls = store.calls();
    expect(await reopen().prepare(id, "characters", 0.1)).toEqual(first);
    expect(store.calls()).toBe(calls);
    store.files.set(first.shard, store.files.get(first.shard)!.slice(1));
    expect(await datasets.prepare(id, "characters", 0.1)).toEqual(first);
    expect(store.files.get(first.shard)!.length).toBe(first.tokens);
  });

  it("refuses a text that is too short, and names that nobody knows", async () => {
    const { id } = await datasets.importText(textSource("haiku.txt", "an old silent pond"));
    expect((await failureOf(datasets.prepare(id, "characters", 0.1))).message).toContain("haiku.txt is too short");
    expect((await failureOf(datasets.prepare("nothing", "characters", 0.1))).message).toBe('There is no dataset "nothing" in this browser.');
    expect((await failureOf(datasets.prepare(id, "sentences", 0.1))).kind).toBe("bad-settings");
  });
});

describe("remove", () => {
  it("takes the text and its shards away", async () => {
    const { id } = await datasets.importText(textSource("fox.txt", SHORT));
    await datasets.prepare(id, "characters", 0.1);
    await datasets.prepare(id, "bytes", 0.1);
    expect(filesIn("shards/")).toHaveLength(2);
    await datasets.remove(id);
    expect(await own()).toEqual([]);
    expect([...filesIn("shards/"), ...filesIn("blobs/")]).toEqual([]);
    expect((await failureOf(datasets.remove(id))).message).toContain("There is no dataset");
  });

  it("keeps the files that another dataset shares", async () => {
    const { id } = await datasets.importText(textSource("names.txt", joinCorpus("first-names")));
    await datasets.readText("first-names", 1);
    await datasets.remove(id);
    expect(await datasets.readText("first-names", 8)).toBe("Winifred");
    expect(fetches).toEqual(["first-names"]);
  });
});

describe("faults", () => {
  /** Everything a user does, each step allowed to fail; afterwards the state must be one of the whole ones. */
  it("at every storage call leave a whole state, and the next attempt succeeds", async () => {
    const total = await countCalls();
    expect(total).toBeGreaterThan(20);
    for (let call = 1; call <= total; call++) {
      await newDisk();
      const kept = await datasets.importText(textSource("kept.txt", "Kept. ".repeat(100)));
      store.failAt(call);
      const failures: Failure[] = [];
      const attempt = async (task: () => Promise<unknown>): Promise<void> => {
        await task().catch((error: unknown) => failures.push((error as FailureError).failure));
      };
      await attempt(() => datasets.importText(textSource("fox.txt", SHORT)));
      const fox = (await reopen().list()).find(({ name }) => name === "fox.txt");
      if (fox) await attempt(() => datasets.prepare(fox.id, "characters", 0.1));
      if (fox) await attempt(() => datasets.remove(fox.id));
      for (const failure of failures) expect(failure).toMatchObject({ kind: "storage", message: expect.stringContaining("no room left"), hint: expect.stringContaining("Remove a dataset") });

      datasets = reopen();
      expect((await own()).filter((name) => name !== "fox.txt"), `kept after a fault at call ${call}`).toEqual(["kept.txt"]);
      expect(await datasets.readText(kept.id, 5)).toBe("Kept.");
      await datasets.tidy();
      expect(filesIn("unfinished/")).toEqual([]);
      expectNamedByContent((await own()).length);
      const again = await datasets.importText(textSource("fox.txt", SHORT));
      const data = await datasets.prepare(again.id, "characters", 0.1);
      expect(createHash("sha256").update(store.files.get(data.shard)!).digest("hex")).toBe(data.hash);
    }
  });

  async function countCalls(): Promise<number> {
    await datasets.importText(textSource("kept.txt", "Kept. ".repeat(100)));
    const before = store.calls();
    const { id } = await datasets.importText(textSource("fox.txt", SHORT));
    await datasets.prepare(id, "characters", 0.1);
    await datasets.remove(id);
    return store.calls() - before;
  }

  it("that a crash leaves behind are tidied away", async () => {
    await datasets.importText(textSource("fox.txt", SHORT));
    store.files.set("unfinished/x", new Uint8Array(5));
    store.files.set(`blobs/${"0".repeat(64)}`, new Uint8Array(5));
    store.files.set("shards/abc.characters-1.tok", new Uint8Array(5));
    const files = store.files.size;
    await datasets.tidy();
    expect(store.files.size).toBe(files - 3);
    expect(await own()).toEqual(["fox.txt"]);
  });

  it("that evict a user's text are told with a next step", async () => {
    const { id } = await datasets.importText(textSource("fox.txt", SHORT));
    for (const path of filesIn("blobs/")) store.files.delete(path);
    expect(await failureOf(datasets.readText(id, 5))).toMatchObject({ kind: "storage", message: expect.stringContaining("cleared or lost"), hint: expect.stringContaining("import it again") });
    await datasets.remove(id);
    expect(await own()).toEqual([]);
  });
});
