import fc from "fast-check";
import { expect, it } from "vitest";
import { createMemoryStore } from "./store/memory";
import { memoryTokenSource, openTokenSource } from "./tokenSource";
import { type BytesPerToken, bytesPerTokenFor, narrow } from "./tokenWidth";

it("reads the same tokens from memory, from a file in memory, and from windows of a file", async () => {
  const anyCase = fc.constantFrom<BytesPerToken>(1, 2, 4).chain((width) =>
    fc.record({
      width: fc.constant(width),
      tokens: fc.array(fc.integer({ min: 0, max: 2 ** (8 * width) - 1 }), { minLength: 1, maxLength: 50 }),
      start: fc.nat(60),
      count: fc.nat(60),
      offset: fc.nat(3),
    }),
  );
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ width, tokens, start, count, offset }) => {
      const store = createMemoryStore();
      const all = Uint32Array.from(tokens);
      store.files.set("shards/a.tok", narrow(all, width).slice());
      const sources = [
        memoryTokenSource(all),
        await openTokenSource("shards/a.tok", width, tokens.length, { store }),
        await openTokenSource("shards/a.tok", width, tokens.length, { store, memoryBytes: 0 }),
      ];
      for (const source of sources) {
        expect(source.length).toBe(tokens.length);
        const out = new Uint32Array(count + offset);
        if (start + count > tokens.length) {
          expect(() => source.read(start, out, offset, count)).toThrow(RangeError);
        } else {
          source.read(start, out, offset, count);
          expect([...out]).toEqual([...Array(offset).fill(0), ...tokens.slice(start, start + count)]);
        }
        source.close();
      }
    }),
  );
});

it("takes the narrowest integer that holds the vocabulary", () => {
  expect([1, 256, 257, 65_536, 65_537].map(bytesPerTokenFor)).toEqual([1, 1, 2, 2, 4]);
});

it.each([0, 1000])("refuses a shard that is missing or cut short (memory limit %i)", async (memoryBytes) => {
  const store = createMemoryStore();
  store.files.set("shards/a.tok", new Uint8Array(9));
  await expect(openTokenSource("shards/a.tok", 1, 10, { store, memoryBytes })).rejects.toMatchObject({ failure: { kind: "storage" } });
  await expect(openTokenSource("shards/none.tok", 1, 10, { store, memoryBytes })).rejects.toMatchObject({ failure: { kind: "storage" } });
});

it("refuses a shard whose bytes are not those it was made with", async () => {
  const store = createMemoryStore();
  const bytes = Uint8Array.from([3, 1, 4, 1, 5]);
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
  store.files.set("shards/a.tok", bytes);
  await expect(openTokenSource("shards/a.tok", 1, 5, { store, hash })).resolves.toMatchObject({ length: 5 });
  store.files.set("shards/a.tok", Uint8Array.from([3, 1, 4, 1, 6]));
  await expect(openTokenSource("shards/a.tok", 1, 5, { store, hash })).rejects.toMatchObject({ failure: { kind: "storage" } });
});

it.each([0, 1000])("keeps its file from being removed until it is closed (memory limit %i)", async (memoryBytes) => {
  const store = createMemoryStore();
  store.files.set("shards/a.tok", Uint8Array.from([3, 1, 4, 1, 5]));
  const source = await openTokenSource("shards/a.tok", 1, 5, { store, memoryBytes });
  await expect(store.remove("shards/a.tok")).rejects.toMatchObject({ name: "NoModificationAllowedError" });
  source.close();
  await store.remove("shards/a.tok");
  expect(store.files.has("shards/a.tok")).toBe(false);
});
