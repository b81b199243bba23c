/** Edits by hand, and their laws on random texts: composing is doing one after the other, untouched characters keep their places' order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TextEdit } from "../types/cleaning";
import { applyEdits, composeEdits, invertEdits, mapOffset, mapSpan, replaceMatches, toCodePoints, toUtf16 } from "./edits";

const edit = (start: number, end: number, text: string): TextEdit => ({ start, end, text });

/** Ascending edits of a text of this length. */
const editsFor = (length: number): fc.Arbitrary<TextEdit[]> =>
  fc.array(fc.tuple(fc.nat(length), fc.nat(4), fc.constantFrom("", "x", "yz", "ﬁ😀")), { maxLength: 6 }).map((drafts) => {
    let at = 0;
    const edits: TextEdit[] = [];
    for (const [place, width, text] of drafts.sort(([a], [b]) => a - b)) {
      const start = Math.max(at, place);
      const end = Math.min(length, start + width);
      if (start > length || (start === end && edits.at(-1)?.end === start)) continue;
      edits.push(edit(start, end, text));
      at = end;
    }
    return edits;
  });
const textAndEdits = fc.string({ unit: "grapheme", maxLength: 20 }).chain((text) => fc.tuple(fc.constant(text), editsFor(text.length)));
const twoSteps = textAndEdits.chain(([text, first]) => fc.tuple(fc.constant(text), fc.constant(first), editsFor(applyEdits(text, first).length)));

describe("by hand", () => {
  test("a replacement, a deletion and an insertion", () => {
    expect(applyEdits("one two three", [edit(0, 3, "1"), edit(3, 7, ""), edit(13, 13, "!")])).toBe("1 three!");
  });

  test("offsets at the edges of what was replaced, deleted and inserted", () => {
    const edits = [edit(2, 5, "A"), edit(7, 7, "BB"), edit(8, 10, "")];
    // 01[234]56|7[89]x  ->  01A56BB7x
    expect([0, 2, 3, 5, 7, 8, 9, 10].map((at) => mapOffset(edits, at, "start"))).toEqual([0, 2, 2, 3, 7, 8, 8, 8]);
    expect([0, 2, 3, 5, 7, 8, 9, 10].map((at) => mapOffset(edits, at, "end"))).toEqual([0, 2, 3, 3, 5, 8, 8, 8]);
    expect(mapSpan(edits, { start: 8, end: 10 })).toEqual({ start: 8, end: 8 });
    expect(mapSpan(edits, { start: 7, end: 7 })).toEqual({ start: 7, end: 7 });
  });

  test("a second step within, across and beside what the first wrote", () => {
    const first = [edit(1, 2, "BBBB"), edit(4, 6, "")];
    // abcdefg -> aBBBBcdg
    expect(composeEdits(first, [edit(2, 3, "-")])).toEqual([edit(1, 2, "B-BB"), edit(4, 6, "")]);
    expect(composeEdits(first, [edit(4, 6, "+")])).toEqual([edit(1, 3, "BBB+"), edit(4, 6, "")]);
    expect(composeEdits(first, [edit(6, 8, "#")])).toEqual([edit(1, 2, "BBBB"), edit(3, 7, "#")]);
    expect(composeEdits(first, [edit(0, 1, "A")])).toEqual([edit(0, 1, "A"), edit(1, 2, "BBBB"), edit(4, 6, "")]);
    expect(composeEdits([edit(1, 1, "x")], [edit(2, 2, "y")])).toEqual([edit(1, 1, "xy")]);
  });

  test("UTF-16 and code points: a fireman is five code units more than two", () => {
    const text = "I met 👨🏻‍🚒 in Ecuador";
    expect(text.indexOf("Ecuador")).toBe(17);
    expect(toCodePoints(text, 17)).toBe(14);
    expect(toUtf16(text, 14)).toBe(17);
    expect(toCodePoints(text, 7)).toBe(6);
    expect(toUtf16(text, 1000)).toBe(text.length);
  });

  test("matches that stay as they are give no edit", () => {
    expect(replaceMatches("a b", /[ab]/g, (match) => match.toUpperCase().replace("B", "b"), "letter")).toEqual([{ ...edit(0, 1, "A"), what: "letter" }]);
  });
});

describe("laws", () => {
  test("composed edits do what the two do one after the other, and are well formed", () => {
    fc.assert(fc.property(twoSteps, ([text, first, second]) => {
      const both = composeEdits(first, second);
      expect(applyEdits(text, both)).toBe(applyEdits(applyEdits(text, first), second));
      both.reduce((at, { start, end }) => {
        expect(start).toBeGreaterThanOrEqual(at);
        expect(end).toBeGreaterThanOrEqual(start);
        return end;
      }, 0);
    }), { numRuns: 2000 });
  });

  test("a chain of a hundred thousand edits that overlap by twos is composed in one go", () => {
    const count = 100_000;
    const first = Array.from({ length: count }, (_, at) => edit(at, at + 1, "ab"));
    const second = Array.from({ length: count - 1 }, (_, at) => edit(2 * at + 1, 2 * at + 3, "-"));
    expect(composeEdits(first, second)).toEqual([edit(0, count, `a${"-".repeat(count - 1)}b`)]);
  });

  test("inverted edits lead back", () => {
    fc.assert(fc.property(textAndEdits, ([text, edits]) => {
      expect(applyEdits(applyEdits(text, edits), invertEdits(text, edits))).toBe(text);
    }));
  });

  test("a span that no edit touched is the same characters after, and is found again going back", () => {
    fc.assert(fc.property(textAndEdits, fc.nat(), fc.nat(), ([text, edits], a, b) => {
      const start = a % (text.length + 1);
      const end = start + (b % (text.length + 1 - start));
      const isTouched = edits.some((one) => one.start < end && one.end > start);
      fc.pre(!isTouched && end > start);
      const after = applyEdits(text, edits);
      const mapped = mapSpan(edits, { start, end });
      expect(after.slice(mapped.start, mapped.end)).toBe(text.slice(start, end));
      expect(mapSpan(invertEdits(text, edits), mapped)).toEqual({ start, end });
    }), { numRuns: 1000 });
  });

  test("order is kept, on either side", () => {
    fc.assert(fc.property(textAndEdits, fc.constantFrom("start" as const, "end" as const), ([text, edits], side) => {
      let last = 0;
      for (let at = 0; at <= text.length; at++) {
        const mapped = mapOffset(edits, at, side);
        expect(mapped).toBeGreaterThanOrEqual(last);
        last = mapped;
      }
      expect(last).toBeLessThanOrEqual(applyEdits(text, edits).length);
    }));
  });

  test("code points and back", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), fc.nat(40), (text, count) => {
      const points = Array.from(text);
      const at = toUtf16(text, count);
      expect(at).toBe(points.slice(0, count).join("").length);
      expect(toCodePoints(text, at)).toBe(Math.min(count, points.length));
    }));
  });
});
