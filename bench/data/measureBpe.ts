/** One measurement of byte-level BPE. In: a text and a vocabulary size. Out: milliseconds to learn from it and to encode it. */
import { findTokenizer } from "../../src/data/tokenizers";

const CHUNK = 2 ** 20;

async function* chunksOf(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += CHUNK) yield text.slice(at, at + CHUNK);
}

export async function measure(text: string, vocabularySize: number): Promise<{ train: number; encode: number; tokens: number }> {
  const start = performance.now();
  const { tokenizer } = await findTokenizer("bpe").train(chunksOf(text), { settings: { vocabularySize } });
  const trained = performance.now();
  const { length } = tokenizer.encode(text);
  return { train: trained - start, encode: performance.now() - trained, tokens: length };
}
