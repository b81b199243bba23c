import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Failure, FailureError } from "../../../settings/failure";
import { restoreTokenizer } from "..";
import { makeStrings, makeTokenizers } from "../testing/exported";
import { importTokenizer } from "./importTokenizer";
import { type ImportedTokenizer, readTokenizerJson } from "./read";

interface Case {
  readonly file: Record<string, unknown>;
  readonly encodings: { text: string; ids: number[]; decoded: string }[];
}
const { cases } = JSON.parse(readFileSync(new URL("../fixtures/imported.json", import.meta.url), "utf8")) as { cases: Record<string, Case> };

const importText = (text: string | Uint8Array<ArrayBuffer>, name = "tokenizer.json"): Promise<ImportedTokenizer> => importTokenizer(new File([text], name));

async function failureOf(text: string | Uint8Array<ArrayBuffer>, name?: string): Promise<Failure> {
  const error: unknown = await importText(text, name).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FailureError)) throw new Error(`no failure: ${String(error)}`);
  return error.failure;
}

describe("files of the Python library", () => {
  it.each(Object.entries(cases))("%s: the same numbers, the same text", async (_name, { file, encodings }) => {
    const { tokenizer } = await importText(JSON.stringify(file));
    const again = restoreTokenizer(tokenizer.id, tokenizer.toJSON());
    for (const { text, ids, decoded } of encodings) {
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids);
      expect([...again.encode(text)]).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
  });

  it("say what is done otherwise", async () => {
    const notes = async (name: string): Promise<readonly string[]> => (await importText(JSON.stringify(cases[name]!.file))).notes;
    expect(await notes("gpt2")).toEqual([]);
    expect(await notes("qwen2")).toEqual(["1 added tokens are shown when decoding, but text is not searched for them."]);
    expect(await notes("llama3")).toEqual(["The file puts special tokens around every text; here they are put only where documents meet."]);
    expect((await notes("no-alphabet"))[0]).toMatch(/^\d+ of the 256 bytes have no token/);
  });

  it("tell which tokens end and pad a text, never the same", async () => {
    const { tokenizer } = await importText(JSON.stringify(cases["no-alphabet"]!.file));
    expect(tokenizer.tokenText(tokenizer.separator!)).toBe("</s>");
    expect(JSON.parse(tokenizer.toJSON())).toMatchObject({ separator: 1, pad: 2 });
  });
});

it("an added token that is also a byte or a word stays one", async () => {
  const { file } = cases["gpt2"]!;
  const { vocab } = file["model"] as { vocab: Record<string, number> };
  const added = [{ id: vocab["!"]!, content: "!", special: true }, { id: vocab["the"] ?? vocab["th"]!, content: "the" in vocab ? "the" : "th", special: false }];
  const plain = (await importText(JSON.stringify(file))).tokenizer;
  const { tokenizer } = await importText(JSON.stringify({ ...file, added_tokens: [...(file["added_tokens"] as object[]), ...added] }));
  for (const text of ["the!", " the !!", "th"]) expect([...tokenizer.encode(text)]).toEqual([...plain.encode(text)]);
});

it("what is written is read again as the same tokenizer", async () => {
  for (const [name, tokenizer] of await makeTokenizers()) {
    const { tokenizer: again } = await importText(tokenizer.toFiles()["tokenizer.json"]);
    expect(again.vocabularySize, name).toBe(tokenizer.vocabularySize);
    expect(again.separator, name).toBe(tokenizer.separator);
    for (const text of makeStrings(200, 3)) expect([...again.encode(text)], name).toEqual([...tokenizer.encode(text)]);
  }
});

describe("a vocab.txt", () => {
  const lines = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##want", "##ed", ","];

  it("is a WordPiece tokenizer, in lower case when no token has a capital", async () => {
    for (const end of ["\n", "\r\n"]) {
      const { tokenizer, notes } = await importText(lines.join(end) + end, "vocab.txt");
      expect(tokenizer).toMatchObject({ id: "wordpiece", vocabularySize: 9, separator: 3, unknown: 1 });
      expect(Array.from(tokenizer.encode("UNwanted, x"), (id) => tokenizer.tokenText(id))).toEqual(["un", "##want", "##ed", ",", "[UNK]"]);
      expect(notes[0]).toContain("lower case");
    }
    expect([...(await importText(`${lines.join("\n")}\nUN`, "vocab.txt")).tokenizer.encode("UN un")]).toEqual([9, 5]);
  });

  it("is refused with its line", async () => {
    expect(await failureOf("[UNK]\na\nb\na\n", "vocab.txt")).toMatchObject({ kind: "bad-file", where: "line 4", message: "vocab.txt cannot be read: line 4 repeats line 2." });
    expect((await failureOf("a\n\nb", "vocab.txt")).message).toContain("line 2 is empty");
    expect((await failureOf("a\nb", "vocab.txt")).message).toContain("no token for unknown words");
    expect((await failureOf("", "vocab.txt")).kind).toBe("bad-file");
  });
});

describe("a file that is wrong or hostile", () => {
  const { file } = cases["gpt2"]!;
  const model = file["model"] as { vocab: Record<string, number>; merges: string[][] };
  const withModel = (change: object): string => JSON.stringify({ ...file, model: { ...model, ...change } });
  const withPart = (change: object): string => JSON.stringify({ ...file, ...change });
  const special = { special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
  const split = (pattern: string): object => ({
    type: "Sequence",
    pretokenizers: [
      { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
      { type: "ByteLevel", add_prefix_space: false, use_regex: false },
    ],
  });

  it.each<[name: string, text: string, says: RegExp]>([
    ["a merge of what is no token", withModel({ merges: [["Q", "qqqq"]] }), /merge 1 needs the token "qqqq", which is not in the vocabulary/],
    ["a merge that makes no token", withModel({ merges: [["Q", "q"]] }), /merge 1 needs the token "Qq"/],
    ["a merge of three", withModel({ merges: ["a b c"] }), /merge 1 is not a pair of tokens/],
    ["the number 2^31", withModel({ vocab: { ...model.vocab, huge: 2 ** 31 } }), /the token "huge" has the number 2147483648/],
    ["a negative number", withModel({ vocab: { ...model.vocab, low: -1 } }), /the token "low" has the number -1/],
    ["a fraction", withModel({ vocab: { ...model.vocab, half: 1.5 } }), /has the number 1.5/],
    ["a number given twice", withModel({ vocab: { ...model.vocab, twice: 5 } }), /number 5 is given to/],
    ["a hole", withModel({ vocab: { ...model.vocab, far: 1000 } }), /no token has the number 340/],
    ["two million merges and one", withModel({ merges: Array(2 ** 21 + 1).fill("a b") }), /it has 2,097,153 merges/],
    ["added tokens that chase each other", withPart({ added_tokens: [{ id: 0, content: "<a>", ...special }, { id: 340, content: "<b>", ...special }, { id: 341, content: "<a>", ...special }] }), /number 0 is given to|has the numbers/],
    ["an added token beside the vocabulary", withPart({ added_tokens: [{ id: 400, content: "the", ...special }] }), /has the numbers|no token has the number/],
    ["no vocabulary", withModel({ vocab: [] }), /it has no vocabulary/],
    ["an empty one", JSON.stringify({ model: { type: "BPE", vocab: {}, merges: [] }, pre_tokenizer: { type: "ByteLevel", add_prefix_space: false }, decoder: { type: "ByteLevel" } }), /its vocabulary is empty/],
    ["no JSON", '{"model": ', /it is not JSON/],
    ["another model", withModel({ type: "Unigram" }), /its model is "Unigram"/],
    ["an expression that takes forever", withPart({ pre_tokenizer: split("(a+)+$") }), /its pre-tokenizer is not byte-level with a pattern known here/],
    ["several things at once", withPart({ normalizer: { type: "Precompiled" }, decoder: { type: "Metaspace" } }), /its normalizer is "Precompiled"; its decoder is "Metaspace"/],
    ["sequences inside sequences", withPart({ normalizer: { type: "Sequence", normalizers: [{ type: "Sequence", normalizers: [] }] } }), /its normalizer is "Sequence"/],
    ["bytes in case of need", withModel({ byte_fallback: true }), /it has byte_fallback/],
  ])("%s", async (_name, text, says) => {
    const failure = await failureOf(text);
    expect(failure.kind).toBe("bad-file");
    expect(failure.message).toMatch(says);
    expect(failure.hint).not.toBe("");
  });

  it("does not touch the prototype of anything", async () => {
    const text = JSON.stringify({ ...file, model: { ...model, vocab: undefined } }).replace('"model":{', `"model":{"vocab":${JSON.stringify(model.vocab).replace("{", '{"__proto__":340,"constructor":341,')},`);
    const { tokenizer } = await importText(text);
    expect(tokenizer.vocabularySize).toBe(342);
    expect(tokenizer.tokenText(340)).toBe("__proto__");
    const written = JSON.parse(tokenizer.toFiles()["tokenizer.json"]) as { model: { vocab: object } };
    expect(Object.entries(written.model.vocab).filter(([, id]) => Number(id) >= 340)).toEqual([["__proto__", 340], ["constructor", 341]]);
    expect(({} as Record<string, unknown>)["340"]).toBeUndefined();
  });

  it("is refused when it is no text, and can be canceled", async () => {
    expect((await failureOf(Uint8Array.of(0x7b, 0xff, 0xfe))).message).toContain("it is not UTF-8 text");
    await expect(importTokenizer(new File(["{}"], "tokenizer.json"), AbortSignal.abort())).rejects.toMatchObject({ failure: { kind: "canceled" } });
  });

  it("is read in one go, from text as from bytes", () => {
    expect(readTokenizerJson("tokenizer.json", JSON.stringify(file)).tokenizer.vocabularySize).toBe(340);
  });
});
