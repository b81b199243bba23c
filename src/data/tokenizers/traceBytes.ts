/**
 * Which part of a text each token stands for, where tokens are runs of its UTF-8 bytes. In: the text, its tokens, the number of
 * bytes of a token. Out: spans in UTF-16 units; a character belongs to the token that has its first byte.
 */
import type { Trace } from "./tokenizer";

const utf8Length = (code: number): number => (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);

export function traceBytes(text: string, ids: Uint32Array, byteLength: (id: number) => number): Trace {
  const starts = new Uint32Array(ids.length);
  const ends = new Uint32Array(ids.length);
  let at = 0;
  // Where, in bytes, the character at `at` begins.
  let charactersTo = 0;
  let bytesTo = 0;
  for (let i = 0; i < ids.length; i++) {
    starts[i] = at;
    bytesTo += byteLength(ids[i]!);
    while (charactersTo < bytesTo && at < text.length) {
      const code = text.codePointAt(at)!;
      charactersTo += utf8Length(code);
      at += code > 0xffff ? 2 : 1;
    }
    ends[i] = at;
  }
  return { ids, starts, ends };
}
