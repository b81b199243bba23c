/**
 * A tokenizer.json that somebody brings. In: its text. Out: a tokenizer on our own engine, and what it does otherwise than the
 * file says; or a FailureError that lists everything Descent has nothing for. No expression of the file is ever run: a pattern is
 * known by its exact text, or the file is refused.
 */
import { z } from "zod";
import { bytesOf } from "../bpe/byteAlphabet";
import { type BpeModel, problemWithModel } from "../bpe/model";
import { createByteLevelTokenizer } from "../bpe/byteLevel";
import { characters } from "../characters";
import type { Tokenizer } from "../tokenizer";
import { CONTINUES, type WordPieceModel, problemWithWordPieceModel } from "../wordpiece/model";
import { createWordPieceTokenizer } from "../wordpiece/wordPieces";
import { readBertRules, readBytePattern, readNormalization } from "./pipeline";
import { shown, unsupported, wrong } from "./problem";
import { type Tables, addedSchema, readMerges, readTables } from "./vocabulary";

export interface ImportedTokenizer {
  readonly tokenizer: Tokenizer;
  readonly notes: readonly string[];
}

/** UTF-16 units. The largest vocabularies of 2^18 tokens take 33 million. */
const LONGEST_FILE = 100_000_000;

const part = z.looseObject({ type: z.string() }).nullable().optional();
const fileSchema = z.object({
  added_tokens: z.array(addedSchema).nullable().optional(),
  normalizer: part,
  pre_tokenizer: part,
  post_processor: part,
  decoder: part,
  model: z.looseObject({ type: z.string().optional() }),
});
export type TokenizerFile = z.infer<typeof fileSchema>;

export function readTokenizerJson(file: string, text: string): ImportedTokenizer {
  if (text.length > LONGEST_FILE) throw wrong(file, "it is larger than 100 MB", "file");
  let content: TokenizerFile;
  try {
    content = fileSchema.parse(JSON.parse(text));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    throw wrong(file, issue ? `${issue.path.join(".") || "the file"}: ${issue.message}` : "it is not JSON", issue?.path.join(".") ?? "file", error);
  }
  const type = content.model.type ?? ("merges" in content.model ? "BPE" : "none");
  const made = type === "BPE" ? (readLetters(content) ?? readByteLevel(file, content)) : type === "WordPiece" ? readWordPiece(file, content) : undefined;
  if (!made) throw unsupported(file, [`its model is ${shown(type)}`]);
  return { tokenizer: made.tokenizer, notes: [...made.notes, ...noteDifferences(content)] };
}

/** What the file would do that Descent leaves out. */
function noteDifferences({ post_processor: processor, added_tokens: added }: TokenizerFile): string[] {
  const notes: string[] = [];
  if (processor && processor.type !== "ByteLevel") notes.push("The file puts special tokens around every text; here they are put only where documents meet.");
  const words = (added ?? []).filter(({ special }) => !special).length;
  if (words > 0) notes.push(`${words.toLocaleString("en")} added tokens are shown when decoding, but text is not searched for them.`);
  return notes;
}

const SEPARATORS = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "[SEP]", "<|eot_id|>"];
const PADS = ["<|pad|>", "<pad>", "[PAD]", "<|finetune_right_pad_id|>"];

function findRole({ added }: Tables, names: readonly string[]): number | undefined {
  const name = names.find((one) => added.some(({ text }) => text === one));
  return added.find(({ text }) => text === name)?.id;
}

const roles = (tables: Tables): { separator?: number; pad?: number } => {
  const separator = findRole(tables, SEPARATORS);
  const pad = findRole(tables, PADS);
  return { ...(separator === undefined ? {} : { separator }), ...(pad === undefined ? {} : { pad }) };
};

/** BPE without merges over single characters, as `writeLetters` writes it; undefined for anything else. */
function readLetters({ model, pre_tokenizer: cut, decoder, added_tokens: added }: TokenizerFile): ImportedTokenizer | undefined {
  const { vocab, merges } = model;
  const hasMerges = !Array.isArray(merges) || merges.length > 0;
  if (cut || decoder?.type !== "Fuse" || hasMerges || (added ?? []).length > 0 || typeof vocab !== "object" || vocab === null) return undefined;
  const letters = Object.entries(vocab as Record<string, unknown>).sort(([, a], [, b]) => Number(a) - Number(b));
  const isInOrder = letters.every(([, id], index) => id === index) && letters[0]?.[0] === model["unk_token"];
  if (!isInOrder) return undefined;
  try {
    return { tokenizer: characters.restore(JSON.stringify({ tokenizer: characters.id, characters: letters.slice(1).map(([letter]) => letter).join("") })), notes: [] };
  } catch {
    return undefined;
  }
}

function readByteLevel(file: string, content: TokenizerFile): ImportedTokenizer {
  const { model, decoder } = content;
  const pattern = readBytePattern(content.pre_tokenizer);
  const normalization = readNormalization(content.normalizer);
  const problems: string[] = [];
  if (pattern === undefined) problems.push("its pre-tokenizer is not byte-level with a pattern known here");
  if (normalization === undefined) problems.push(`its normalizer is ${shown(content.normalizer?.type ?? "")}`);
  if (decoder?.type !== "ByteLevel") problems.push(`its decoder is ${shown(decoder?.type ?? "none")}`);
  for (const name of ["dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback"]) if (model[name]) problems.push(`it has ${name}`);
  if (model["fuse_unk"] && model["unk_token"]) problems.push("it has fuse_unk");
  if (pattern === undefined || normalization === undefined || problems.length > 0) throw unsupported(file, problems);

  const tables = readTables(file, model["vocab"], content.added_tokens ?? []);
  const unknown = typeof model["unk_token"] === "string" ? tables.ids.get(model["unk_token"]) : undefined;
  const made: BpeModel = {
    tokens: tables.tokens, merges: readMerges(file, model["merges"], tables), added: tables.added, pattern,
    ...roles(tables),
    ...(unknown === undefined ? {} : { unknown }),
    ...(model["ignore_merges"] === true ? { wholeWordsFirst: true } : {}),
    ...(normalization === "NFC" ? { normalization } : {}),
  };
  const problem = problemWithModel(made);
  if (problem) throw wrong(file, problem);
  return { tokenizer: createByteLevelTokenizer(made), notes: noteMissingBytes(tables) };
}

function noteMissingBytes({ tokens }: Tables): string[] {
  const single = new Set(tokens.map((token) => bytesOf(token)).filter((bytes) => bytes?.length === 1).map((bytes) => bytes![0]!));
  return single.size === 256 ? [] : [`${256 - single.size} of the 256 bytes have no token: characters that need them are lost when a text is encoded.`];
}

function readWordPiece(file: string, content: TokenizerFile): ImportedTokenizer {
  const { model, decoder } = content;
  const rules = readBertRules(content.normalizer);
  const problems: string[] = [];
  if (!rules) problems.push(`its normalizer is ${shown(content.normalizer?.type ?? "")}`);
  if (content.pre_tokenizer?.type !== "BertPreTokenizer") problems.push(`its pre-tokenizer is ${shown(content.pre_tokenizer?.type ?? "none")}`);
  if (decoder && decoder.type !== "WordPiece") problems.push(`its decoder is ${shown(decoder.type)}`);
  if (model["continuing_subword_prefix"] !== CONTINUES) problems.push(`pieces that go on with a word are not marked "${CONTINUES}"`);
  if (!rules || problems.length > 0) throw unsupported(file, problems);
  return makeWordPiece(file, readTables(file, model["vocab"], content.added_tokens ?? []), rules, model["unk_token"], model["max_input_chars_per_word"]);
}

/** Of BERT's own code. */
const LONGEST_WORD = 100;

export function makeWordPiece(file: string, tables: Tables, rules: WordPieceModel["rules"], unknownText: unknown, longest: unknown = LONGEST_WORD): ImportedTokenizer {
  const unknown = typeof unknownText === "string" ? tables.ids.get(unknownText) : undefined;
  if (unknown === undefined) throw wrong(file, "it has no token for unknown words", "model.unk_token");
  if (typeof longest !== "number" || !Number.isInteger(longest) || longest < 1 || longest > 10_000) throw wrong(file, "the longest word is no number from 1 to 10,000", "model.max_input_chars_per_word");
  const made: WordPieceModel = { tokens: tables.tokens, unknown, rules, added: tables.added, longestWord: longest, ...roles(tables) };
  const problem = problemWithWordPieceModel(made);
  if (problem) throw wrong(file, problem);
  return { tokenizer: createWordPieceTokenizer(made), notes: [] };
}
