import { describe, expect, it } from "vitest";
import { findTokenizer } from ".";
import { compareTokenizers, cutIntoPieces } from "./pieces";
import type { Tokenizer } from "./tokenizer";
import { readTokenizerJson } from "./tokenizerJson/read";

async function trainOn(id: string, text: string, settings = {}): Promise<Tokenizer> {
  async function* once(): AsyncGenerator<string> {
    yield text;
  }
  return (await findTokenizer(id).train(once(), { settings })).tokenizer;
}

const show = (tokenizer: Tokenizer, text: string): (readonly [string, string])[] => cutIntoPieces(tokenizer, text).pieces.map(({ token, start, end }) => [token, text.slice(start, end)]);

describe("the pieces of a text", () => {
  it("are bytes, the first of which has the character", async () => {
    expect(show(await trainOn("bytes", ""), "aé€😀!")).toEqual([
      ["a", "a"], ["<0xC3>", "é"], ["<0xA9>", ""], ["<0xE2>", "€"], ["<0x82>", ""], ["<0xAC>", ""], ["<0xF0>", "😀"], ["<0x9F>", ""], ["<0x98>", ""], ["<0x80>", ""], ["!", "!"],
    ]);
  });

  it("are characters, of which the vocabulary may lack some", async () => {
    const tokenizer = await trainOn("characters", "abc");
    expect(cutIntoPieces(tokenizer, "a😀c")).toEqual({
      pieces: [
        { id: 1, token: "a", start: 0, end: 1, isUnknown: false },
        { id: 0, token: "\uFFFD", start: 1, end: 3, isUnknown: true },
        { id: 3, token: "c", start: 3, end: 4, isUnknown: false },
      ],
      bytes: 6,
      unknown: 1,
    });
  });

  it("are learned, with the space before them, and reach into characters", async () => {
    const tokenizer = await trainOn("bpe", "the the the the ", { vocabularySize: 261 });
    expect(show(tokenizer, "the the 中")).toEqual([["the", "the"], [" the", " the"], [" ", " "], ["<0xE4>", "中"], ["<0xB8>", ""], ["<0xAD>", ""]]);
  });

  it("point at the text as it was before it was normalized", async () => {
    const file = JSON.parse((await trainOn("bpe", "éa éa", { vocabularySize: 260 })).toFiles()["tokenizer.json"]) as object;
    const { tokenizer } = readTokenizerJson("tokenizer.json", JSON.stringify({ ...file, normalizer: { type: "NFC" } }));
    const text = "xe\u0301a가e";
    // Composed: e + U+0301 is é, and three Hangul letters are one syllable.
    const jamo = `x${"e\u0301"}a${"\u1112\u1161\u11ab"}e`;
    expect(show(tokenizer, text).map(([, part]) => part).join("")).toBe(text);
    expect(show(tokenizer, jamo).map(([, part]) => part).join("")).toBe(jamo);
    expect(show(tokenizer, jamo).filter(([, part]) => part !== "").map(([, part]) => part)).toContain("\u1112\u1161\u11ab");
  });
});

it("compares tokenizers on one text by figures", async () => {
  const [bytes, characters, bpe] = [await trainOn("bytes", ""), await trainOn("characters", "the "), await trainOn("bpe", "the the the the ", { vocabularySize: 261 })];
  // "he" stands 4 times, then "the" 4, then " the" 3, which fills the vocabulary: the, _the, _, C3, A9, _ are 6 tokens for 11 bytes.
  const text = "the the é ";
  const figures = compareTokenizers([bytes, characters, bpe], text);
  expect(figures[0]).toEqual({ vocabularySize: 256, tokens: 11, bytesPerToken: 1, unknownShare: 0, vocabularyUsed: 6 / 256 });
  expect(figures[1]).toEqual({ vocabularySize: 5, tokens: 10, bytesPerToken: 1.1, unknownShare: 0.1, vocabularyUsed: 1 });
  expect(figures[2]).toEqual({ vocabularySize: 261, tokens: 6, bytesPerToken: 11 / 6, unknownShare: 0, vocabularyUsed: 5 / 261 });
  expect(compareTokenizers([bpe], "")[0]).toMatchObject({ tokens: 0, bytesPerToken: 0, unknownShare: 0 });
});
