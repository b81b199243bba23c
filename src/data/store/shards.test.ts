import { describe, expect, it } from "vitest";
import { findTokenizer, restoreTokenizer } from "../tokenizers";
import { createMemoryDisk } from "./memoryStore";
import { type ShardContent, findOrMakeShard, readShard } from "./shards";
import { noteRuns } from "./runs";
import { type Store, tidyStore } from "./store";

const TEXT = "It was the best of times, it was the worst of times. ".repeat(200);

/** The text in pieces that end anywhere, as rows do. */
async function* pieces(): AsyncGenerator<string> {
  for (let at = 0; at < TEXT.length; at += 1000) yield TEXT.slice(at, at + 1000);
}

/** Each piece as a row, joined by nothing. */
async function* rows(): AsyncGenerator<readonly string[]> {
  for await (const piece of pieces()) yield [piece];
}

const text: ShardContent = { hash: "hash", versions: ["hash"], segments: [{ read: rows, joiner: "" }], learnFrom: pieces };
const refuse = (): never => {
  throw new Error("the shard was there");
};
const unasked: ShardContent = { ...text, segments: [{ read: refuse, joiner: "" }], learnFrom: refuse };
const openStore = async (): Promise<Store> => (await createMemoryDisk()).open();
const bpe = findTokenizer("bpe");

describe("shards of a tokenizer with settings", () => {
  it("holds the tokens of the whole text, although it is read in chunks", async () => {
    const store = await openStore();
    const shard = await findOrMakeShard(store, text, { kind: bpe, settings: { vocabularySize: 300 } });
    const tokenizer = restoreTokenizer("bpe", shard.tokenizer);
    const ids: number[] = [];
    for await (const tokens of readShard(store.files, shard, 0, shard.tokens)) ids.push(...tokens);
    expect(ids).toEqual([...tokenizer.encode(TEXT)]);
    expect(shard.bytesPerToken).toBe(2);
  });

  it("is another one for other settings, and found again for the same, spelled out or not", async () => {
    const store = await openStore();
    const first = await findOrMakeShard(store, text, { kind: bpe, settings: { vocabularySize: 300 } });
    const second = await findOrMakeShard(store, text, { kind: bpe, settings: { vocabularySize: 270 } });
    expect(second.vocabularySize).toBe(270);
    expect(second.path).not.toBe(first.path);
    const again = await findOrMakeShard(store, unasked, { kind: bpe, settings: { vocabularySize: 300, minimumFrequency: 2, wordPattern: "gpt2", heads: 7 } });
    expect(again.path).toBe(first.path);
    expect(await store.files.list("shards")).toHaveLength(2);
  });

  it("puts the separator behind each row where rows are documents, and the joiner where a tokenizer has none", async () => {
    const store = await openStore();
    const documents: ShardContent = { ...text, hash: "documents", segments: [{ joiner: "\n", read: async function* () { yield ["one", "two"]; yield []; yield ["three"]; } }, { joiner: "\n", read: async function* () { yield ["four"]; } }] };
    const learned = await findOrMakeShard(store, documents, { kind: bpe, settings: { vocabularySize: 300 } });
    const tokenizer = restoreTokenizer("bpe", learned.tokenizer);
    const ids: number[] = [];
    for await (const tokens of readShard(store.files, learned, 0, learned.tokens)) ids.push(...tokens);
    expect(ids).toEqual(["one", "two", "three", "four"].flatMap((row) => [...tokenizer.encode(row), tokenizer.separator]));
    expect(learned.segments.reduce((sum, count) => sum + count, 0)).toBe(learned.tokens);
    expect(learned.segments[1]).toBe(tokenizer.encode("four").length + 1);

    const spelled = await findOrMakeShard(store, documents, { kind: findTokenizer("bytes"), settings: {} });
    const bytes: number[] = [];
    for await (const tokens of readShard(store.files, spelled, 0, spelled.tokens)) bytes.push(...tokens);
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe("one\ntwo\nthree\nfour\n");
    expect(spelled.segments).toEqual([14, 5]);
  });

  it("keeps its plain name where a kind has no settings", async () => {
    const store = await openStore();
    expect((await findOrMakeShard(store, text, { kind: findTokenizer("bytes"), settings: { heads: 7 } })).path).toBe("shards/hash.bytes-1.tok");
  });

  it("refuses settings out of range before anything is read", async () => {
    const store = await openStore();
    await expect(findOrMakeShard(store, unasked, { kind: bpe, settings: { vocabularySize: 3 } })).rejects.toMatchObject({ failure: { kind: "bad-settings" } });
  });
});

it("a shard that a saved run trains on stays, listed or not; one that nobody needs goes", async () => {
  const store = await openStore();
  const kept = await findOrMakeShard(store, text, { kind: findTokenizer("bytes"), settings: {} });
  const gone = await findOrMakeShard(store, { ...text, hash: "other" }, { kind: findTokenizer("bytes"), settings: {} });
  // Its rows have changed: it was taken off the list while a run had it open, and the run was saved afterwards.
  store.database.run("DELETE FROM shards");
  await noteRuns(store.database, store.files, [{ id: "run", name: "brave-otter", step: 1, settings: "{}", shard: kept.path, updatedAt: 0 }]);
  await tidyStore(store);
  expect(await store.files.list("shards")).toEqual([kept.path.slice("shards/".length)]);
  expect(gone.path).not.toBe(kept.path);
});
