/**
 * Text without its case, so that a search ignores it in every script. In: a text. Out: one that is the same for all its spellings in large and
 * small letters: "Straße", "STRASSE"; "Σίσυφος", "ΣΊΣΥΦΟΣ"; "İzmir", "izmir". Close to full case folding (Unicode ch. 3.13) by what JavaScript has: lower,
 * upper, lower case, which opens ligatures, "ß" and "ẞ"; then one small sigma, and no dot left over from "İ".
 */
/** Latin-1 is lower-cased quickly, letter by letter; "ß" and the micro sign are those of its letters that this does not fold. */
const NOT_SIMPLE = /[^\0-\xff]|[ß\xb5]/;

export function fold(text: string): string {
  if (!NOT_SIMPLE.test(text)) return text.toLowerCase();
  return text.normalize("NFD").toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ").replaceAll("i\u0307", "i").normalize("NFC");
}
