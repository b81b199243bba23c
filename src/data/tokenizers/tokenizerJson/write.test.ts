import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import { makeStrings, makeTokenizers } from "../testing/exported";

const tokenizers = await makeTokenizers();
const strings = makeStrings(10_000, 11);
const sha256 = (value: string): string => createHash("sha256").update(value).digest("hex");

describe.each([...tokenizers])("%s as tokenizer.json", (_name, tokenizer) => {
  const files = tokenizer.toFiles();
  const library = new Library(JSON.parse(files["tokenizer.json"]) as object, JSON.parse(files["tokenizer_config.json"]) as object);

  it("gives the same numbers for 10,000 strings, and the same text for the numbers, with @huggingface/tokenizers", () => {
    for (const text of strings) {
      const ids = [...tokenizer.encode(text)];
      expect(library.encode(text).ids, JSON.stringify(text)).toEqual(ids);
      if (ids.length > 0) expect(library.decode(ids), JSON.stringify(text)).toBe(tokenizer.decode(ids));
    }
  });

  it("gives the same text for any numbers", () => {
    for (let i = 0; i < 500; i++) {
      const ids = Array.from({ length: 1 + (i % 12) }, (_, j) => ((i * 7919 + j * 104_729) >>> 3) % tokenizer.vocabularySize);
      expect(library.decode(ids), String(ids)).toBe(tokenizer.decode(ids));
    }
  });

  it("has a padding of its own, or none", () => {
    const config = JSON.parse(files["tokenizer_config.json"]) as Record<string, unknown>;
    expect(config["tokenizer_class"]).toBe("PreTrainedTokenizerFast");
    expect(config["pad_token"] === undefined || config["pad_token"] !== config["eos_token"]).toBe(true);
  });
});

describe("beside the Python library, whose answers scripts/fixtures/tokenizers.py keeps as hashes", () => {
  const path = new URL("../fixtures/exported.json", import.meta.url);
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { cases: Record<string, { file: string; ids: string; decoded: string }> }).cases : {};

  it.each([...tokenizers])("%s encodes and decodes the same 10,000 strings to the same", (name, tokenizer) => {
    const encoded = strings.map((text) => [...tokenizer.encode(text)]);
    expect(kept[name]).toEqual({
      file: sha256(tokenizer.toFiles()["tokenizer.json"]),
      ids: sha256(JSON.stringify(encoded)),
      decoded: sha256(JSON.stringify(encoded.map((ids) => tokenizer.decode(ids)))),
    });
  });
});
