import { describe, expect, it } from "vitest";
import { alignChunks, cutBetweenWords } from "./alignChunks";
import { countWords, startPace } from "./training";

const scan = (text: string, visit: (start: number, end: number) => void): void => {
  for (const { 0: word, index } of text.matchAll(/\S+/g)) visit(index, index + word.length);
};

describe("counting words", () => {
  it("forgets the rarest when there are too many to keep, and says so", async () => {
    async function* text(): AsyncGenerator<string> {
      for (let i = 0; i < 1_100_000; i += 10_000) yield Array.from({ length: 10_000 }, (_, j) => `often ${i + j} `).join("");
    }
    const { words, notes } = await countWords(text(), scan, {}, startPace({}));
    expect(words.get("often")).toBe(1_100_000);
    expect(words.size).toBeLessThanOrEqual(2 ** 20);
    expect(notes).toEqual([expect.stringMatching(/^The text has over 1,048,576 different words; [\d,]+ of the rarest were not learned from\.$/)]);
  });

  it("reads a long chunk in parts that cut no word", async () => {
    async function* text(): AsyncGenerator<string> {
      yield "abcdefg ".repeat(50_000);
    }
    const { words } = await countWords(text(), scan, {}, startPace({}));
    expect([...words]).toEqual([["abcdefg", 50_000]]);
  });
});

describe("chunks between words", () => {
  it("are the same text, and hold back no more than 65,536 units of one word", async () => {
    const word = "😀".repeat(100_000);
    async function* text(): AsyncGenerator<string> {
      for (let at = 0; at < word.length; at += 1000) yield word.slice(at, at + 1000);
      yield " end";
    }
    const chunks: string[] = [];
    for await (const chunk of alignChunks(text(), cutBetweenWords)) chunks.push(chunk);
    expect(chunks.join("")).toBe(`${word} end`);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(2 ** 16 + 1000);
    expect(chunks.every((chunk) => chunk.isWellFormed())).toBe(true);
  });

  it.each([
    ["one two", 3],
    ["one  two", 3],
    ["one\ntwo", 4],
    ["one\n\ntwo", 0],
    ["one \n", 3],
    ["one", 0],
    ["", 0],
  ])("%j may be cut at %i", (text, at) => {
    expect(cutBetweenWords(text)).toBe(at);
  });
});
