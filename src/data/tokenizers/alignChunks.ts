/**
 * Cuts a stream of text where a tokenizer does not mind, so that a text in chunks gives the tokens of the whole. In: chunks
 * that never split a character. Out: other chunks of the same text. What is behind the last harmless place is held back, at
 * most 65,536 UTF-16 units: a longer word than that is cut.
 */
const MOST_HELD = 2 ** 16;

export async function* alignChunks(text: AsyncIterable<string>, safeCut?: (text: string) => number): AsyncGenerator<string, void, undefined> {
  let held = "";
  for await (const chunk of text) {
    const all = held + chunk;
    const cut = safeCut ? safeCut(all) : all.length;
    const isTooLong = all.length - cut > MOST_HELD;
    if (isTooLong || cut > 0) yield isTooLong ? all : all.slice(0, cut);
    held = isTooLong ? "" : all.slice(cut);
  }
  if (held !== "") yield held;
}

const BLANK = 0x20;
const NEWLINE = 0x0a;
const isSpace = (unit: number): boolean => unit === BLANK || (unit >= 0x09 && unit <= 0x0d) || /\p{White_Space}/u.test(String.fromCharCode(unit));

/**
 * Before a blank behind no white space, or behind a lone line feed before no white space: no pattern joins across either, and
 * none looks further. 0 where there is no such place.
 */
export function cutBetweenWords(text: string): number {
  for (let at = text.length - 1; at > 0; at--) {
    const before = text.charCodeAt(at - 1);
    const after = text.charCodeAt(at);
    if (after === BLANK && !isSpace(before)) return at;
    if (before === NEWLINE && at > 1 && !isSpace(after) && !isSpace(text.charCodeAt(at - 2))) return at;
  }
  return 0;
}
