import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../../settings/failure";
import { restoreTokenizer } from "..";
import { alignChunks } from "../alignChunks";
import type { Tokenizer } from "../tokenizer";
import { type BertTextRules, normalizeBertText, scanBertWords } from "./bertText";
import { LONGEST_WORD, SPECIALS, learnPieces, wordpiece } from "./wordpiece";
import { createWordPieceTokenizer } from "./wordPieces";

interface Fixture {
  readonly text: string;
  readonly vocabulary: string[];
  readonly encodings: { text: string; ids: number[]; decoded: string }[];
  readonly normalized: { text: string; lowercase: boolean; stripAccents: boolean | null; normalized: string; words: string[] }[];
}
const { cases: fixture } = JSON.parse(readFileSync(new URL("../fixtures/wordpiece.json", import.meta.url), "utf8")) as { cases: Fixture };

const BERT: BertTextRules = { cleaned: true, lowercase: true, stripAccents: true, spacedChinese: true };

async function* chunksOf(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  scanBertWords(text, (start, end) => words.push(text.slice(start, end)));
  return words;
}

function tokenizerOf(tokens: readonly string[], rules = BERT): Tokenizer {
  return createWordPieceTokenizer({ tokens, rules, unknown: tokens.indexOf("[UNK]"), added: SPECIALS.map((text) => ({ id: tokens.indexOf(text), text, special: true })), longestWord: LONGEST_WORD });
}

describe("beside Hugging Face's tokenizers", () => {
  it("cleans text and finds words as BertNormalizer and BertPreTokenizer do", () => {
    for (const { text, lowercase, stripAccents, normalized, words } of fixture.normalized) {
      const shown = normalizeBertText(text, { cleaned: true, lowercase, stripAccents: stripAccents ?? lowercase, spacedChinese: true });
      expect(shown).toBe(normalized);
      expect(wordsOf(shown)).toEqual(words);
    }
  });

  it("learns the same pieces, from the same order of letters", async () => {
    const isLetter = (token: string): boolean => Array.from(token.replace(/^##(?=.)/u, "")).length === 1;
    const initial = fixture.vocabulary.slice(0, fixture.vocabulary.findIndex((token, i) => i >= SPECIALS.length && !isLetter(token)));
    const words = new Map<string, number>();
    for (const word of wordsOf(normalizeBertText(fixture.text, BERT))) words.set(word, (words.get(word) ?? 0) + 1);
    const { tokens } = await learnPieces(words, { tokens: initial, vocabularySize: 260, minimumFrequency: 2, breathe: () => undefined, onMerge: () => undefined });
    expect(tokens).toEqual(fixture.vocabulary);
  });

  it("encodes and decodes as it does", () => {
    const tokenizer = tokenizerOf(fixture.vocabulary);
    for (const { text, ids, decoded } of fixture.encodings) {
      expect([...tokenizer.encode(text)]).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
  });
});

describe("the pieces of a word", () => {
  // The example of google-research/bert, tokenization.py.
  const tokenizer = tokenizerOf([...SPECIALS, "un", "##aff", "##able", "want", "##want", "##ed", "runn", "##ing", ",", "."]);
  const show = (text: string): string[] => Array.from(tokenizer.encode(text), (id) => tokenizer.tokenText(id));

  it("are the longest there are, and a word with an unknown end is unknown", () => {
    expect(show("UNwanted, running.")).toEqual(["un", "##want", "##ed", ",", "runn", "##ing", "."]);
    expect(show("unaffable unwantedX")).toEqual(["un", "##aff", "##able", "[UNK]"]);
    expect(show("u".repeat(LONGEST_WORD + 1))).toEqual(["[UNK]"]);
    expect(show("[MASK]")).toEqual(["[UNK]", "[UNK]", "[UNK]"]);
    expect(show(" \n ")).toEqual([]);
  });

  it("stand for parts of the text as it was written", () => {
    const text = "  Ünwantéd , \u{1F600}x\u0301 中un";
    const { ids, starts, ends } = tokenizer.trace(text);
    expect(Array.from(ids, (id, i) => [tokenizer.tokenText(id), text.slice(starts[i], ends[i])])).toEqual([
      ["un", "Ün"], ["##want", "want"], ["##ed", "éd"], [",", ","], ["[UNK]", "\u{1F600}x\u0301"], ["[UNK]", "中"], ["un", "un"],
    ]);
  });

  it("are spoken without blanks before punctuation", () => {
    const ids = tokenizer.encode("unwanted, running.");
    const decoder = tokenizer.startDecoding();
    expect(tokenizer.decode(ids)).toBe("unwanted, running.");
    expect(Array.from(ids, (id) => decoder.push(id)).join("") + decoder.finish()).toBe("unwanted, running.");
  });
});

describe("a trained tokenizer", () => {
  const train = async (text: string, settings = {}): Promise<{ tokenizer: Tokenizer; notes: readonly string[] }> => wordpiece.train(chunksOf(text), { settings: { vocabularySize: 260, ...settings } });
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.array(fc.constantFrom("the", " best", " ", "\n", "É", "e\u0301", "中", "İ", "Σ", "\ud83d", "😀", "'s", "[SEP]", "\u0000"), { maxLength: 20 }).map((parts) => parts.join("")),
  );

  it("is deterministic, restores itself and refuses what contradicts itself", async () => {
    const { tokenizer } = await train(fixture.text);
    const json = tokenizer.toJSON();
    expect((await train(fixture.text)).tokenizer.toJSON()).toBe(json);
    const again = restoreTokenizer("wordpiece", json);
    expect(again.toJSON()).toBe(json);
    expect(again.separator).toBe(3);
    expect([...again.encode(fixture.text)]).toEqual([...tokenizer.encode(fixture.text)]);
    const saved = JSON.parse(json) as { tokens: string[] };
    for (const spoiled of [{ ...saved, tokens: [...saved.tokens, "a"] }, { ...saved, unknown: 2 ** 18 }, { ...saved, pad: 3 }, { ...saved, longestWord: 0 }, {}]) {
      expect(() => restoreTokenizer("wordpiece", JSON.stringify(spoiled))).toThrow(FailureError);
    }
  });

  it("traces what it encodes: spans in order, inside the text, never overlapping", async () => {
    const { tokenizer } = await train(fixture.text);
    fc.assert(
      fc.property(anyText, (text) => {
        const { ids, starts, ends } = tokenizer.trace(text);
        expect([...ids]).toEqual([...tokenizer.encode(text)]);
        ids.forEach((_, i) => {
          expect(starts[i]).toBeGreaterThanOrEqual(i === 0 ? 0 : ends[i - 1]!);
          expect(ends[i]).toBeGreaterThanOrEqual(starts[i]!);
          expect(ends[i]).toBeLessThanOrEqual(text.length);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("encodes a text in chunks as it encodes the whole", async () => {
    const { tokenizer } = await train(fixture.text);
    await fc.assert(
      fc.asyncProperty(fc.array(anyText.map((text) => text.toWellFormed()), { maxLength: 8 }), async (chunks) => {
        const ids: number[] = [];
        for await (const chunk of alignChunks(chunksOf(...chunks), tokenizer.safeCut)) ids.push(...tokenizer.encode(chunk));
        expect(ids).toEqual([...tokenizer.encode(chunks.join(""))]);
      }),
    );
  });

  it("keeps capitals and accents where it is told to", async () => {
    const { tokenizer } = await train("Éa éa ".repeat(20), { lowercase: false, stripAccents: false });
    expect(tokenizer.decode(tokenizer.encode("éa  Éa"))).toBe("éa Éa");
    expect((await train("Éa éa ".repeat(20))).tokenizer.decode([...tokenizer.encode("")])).toBe("");
  });

  it("leaves the rarest letters out when there are too many, and says so", async () => {
    const many = Array.from({ length: 300 }, (_, i) => String.fromCodePoint(0x3041 + i)).join(" ");
    const { tokenizer, notes } = await train(`${many} ${"a b ".repeat(9)}`);
    expect(tokenizer.vocabularySize).toBeLessThanOrEqual(260);
    expect(notes[0]).toMatch(/^The 127 most frequent characters are in the vocabulary; \d+ others/);
  });

  it("stops when it is canceled", async () => {
    await expect(wordpiece.train(chunksOf("a b c"), { signal: AbortSignal.abort() })).rejects.toMatchObject({ failure: { kind: "canceled" } });
  });
});
