import { describe, expect, it } from "vitest";
import { findTokenizer, restoreTokenizer } from "../tokenizers";
import type { FileReader } from "./fileStore";
import { createMemoryStore } from "./memory";
import { findOrMakeShard, listShards, readShard } from "./shards";

const TEXT = "It was the best of times, it was the worst of times. ".repeat(200);

async function storeWithText(): Promise<{ store: ReturnType<typeof createMemoryStore>; open: () => Promise<FileReader> }> {
  const store = createMemoryStore();
  const writer = await store.create("text");
  writer.write(new TextEncoder().encode(TEXT));
  writer.close();
  return { store, open: async () => (await store.open("text"))! };
}

const unasked = (): Promise<FileReader> => Promise.reject(new Error("the shard was there"));
const bpe = findTokenizer("bpe");

describe("shards of a tokenizer with settings", () => {
  it("holds the tokens of the whole text, although it is read in chunks", async () => {
    const { store, open } = await storeWithText();
    const shard = await findOrMakeShard(store, "hash", { kind: bpe, settings: { vocabularySize: 300 } }, open);
    const tokenizer = restoreTokenizer("bpe", shard.tokenizer);
    const ids: number[] = [];
    for await (const tokens of readShard(store, shard, 0, shard.tokens)) ids.push(...tokens);
    expect(ids).toEqual([...tokenizer.encode(TEXT)]);
    expect(shard.bytesPerToken).toBe(2);
  });

  it("is another one for other settings, and found again for the same, spelled out or not", async () => {
    const { store, open } = await storeWithText();
    const first = await findOrMakeShard(store, "hash", { kind: bpe, settings: { vocabularySize: 300 } }, open);
    const second = await findOrMakeShard(store, "hash", { kind: bpe, settings: { vocabularySize: 270 } }, open);
    expect(second.vocabularySize).toBe(270);
    expect(second.path).not.toBe(first.path);
    const again = await findOrMakeShard(store, "hash", { kind: bpe, settings: { vocabularySize: 300, minimumFrequency: 2, wordPattern: "gpt2", heads: 7 } }, unasked);
    expect(again.path).toBe(first.path);
    expect(await listShards(store, "hash")).toHaveLength(4);
  });

  it("keeps its plain name where a kind has no settings", async () => {
    const { store, open } = await storeWithText();
    expect((await findOrMakeShard(store, "hash", { kind: findTokenizer("bytes"), settings: { heads: 7 } }, open)).path).toBe("shards/hash.bytes-1.tok");
  });

  it("refuses settings out of range before anything is read", async () => {
    const { store } = await storeWithText();
    await expect(findOrMakeShard(store, "hash", { kind: bpe, settings: { vocabularySize: 3 } }, unasked)).rejects.toMatchObject({ failure: { kind: "bad-settings" } });
  });
});
