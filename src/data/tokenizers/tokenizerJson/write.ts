/**
 * Tokenizers as the two files Hugging Face's libraries load (`tokenizers` in Rust and Python, `@huggingface/tokenizers` in
 * JavaScript). In: a model. Out: tokenizer.json and tokenizer_config.json that encode and decode as the model does here.
 *
 * Words are cut by the pattern's exact text rather than by the name "ByteLevel", whose expression the libraries run with
 * different ideas of white space. Bytes are byte-level BPE without merges, letters are BPE without merges over code points:
 * the JavaScript library has no word-level model. Nothing is added around a text, and padding is never the end of text.
 */
import type { AddedToken, BpeModel } from "../bpe/model";
import { findPattern } from "../bpe/patterns";
import type { TokenizerFiles } from "../tokenizer";
import { CONTINUES, type WordPieceModel } from "../wordpiece/model";

interface Parts {
  readonly added: readonly AddedToken[];
  readonly normalizer: object | null;
  readonly preTokenizer: object | null;
  readonly decoder: object;
  readonly model: object;
  /** "eos_token" and its kind, by name. */
  readonly roles: Readonly<Record<string, string>>;
}

function writeFiles({ added, normalizer, preTokenizer, decoder, model, roles }: Parts): TokenizerFiles {
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [...added].sort((a, b) => a.id - b.id).map(({ id, text, special }) => ({ id, content: text, single_word: false, lstrip: false, rstrip: false, normalized: false, special })),
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder,
    model,
  };
  // Version 5 of transformers takes other class names as a reason to replace parts of the tokenizer by its own.
  const config = { tokenizer_class: "PreTrainedTokenizerFast", clean_up_tokenization_spaces: false, ...roles };
  return { "tokenizer.json": `${JSON.stringify(tokenizer, null, 1)}\n`, "tokenizer_config.json": `${JSON.stringify(config, null, 2)}\n` };
}

const numbered = (tokens: readonly string[]): Record<string, number> => Object.fromEntries(tokens.map((token, id) => [token, id]));

function mergingModel(tokens: readonly string[], merges: readonly (readonly [string, string])[], unknown: string | null, wholeWordsFirst = false): object {
  return {
    type: "BPE", dropout: null, unk_token: unknown, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: wholeWordsFirst,
    vocab: numbered(tokens), merges,
  };
}

export function writeByteLevel(model: BpeModel): TokenizerFiles {
  const { tokens, merges, added, separator, pad, unknown } = model;
  const { regex } = findPattern(model.pattern)!;
  const asBytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  const cut = { type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false };
  const role = (name: string, id: number | undefined): Record<string, string> => (id === undefined ? {} : { [name]: tokens[id]! });
  return writeFiles({
    added,
    normalizer: model.normalization ? { type: model.normalization } : null,
    preTokenizer: regex === "" ? asBytes : { type: "Sequence", pretokenizers: [cut, asBytes] },
    decoder: asBytes,
    model: mergingModel(tokens, merges.map(({ left, right }) => [tokens[left]!, tokens[right]!]), unknown === undefined ? null : tokens[unknown]!, model.wholeWordsFirst),
    roles: { ...role("eos_token", separator), ...role("pad_token", pad), ...role("unk_token", unknown) },
  });
}

/** A vocabulary of single characters. */
export function writeLetters(tokens: readonly string[], unknown: number): TokenizerFiles {
  return writeFiles({
    added: [], normalizer: null, preTokenizer: null, decoder: { type: "Fuse" },
    model: mergingModel(tokens, [], tokens[unknown]!),
    roles: { unk_token: tokens[unknown]! },
  });
}

const ROLES: readonly (readonly [name: string, token: string])[] = [
  ["pad_token", "[PAD]"], ["unk_token", "[UNK]"], ["cls_token", "[CLS]"], ["sep_token", "[SEP]"], ["mask_token", "[MASK]"],
];

export function writeWordPiece({ tokens, unknown, rules, added, longestWord }: WordPieceModel): TokenizerFiles {
  const names = new Set(added.map(({ text }) => text));
  return writeFiles({
    added,
    normalizer: { type: "BertNormalizer", clean_text: rules.cleaned, handle_chinese_chars: rules.spacedChinese, strip_accents: rules.stripAccents, lowercase: rules.lowercase },
    preTokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "WordPiece", prefix: CONTINUES, cleanup: true },
    model: { type: "WordPiece", unk_token: tokens[unknown]!, continuing_subword_prefix: CONTINUES, max_input_chars_per_word: longestWord, vocab: numbered(tokens) },
    roles: Object.fromEntries(ROLES.filter(([, token]) => names.has(token))),
  });
}
