import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PATTERNS, type Pattern, findPattern } from "./patterns";

function cut(pattern: Pattern, text: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = pattern.end(text, at);
    if (end <= at) throw new Error(`no progress at ${at}`);
    words.push(text.slice(at, end));
    at = end;
  }
  return words;
}

/** The pattern as JavaScript runs it: White_Space instead of JavaScript's own `\s`, and the group that ignores case spelled out. */
const expressions = new Map(
  PATTERNS.filter(({ regex }) => regex !== "").map(({ id, regex }) => [
    id,
    new RegExp(
      regex
        .replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)", "'[sSſ]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]")
        .replaceAll("\\s", "\\p{White_Space}")
        .replaceAll("\\S", "\\P{White_Space}"),
      "gu",
    ),
  ]),
);

const nasty = fc.constantFrom(
  "'", "'s", "'S", "'ll", "'LL", "'re", "'ſ", "'v", " ", "  ", "\n", "\r\n", "\t", "\u0085", "\u00a0", "\ufeff", "\u3000", "a", "Z", "é", "e\u0301", "中", "7", "42", "1234", "²", "Ⅷ",
  "!", "…", "😀", "👩‍👩‍👧", "𝐀", "𝟘", "\ud83d", "\udca9", "\u0000", "\u200d", "_", "-",
);
const anyText = fc.oneof(fc.array(nasty, { maxLength: 30 }).map((parts) => parts.join("")), fc.string({ unit: "binary", maxLength: 40 }));

describe.each([...expressions])("the %s scanner", (id, expression) => {
  it("cuts every text as its regular expression does", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(cut(findPattern(id)!, text)).toEqual(text.match(expression) ?? []);
      }),
      { numRuns: 3000 },
    );
  });

  it("agrees on every code point, between letters and alone", () => {
    for (let plane = 0; plane < 17; plane++) {
      for (let from = 0; from < 0x10000; from += 0x800) {
        const isSurrogate = plane === 0 && from >= 0xd800 && from < 0xe000;
        if (isSurrogate) continue;
        const text = Array.from({ length: 0x800 }, (_, i) => `${String.fromCodePoint(plane * 0x10000 + from + i)}a `).join("");
        expect(cut(findPattern(id)!, text).join("|") === text.match(expression)!.join("|"), `plane ${plane} from ${from.toString(16)}`).toBe(true);
      }
    }
  });

  it("passes once over what makes a regular expression go back", () => {
    for (const text of [" ".repeat(200_000), `${"\n ".repeat(100_000)}x`, "'".repeat(200_000)]) {
      const words = cut(findPattern(id)!, text);
      expect(words.join("")).toBe(text);
      expect(words.length).toBeLessThanOrEqual(2);
    }
  });
});

it("cuts as the pages about GPT-2 show", () => {
  expect(cut(findPattern("gpt2")!, "It's 1234 o'clock,  isn't\n it?")).toEqual(["It", "'s", " 1234", " o", "'", "clock", ",", " ", " isn", "'t", "\n", " it", "?"]);
  expect(cut(findPattern("gpt4")!, "IT'S 1234!\n\n  x")).toEqual(["IT", "'S", " ", "123", "4", "!\n\n", " ", " x"]);
});
