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
