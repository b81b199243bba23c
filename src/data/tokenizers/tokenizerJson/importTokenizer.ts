/**
 * A tokenizer file that a person brings: tokenizer.json, or vocab.txt of a BERT model. In: its name and bytes. Out: a tokenizer that
 * saves and restores itself like a trained one.
 */
import { type ByteSource, readBytes } from "../../formats/readBytes";
import { wrong } from "./problem";
import { type ImportedTokenizer, readTokenizerJson } from "./read";
import { readVocabTxt } from "./vocabTxt";

const MOST_BYTES = 200 * 2 ** 20;

export async function importTokenizer(source: ByteSource, signal?: AbortSignal): Promise<ImportedTokenizer> {
  if (source.size > MOST_BYTES) throw wrong(source.name, `it has ${Math.round(source.size / 2 ** 20)} MB; 200 are the most`, "file");
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  try {
    for await (const bytes of readBytes(source, signal ? { signal } : {})) text += decoder.decode(bytes, { stream: true });
    text += decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw wrong(source.name, "it is not UTF-8 text", "file", error);
    throw error;
  }
  return /^\s*\{/.test(text) ? readTokenizerJson(source.name, text) : readVocabTxt(source.name, text);
}
