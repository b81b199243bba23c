import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../../settings/failure";
import type { TokenizerProgress } from "../../types/tokenizing";
import { findTokenizer, restoreTokenizer } from "..";
import { alignChunks } from "../alignChunks";
import type { Tokenizer } from "../tokenizer";
import { ALPHABET } from "./byteAlphabet";
import { bpe } from "./bpe";
import { type BpeModel, loadModel } from "./model";

async function* chunksOf(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}

/** Pieces of these lengths, over and over, that never split a character. */
async function* cutInto(text: string, lengths: readonly number[]): AsyncGenerator<string> {
  const characters = Array.from(text);
  for (let at = 0, i = 0; at < characters.length; i++) {
    const length = lengths[i % lengths.length]!;
    yield characters.slice(at, at + length).join("");
    at += length;
  }
}

const train = async (text: string, settings: Record<string, number | string> = {}): Promise<Tokenizer> => (await bpe.train(chunksOf(text), { settings: { vocabularySize: 400, ...settings } })).tokenizer;
const modelOf = (tokenizer: Tokenizer): BpeModel => loadModel(tokenizer.toJSON());

interface Case {
  readonly text: string;
  readonly pattern: string;
  readonly vocabularySize: number;
  readonly minimumFrequency: number;
  readonly learned: string[];
  readonly merges: string[];
  readonly encodings: { text: string; ids: number[] }[];
}
const { cases } = JSON.parse(readFileSync(new URL("../fixtures/bpe.json", import.meta.url), "utf8")) as { cases: Case[] };

describe("beside the trainer of Hugging Face's tokenizers", () => {
  it.each(cases.map((entry, i) => [`${i}: ${entry.pattern}, ${JSON.stringify(entry.text.slice(0, 24))}`, entry] as const))("%s", async (_name, entry) => {
    const tokenizer = await train(entry.text, { vocabularySize: entry.vocabularySize, minimumFrequency: entry.minimumFrequency, wordPattern: entry.pattern });
    const { tokens, merges } = modelOf(tokenizer);
    expect(tokens).toEqual(["<|endoftext|>", "<|pad|>", ...ALPHABET, ...entry.learned]);
    expect(merges.map(({ left, right }) => `${tokens[left]!} ${tokens[right]!}`)).toEqual(entry.merges);
    for (const { text, ids } of entry.encodings) expect([...tokenizer.encode(text)]).toEqual(ids);
  });
});

/** Any string at all, broken ones included, and what byte-level BPE finds hard. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(fc.constantFrom("the", " the", "  ", "\n", "\r\n", "'s", "é", "e\u0301", "中文", "👩‍👩‍👧", "\ud83d", "\udca9", "\ufeff", "<|endoftext|>", "<|pad|>", "1234", "\u0000"), { maxLength: 25 }).map((parts) => parts.join("")),
);
const wellFormed = (text: string): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));

describe("a trained tokenizer", () => {
  const english = cases.at(-2)!.text.repeat(3);

  it("gives back every string, also token by token", async () => {
    const tokenizer = await train(english);
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = tokenizer.encode(text);
        const decoder = tokenizer.startDecoding();
        expect(tokenizer.decode(ids)).toBe(wellFormed(text));
        expect(Array.from(ids, (id) => decoder.push(id)).join("") + decoder.finish()).toBe(wellFormed(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("takes the names of special tokens in a text for text, and shows the tokens themselves when decoding", async () => {
    const tokenizer = await train(english);
    const { separator, pad } = modelOf(tokenizer);
    const ids = [...tokenizer.encode("an <|endoftext|> and a <|pad|>")];
    expect(ids).not.toContain(separator);
    expect(ids).not.toContain(pad);
    expect(tokenizer.separator).toBe(separator);
    expect(pad).not.toBe(separator);
    expect(tokenizer.decode([...tokenizer.encode("end"), separator!, pad!])).toBe("end<|endoftext|><|pad|>");
  });

  it("is the same however the text comes in chunks", async () => {
    const whole = (await train(`${english}a\n \nb  c'll 中文。\n你好`)).toJSON();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }), async (lengths) => {
        const { tokenizer } = await bpe.train(cutInto(`${english}a\n \nb  c'll 中文。\n你好`, lengths), { settings: { vocabularySize: 400 } });
        expect(tokenizer.toJSON()).toBe(whole);
      }),
      { numRuns: 20 },
    );
  });

  it.each(["gpt2", "gpt4", "qwen2"])("encodes a text in chunks as it encodes the whole, with the pattern %s", async (wordPattern) => {
    const tokenizer = await train(english, { wordPattern });
    await fc.assert(
      fc.asyncProperty(anyText.map(wellFormed), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), async (text, lengths) => {
        const ids: number[] = [];
        for await (const chunk of alignChunks(cutInto(text, lengths), tokenizer.safeCut)) ids.push(...tokenizer.encode(chunk));
        expect(ids).toEqual([...tokenizer.encode(text)]);
      }),
      { numRuns: 500 },
    );
  });

  it("says what each token stands for, so that the spans cover the text once", async () => {
    const tokenizer = await train(english);
    fc.assert(
      fc.property(anyText, (text) => {
        const { ids, starts, ends } = tokenizer.trace(text);
        expect([...ids]).toEqual([...tokenizer.encode(text)]);
        expect(Array.from(ids, (_, i) => text.slice(starts[i], ends[i])).join("")).toBe(text);
        ids.forEach((id, i) => {
          const shown = tokenizer.tokenText(id);
          const isWhole = wellFormed(text.slice(starts[i], ends[i])) === shown;
          expect(isWhole || shown.includes("<0x")).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("restores itself, and refuses what contradicts itself", async () => {
    const tokenizer = await train(english);
    const again = restoreTokenizer("bpe", tokenizer.toJSON());
    expect(again.toJSON()).toBe(tokenizer.toJSON());
    expect([...again.encode(english)]).toEqual([...tokenizer.encode(english)]);
    const saved = JSON.parse(tokenizer.toJSON()) as { merges: number[]; tokens: string[]; added: { id: number }[] };
    const spoiled: object[] = [
      { ...saved, merges: saved.merges.slice(1) },
      { ...saved, merges: [saved.merges[1], saved.merges[0], ...saved.merges.slice(2)] },
      { ...saved, merges: [2 ** 31, 3, 4] },
      { ...saved, tokens: [...saved.tokens, saved.tokens[5]] },
      { ...saved, added: [{ ...saved.added[0], id: 7 }] },
      { ...saved, pad: 0 },
      { ...saved, separator: 2 ** 19 },
      { ...saved, pattern: "(a+)+$" },
    ];
    for (const entry of spoiled) expect(() => restoreTokenizer("bpe", JSON.stringify(entry))).toThrow(FailureError);
  });
});

describe("training", () => {
  it("tells how far it is and what it just learned", async () => {
    const seen: TokenizerProgress[] = [];
    const text = Array.from({ length: 40_000 }, (_, i) => `w${(i * 7919) % 5000} `).join("");
    await bpe.train(cutInto(text, [10_000]), { settings: { vocabularySize: 2000 }, length: text.length, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toMatchObject({ stage: "reading" });
    expect(seen.every(({ fraction }) => fraction >= 0 && fraction <= 1)).toBe(true);
    expect(seen.map(({ vocabularySize }) => vocabularySize)).toEqual(seen.map(({ vocabularySize }) => vocabularySize).sort((a, b) => a - b));
  });

  it.each(["reading", "merging"])("stops when it is canceled while %s", async (stage) => {
    const abort = new AbortController();
    async function* text(): AsyncGenerator<string> {
      for (let i = 0; i < 30; i++) {
        if (stage === "reading" && i === 3) abort.abort();
        yield Array.from({ length: 3000 }, (_, j) => `${((i * 3000 + j) * 7919) % 9973} `).join("");
      }
      if (stage === "merging") abort.abort();
    }
    await expect(bpe.train(text(), { signal: abort.signal })).rejects.toMatchObject({ failure: { kind: "canceled" } });
  });

  it("says so when the text gives fewer tokens than wished", async () => {
    const { tokenizer, notes } = await bpe.train(chunksOf("abab"), { settings: { vocabularySize: 300 } });
    // "ab" stands twice, "abab" once.
    expect(tokenizer.vocabularySize).toBe(259);
    expect(notes).toEqual(["The text gave 259 tokens instead of 300: no other pair stands 2 times."]);
    const none = await bpe.train(chunksOf(), {});
    expect(none.tokenizer.vocabularySize).toBe(258);
  });

  it("refuses settings out of range", async () => {
    await expect(bpe.train(chunksOf("a"), { settings: { vocabularySize: 10 } })).rejects.toMatchObject({ failure: { kind: "bad-settings", where: "vocabularySize" } });
  });

  it("lists its settings as fields", () => {
    expect(Object.keys(findTokenizer("bpe").settings.shape)).toEqual(["vocabularySize", "minimumFrequency", "wordPattern"]);
  });
});

describe("texts without spaces", () => {
  it("learns from and encodes a megabyte of one letter", async () => {
    const text = "a".repeat(2 ** 20);
    const tokenizer = await train(text, { vocabularySize: 270 });
    // Twelve merges at most make twelve doublings: tokens of 2, 4 … letters.
    const { tokens } = modelOf(tokenizer);
    expect(tokens.slice(258).every((token, i) => token === "a".repeat(2 ** (i + 1)))).toBe(true);
    const ids = tokenizer.encode(text);
    expect(ids.length).toBe(2 ** 20 / tokens.at(-1)!.length);
    expect(tokenizer.decode(ids)).toBe(text);
  });

  it("merges long words as it merges short ones: the earliest learned first, then the leftmost", async () => {
    const tokenizer = await train("abcab cabc abab ".repeat(50), { vocabularySize: 290 });
    const { tokens, merges } = modelOf(tokenizer);
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c"), { minLength: 49, maxLength: 120 }), (letters) => {
        const word = letters.map((letter) => tokens.indexOf(letter));
        for (;;) {
          const ranks = word.slice(1).map((right, i) => merges.findIndex((merge) => merge.left === word[i] && merge.right === right));
          const known = ranks.filter((rank) => rank !== -1);
          if (known.length === 0) break;
          const best = Math.min(...known);
          word.splice(ranks.indexOf(best), 2, merges[best]!.result);
        }
        expect([...tokenizer.encode(letters.join(""))]).toEqual(word);
      }),
    );
  });
});
