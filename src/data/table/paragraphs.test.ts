import fc from "fast-check";
import { expect, it } from "vitest";
import { createParagraphCutter } from "./paragraphs";

/** `sizes`: how long the pieces are that the text comes in. */
function cut(text: string, sizes: readonly number[] = [text.length], longest?: number): string[] {
  const cutter = createParagraphCutter(longest);
  const paragraphs: string[] = [];
  let at = 0;
  for (const size of sizes) {
    paragraphs.push(...cutter.push(text.slice(at, at + size)));
    at += size;
  }
  return [...paragraphs, ...cutter.push(text.slice(at)), ...cutter.finish()];
}

it("keeps the blank lines behind each paragraph", () => {
  expect(cut("One.\nStill one.\n\nTwo.\n \n\n  Three.")).toEqual(["One.\nStill one.\n\n", "Two.\n \n\n", "  Three."]);
  expect(cut("\n\nAfter blank lines.\n\n\n")).toEqual(["\n\n", "After blank lines.\n\n\n"]);
  expect(cut("")).toEqual([]);
});

it("cuts a long paragraph at a line end, else anywhere but within a character", () => {
  expect(cut("abc\ndef\nghi", undefined, 6)).toEqual(["abc\n", "def\n", "ghi"]);
  expect(cut("abcdefgh\n\nij", undefined, 4)).toEqual(["abcd", "efgh", "\n\n", "ij"]);
  expect(cut("abc😀def", undefined, 4)).toEqual(["abc", "😀de", "f"]);
});

it("gives the text back whatever the pieces it came in", () => {
  const text = fc.array(fc.constantFrom("a", "bc", "\n", "\n\n", " ", "\t", "😀", "\r")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 5 })), fc.integer({ min: 2, max: 9 }), (whole, sizes, longest) => {
      const paragraphs = cut(whole, sizes, longest);
      expect(paragraphs.join("")).toBe(whole);
      expect(paragraphs.every((paragraph) => paragraph.length > 0 && paragraph.length <= longest)).toBe(true);
    }),
  );
});

it("cuts at the same places whatever the pieces", () => {
  const text = fc.array(fc.constantFrom("a", "bc", "\n", "\n\n", " ")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 5 })), (whole, sizes) => {
      expect(cut(whole, sizes)).toEqual(cut(whole));
    }),
  );
});
