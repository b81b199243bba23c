/**
 * Which spellings mean the same value. In: a value. Out: a key that its spellings share, as OpenRefine makes them
 * (openrefine.org/docs/technical-reference/clustering-in-depth): "fingerprint" forgets case, accents, punctuation and the order of words; "n-gram fingerprint" spaces
 * and the order and number of letter pairs as well, so that it also finds slips of the keyboard, and now and then too much.
 */
const LETTERS = new Map([["ß", "ss"], ["æ", "ae"], ["œ", "oe"], ["ø", "o"], ["đ", "d"], ["ð", "d"], ["ł", "l"], ["þ", "th"], ["ı", "i"]]);

/** Small letters without marks; letters that are no letter and a mark are written as ASCII does. */
function plain(value: string): string {
  const bare = value.normalize("NFKD").toLowerCase().normalize("NFKD").replace(/\p{Mn}/gu, "");
  return bare.replace(/[ßæœøđðłþı]/g, (letter) => LETTERS.get(letter)!).normalize("NFC").replace(/[\p{P}\p{Cc}\p{Cf}]/gu, "");
}

export const fingerprint = (value: string): string => [...new Set(plain(value).split(/\s+/).filter((word) => word !== ""))].sort().join(" ");

export function ngramFingerprint(value: string, length = 2): string {
  const characters = [...plain(value).replace(/\s+/gu, "")];
  const size = Math.min(length, characters.length);
  const grams = new Set<string>();
  for (let at = 0; at + size <= characters.length && size > 0; at++) grams.add(characters.slice(at, at + size).join(""));
  return [...grams].sort().join("");
}
