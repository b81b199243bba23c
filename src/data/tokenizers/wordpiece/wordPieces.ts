/**
 * A WordPiece model at work (Schuster and Nakajima 2012, as BERT has it). In: a WordPieceModel. Out: a Tokenizer: a word is cut
 * into the longest piece its beginning has in the vocabulary, then the longest that goes on, marked "##"; a word that cannot be
 * cut to its end is unknown as a whole. What cleaning took away does not come back.
 */
import { cutBetweenWords } from "../alignChunks";
import { alignToOriginal } from "../alignToOriginal";
import { detach } from "../detach";
import { createTokenList } from "../tokenList";
import type { StreamDecoder, Tokenizer, Trace } from "../tokenizer";
import { writeWordPiece } from "../tokenizerJson/write";
import { normalizeBertText, scanBertWords } from "./bertText";
import { CONTINUES, type WordPieceModel, saveWordPieceModel } from "./model";

const REMEMBERED_WORDS = 2 ** 16;
const UNKNOWN_TEXT = "\uFFFD";

export function createWordPieceTokenizer(model: WordPieceModel): Tokenizer {
  const { tokens } = model;
  const normalize = (text: string): string => normalizeBertText(text, model.rules);
  const cutWord = createWordCutter(model);
  const textOf = (id: number): string => tokens[id] ?? UNKNOWN_TEXT;

  return {
    id: "wordpiece",
    vocabularySize: tokens.length,
    unknown: model.unknown,
    ...(model.separator === undefined ? {} : { separator: model.separator }),
    encode(text) {
      const normalized = normalize(text);
      const list = createTokenList(normalized.length >> 2);
      scanBertWords(normalized, (start, end) => list.add(cutWord(normalized.slice(start, end))));
      return list.finish();
    },
    trace(text) {
      const normalized = normalize(text);
      return alignToOriginal(tracePieces(normalized, cutWord, model), text, normalize);
    },
    safeCut: cutBetweenWords,
    decode(ids) {
      const decoder = startDecoding(textOf);
      let text = "";
      for (let i = 0; i < ids.length; i++) text += decoder.push(ids[i]!);
      return text;
    },
    tokenText: textOf,
    toJSON: () => saveWordPieceModel(model),
    toFiles: () => writeWordPiece(model),
    startDecoding: () => startDecoding(textOf),
  };
}

function createWordCutter({ tokens, added, unknown, longestWord }: WordPieceModel): (word: string) => Int32Array {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  for (const { text, special } of added) if (special) ids.delete(text);
  const longestToken = tokens.reduce((longest, token) => Math.max(longest, token.length), 0);
  const unknownWord = Int32Array.of(unknown);
  const remembered = new Map<string, Int32Array>();

  /** Where the longest piece that begins at `from` ends; its number, or undefined. */
  const longestAt = (word: string, from: number): { id: number; end: number } | undefined => {
    const mark = from === 0 ? "" : CONTINUES;
    for (let end = Math.min(word.length, from + longestToken); end > from; end--) {
      const id = ids.get(mark + word.slice(from, end));
      if (id !== undefined) return { id, end };
    }
    return undefined;
  };

  const cut = (word: string): Int32Array => {
    if (word.length > longestWord && Array.from(word).length > longestWord) return unknownWord;
    const pieces: number[] = [];
    for (let from = 0; from < word.length; ) {
      const piece = longestAt(word, from);
      if (!piece) return unknownWord;
      pieces.push(piece.id);
      from = piece.end;
    }
    return Int32Array.from(pieces);
  };

  return (word) => {
    const known = remembered.get(word);
    if (known) return known;
    const pieces = cut(word);
    if (remembered.size >= REMEMBERED_WORDS) remembered.clear();
    if (word.length <= longestWord) remembered.set(detach(word), pieces);
    return pieces;
  };
}

function tracePieces(normalized: string, cutWord: (word: string) => Int32Array, { tokens, unknown }: WordPieceModel): Trace {
  const [ids, starts, ends]: [number[], number[], number[]] = [[], [], []];
  scanBertWords(normalized, (start, end) => {
    let at = start;
    for (const id of cutWord(normalized.slice(start, end))) {
      const token = tokens[id]!;
      const length = id === unknown ? end - start : token.length - (at === start ? 0 : CONTINUES.length);
      ids.push(id);
      starts.push(at);
      ends.push((at += length));
    }
  });
  return { ids: Uint32Array.from(ids), starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
}

/** Blanks that no reader wants before punctuation, as the WordPiece decoder of Hugging Face's `tokenizers` leaves them out. */
const UNWANTED_BLANK = / (\.|\?|!|,|n't|'m|'s|'ve|'re)/g;

function startDecoding(textOf: (id: number) => string): StreamDecoder {
  let isFirst = true;
  return {
    push(id) {
      const token = textOf(id);
      const text = isFirst ? token : token.startsWith(CONTINUES) ? token.slice(CONTINUES.length) : ` ${token}`;
      isFirst = false;
      return text.replace(UNWANTED_BLANK, "$1");
    },
    finish: () => "",
  };
}
