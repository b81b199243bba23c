import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../settings/failure";
import { MAX_CHARACTERS, UNKNOWN_ID, makeCharacterTokenizer } from "./characters";
import { type Tokenizer, createStreamDecoder, findTokenizer, restoreTokenizer, tokenizers } from ".";

async function* chunksOf(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}

async function trainOn(id: string, text: string): Promise<Tokenizer> {
  return (await findTokenizer(id).train(chunksOf(text))).tokenizer;
}

function decodeOneByOne(tokenizer: Tokenizer, ids: ArrayLike<number>): string {
  const decoder = createStreamDecoder(tokenizer);
  return Array.from(ids, (id) => decoder.push(id)).join("") + decoder.finish();
}

/** Any string at all: code points of every plane, BOMs, and lone surrogates. */
const anyText = fc.string({ unit: "binary", maxLength: 60 });
const brokenText = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0xd83d, 0xdca9, 0xfeff, 10)), { maxLength: 40 }).map((units) => String.fromCharCode(...units));

const withoutLoneSurrogates = (text: string): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));

/** WordPiece does not keep capitals, accents and white space; what it does keep is told in its own tests. */
for (const kind of tokenizers.filter(({ id }) => id !== "wordpiece")) {
  describe(`tokenizer ${kind.id}`, () => {
    it("gives back any text it was trained on, whole and token by token", async () => {
      await fc.assert(
        fc.asyncProperty(anyText, async (text) => {
          const tokenizer = await trainOn(kind.id, text);
          const ids = tokenizer.encode(text);
          expect(tokenizer.decode(ids)).toBe(text);
          expect(decodeOneByOne(tokenizer, ids)).toBe(text);
          expect(Math.max(-1, ...ids)).toBeLessThan(tokenizer.vocabularySize);
        }),
      );
    });

    it("encodes any other string, lone surrogates included, without losing what it knows", async () => {
      await fc.assert(
        fc.asyncProperty(anyText, brokenText, async (trained, prompt) => {
          const tokenizer = await trainOn(kind.id, trained);
          const shown = tokenizer.decode(tokenizer.encode(prompt));
          const wellFormed = withoutLoneSurrogates(prompt);
          const expected = kind.id !== "characters" ? wellFormed : Array.from(wellFormed, (c) => (trained.includes(c) ? c : "\uFFFD")).join("");
          expect(shown).toBe(expected);
        }),
      );
    });

    it("is the same after a trip through its JSON", async () => {
      await fc.assert(
        fc.asyncProperty(anyText, async (text) => {
          const tokenizer = await trainOn(kind.id, text);
          const again = restoreTokenizer(kind.id, tokenizer.toJSON());
          expect(again.vocabularySize).toBe(tokenizer.vocabularySize);
          expect([...again.encode(`${text}~`)]).toEqual([...tokenizer.encode(`${text}~`)]);
          expect(again.toJSON()).toBe(tokenizer.toJSON());
        }),
      );
    });

    it.each(["", "{}", "null", "[1]", '{"tokenizer":"characters","characters":"ba"}', '{"tokenizer":"characters","characters":"aa"}'])(
      "refuses damaged JSON %j with a failure",
      (json) => {
        expect(() => restoreTokenizer(kind.id, json)).toThrow(FailureError);
      },
    );
  });
}

describe("characters", () => {
  it("sorts the vocabulary by code point after the unknown token, whatever the chunks", async () => {
    const { tokenizer } = await findTokenizer("characters").train(chunksOf("cab", "😀", "é\n"));
    expect(Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.tokenText(id))).toEqual(["\uFFFD", "\n", "a", "b", "c", "é", "😀"]);
    expect([...tokenizer.encode("b?😀\ud83d")]).toEqual([3, UNKNOWN_ID, 6, UNKNOWN_ID]);
  });

  it("keeps the most frequent characters of a very rich text and says what it dropped", async () => {
    const rare = Array.from({ length: 10 }, (_, i) => String.fromCodePoint(0x20000 + i)).join("");
    const common = Array.from({ length: MAX_CHARACTERS }, (_, i) => String.fromCodePoint(0x3000 + i)).join("");
    const { tokenizer, notes } = await findTokenizer("characters").train(chunksOf(rare, common, common));
    expect(tokenizer.vocabularySize).toBe(MAX_CHARACTERS + 1);
    expect([...tokenizer.encode(rare)]).toEqual(Array(10).fill(UNKNOWN_ID));
    expect(tokenizer.decode(tokenizer.encode(common))).toBe(common);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain("4,106 different characters");
    expect(notes[0]).toContain("10 (10 places)");
  });

  it("shows unknown ids as the unknown sign", () => {
    expect(makeCharacterTokenizer([97]).decode([1, 0, 99])).toBe("a\uFFFD\uFFFD");
  });
});

describe("bytes", () => {
  it("holds a split character back until it is whole", async () => {
    const decoder = createStreamDecoder(await trainOn("bytes", ""));
    expect([0xe2, 0x82, 0xac, 0x41].map((id) => decoder.push(id))).toEqual(["", "", "€", "A"]);
    decoder.push(0xf0);
    expect(decoder.finish()).toBe("\uFFFD");
  });
});

it("names the tokenizers there are when asked for another", () => {
  expect(() => findTokenizer("sentences")).toThrow('There is no tokenizer "sentences".');
});
