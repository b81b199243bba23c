/** Unicode, rule by rule; what must not be touched; normalization against the platform's own on random text. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits } from "../edits";
import { repairMojibake } from "../mojibake";
import { normalizeEdits } from "../normalization";
import { editsOf, runTexts } from "../testing/runStep";

test.each<[string, string, string, Record<string, string | number | boolean>]>([
  ["an accent joins its letter", "cafe\u0301", "café", {}],
  ["NFKC", "x² ① ﬁ", "x2 1 fi", { form: "NFKC" }],
  ["left as it is", "cafe\u0301 ﬁ", "cafe\u0301 ﬁ", { form: "none", ligatures: false }],
  ["Hangul letters to syllables", "\u1112\u1161\u11ab", "한", {}],
  ["zero width", "a\u200Bb\uFEFFc\u00ADd", "abcd", {}],
  ["a joiner between Latin letters", "a\u200Db", "ab", {}],
  ["a joiner of an emoji stays", "👩\u200D🚀", "👩\u200D🚀", {}],
  ["a non-joiner of Persian stays", "می\u200Cخواهم", "می\u200Cخواهم", {}],
  ["direction marks", "a\u202Eb\u2069", "ab", {}],
  ["control characters but tabs and line ends", "a\0b\x1Bc\td\ne", "abc\td\ne", {}],
  ["quotes", "“a” «b» ‘c’ d’e", "\"a\" \"b\" 'c' d'e", { quotes: true }],
  ["dashes and dots", "a—b – c − d…", "a-b - c - d...", { dashes: true }],
  ["ligatures", "ﬁne oﬀer ﬆ", "fine offer st", {}],
  ["full width", "Ａ１！", "A1!", { fullWidth: true }],
  ["wrong decoding, then the rest", "itâ€™s cafÃ©", "it's café", { quotes: true }],
  ["nothing to do", "Plain ASCII.", "Plain ASCII.", {}],
])("%s", async (_, before, after, settings) => {
  expect(await runTexts("unicode", [before], settings)).toEqual([after]);
});

// Not TextDecoder("windows-1252"): in Node it reads Latin-1.
const HIGH = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";
const misreadLatin1 = (text: string): string => Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
const misread = (text: string): string => misreadLatin1(text).replace(/[\x80-\x9f]/g, (control) => HIGH[control.charCodeAt(0) - 0x80]!);
const repaired = (text: string): string => applyEdits(text, repairMojibake(text));

describe("wrong decoding", () => {
  test.each(["it’s", "“so” – well… €5 ™", "naïve café, ¿qué?", "Привет", "γειά", "こんにちは", "good 👍🏽 day", "voilà, déjà vu", "Ærøskøbing"])("%s comes back, also when misread twice", (text) => {
    expect(repaired(misread(text))).toBe(text);
    expect(repaired(misread(misread(text)))).toBe(text);
    expect(repaired(misreadLatin1(text))).toBe(text);
  });

  test.each(["MAÇÃ…", "«CAFÉ»", "voilà\u00A0«", "É…", "Ñ€", "Das „Ä“", "“IRMÔ", "3Â", "naïve", "Ü–Ü", "ß»", "ÂNGELO", "SÃO", "à la carte", "‘â€", "À “quoi” bon"])("%s is good text and stays", (text) => {
    expect(repaired(text)).toBe(text);
  });

  test("what good text also holds is repaired beside what it does not", () => {
    expect(repaired(misread("MAÇÃ, já"))).toBe("MAÇÃ, já");
  });
});

test("edits carry what was found, so that a diff can say it", async () => {
  expect(await editsOf("unicode", "a\u200Bb")).toEqual([{ start: 1, end: 2, text: "", what: "zero-width character" }]);
});

test.each(["NFC", "NFKC"] as const)("%s by edits is String.normalize", (form) => {
  const nasty = fc.constantFrom("e", "\u0301", "\u0323", "\u1100", "\u1161", "\u11a8", "ｶ", "ﾞ", "ㄱ", "ㅏ", "ﷺ", "ﬁ", "Ω", "\u0344", "𝐀", "\u0f71\u0f72", "\ufe70", "\u09c7\u09be", "\ud800");
  fc.assert(fc.property(fc.string({ unit: fc.oneof(nasty, fc.string({ unit: "binary", minLength: 1, maxLength: 1 })) }), (text) => {
    expect(applyEdits(text, normalizeEdits(text, form))).toBe(text.normalize(form));
  }), { numRuns: 2000 });
});
