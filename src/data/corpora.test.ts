import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { corpora } from "./corpora";
import { joinCorpus } from "./corpora.vite";

describe.each(corpora)("sample $id", (corpus) => {
  const text = joinCorpus(corpus.id);

  it("is the edition the registry describes", () => {
    const bytes = Buffer.from(text);
    expect({ bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }).toEqual({ bytes: corpus.bytes, sha256: corpus.sha256 });
  });

  it("has plain line ends, no damaged characters, and its prompt somewhere in it", () => {
    expect(text).not.toMatch(/[\r\ufffd\0]/);
    expect(text).toContain(corpus.prompt);
    expect(text.endsWith("\n")).toBe(true);
  });
});

it("puts the parts of Moby-Dick in their order", () => {
  const text = joinCorpus("moby-dick");
  const places = ["ETYMOLOGY", "EXTRACTS", "CHAPTER 1. Loomings", "Call me Ishmael", "CHAPTER 2. ", "CHAPTER 10. ", "CHAPTER 135. ", "Epilogue"].map((part) => text.indexOf(part));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places[0]).toBe(0);
});
