/** Bank account numbers (IBAN, ISO 13616). In: a text. Out: as many characters after country and check digits as that country has, spaces aside, if the remainder of 97 and the country's own form are right. */
import type { Finding, Recognizer } from "./recognizer";

const HEAD = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?= ?[A-Z0-9])/giu;

/** The end of `count` letters and digits from `start`, single spaces between them; undefined if there are fewer or a word goes on behind. */
function endAfter(text: string, start: number, count: number): number | undefined {
  let at = start;
  for (let left = count; left > 0; left--) {
    if (text[at] === " " && left < count) at++;
    if (!/^[A-Za-z0-9]$/.test(text[at] ?? "")) return undefined;
    at++;
  }
  return /^[\p{L}\p{N}]/u.test(text.slice(at, at + 1)) ? undefined : at;
}

export const iban: Recognizer = {
  id: "iban",
  label: "Bank accounts (IBAN)",
  help: "International account numbers whose check digits are right.",
  tag: "IBAN",
  default: true,
  start: async () => {
    const { countrySpecs, electronicFormatIBAN, isValidIBAN } = await import("ibantools");
    const lengths = new Map(Object.entries(countrySpecs).map(([country, spec]) => [country, spec.chars]));
    return (text) => {
      const findings: Finding[] = [];
      for (const { 0: head, index: start } of text.matchAll(HEAD)) {
        const length = lengths.get(head.slice(0, 2).toUpperCase());
        const end = length ? endAfter(text, start, length) : undefined;
        const value = end === undefined ? null : electronicFormatIBAN(text.slice(start, end));
        if (end !== undefined && value !== null && isValidIBAN(value)) findings.push({ start, end, value, score: 0.95 });
      }
      return findings;
    };
  },
};
