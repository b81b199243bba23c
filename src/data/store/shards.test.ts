import { describe, expect, it } from "vitest";
import { findTokenizer, restoreTokenizer } from "../tokenizers";
import { createMemoryDisk } from "./memoryStore";
import { type ShardSource, findOrMakeShard, readShard } from "./shards";
import type { Store } from "./store";

const TEXT = "It was the best of times, it was the worst of times. ".repeat(200);

/** The text in pieces that end anywhere, as rows do. */
async function* pieces(): AsyncGenerator<string> {
  for (let at = 0; at < TEXT.length; at += 1000) yield TEXT.slice(at, at + 1000);
}

const text: ShardSource = { hash: "hash", read: pieces };
const unasked: ShardSource = {
  hash: "hash",
  read() {
    throw new Error("the shard was there");
  },
};
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

  it("keeps its plain name where a kind has no settings", async () => {
    const store = await openStore();
    expect((await findOrMakeShard(store, text, { kind: findTokenizer("bytes"), settings: { heads: 7 } })).path).toBe("shards/hash.bytes-1.tok");
  });

  it("refuses settings out of range before anything is read", async () => {
    const store = await openStore();
    await expect(findOrMakeShard(store, unasked, { kind: bpe, settings: { vocabularySize: 3 } })).rejects.toMatchObject({ failure: { kind: "bad-settings" } });
  });
});
