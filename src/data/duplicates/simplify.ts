/**
 * What two texts must share to count as the same. In: a text. Out: NFC, lower case, runs of white space as one space, trimmed; on
 * wish without punctuation, with every digit as 0, without diacritics (as `simplify_text` of Hugging Face's datatrove does).
 */
export interface Simplification {
  readonly withoutPunctuation: boolean;
  readonly digitsAsZero: boolean;
  readonly withoutDiacritics: boolean;
}

export const PLAIN: Simplification = { withoutPunctuation: false, digitsAsZero: false, withoutDiacritics: false };

/** Printable ASCII whose single spaces stand between words: nothing of NFC or white space to do. */
const SIMPLE_ASCII = /^(?! )(?:[!-~]| (?=[!-~]))*$/;

export function simplify(text: string, options: Simplification = PLAIN): string {
  let simple = SIMPLE_ASCII.test(text) ? text.toLowerCase() : text.normalize("NFC").toLowerCase();
  // U+0307 is what lower-casing leaves of "İ"; NFD parts letters from their marks, NFC joins the rest (Hangul) again.
  if (options.withoutDiacritics) simple = simple.normalize("NFD").replace(/\p{Mn}+/gu, "").normalize("NFC");
  if (options.withoutPunctuation) simple = simple.replace(/[\p{P}\p{S}]+/gu, " ");
  if (options.digitsAsZero) simple = simple.replace(/\p{Nd}/gu, "0");
  return simple === text && SIMPLE_ASCII.test(simple) ? simple : simple.replace(/\s+/gu, " ").trim();
}
