/** The definitions of words, lines, paragraphs and sentences, by examples. */
import { expect, test } from "vitest";
import { countCharacters, countMatches, findLines, findParagraphs, findSentences, findTokens, findWords, placeLines } from "./textUnits";

test("words", () => {
  expect(findWords("Don't stop, e.g. at 3.14 or x_y-z!")).toEqual(["Don't", "stop", "e.g", "at", "3.14", "or", "x_y-z"]);
  expect(findWords("我爱 NLP です")).toEqual(["我", "爱", "NLP", "で", "す"]);
  expect(findWords("cafe\u0301 हिन्दी 한국어")).toEqual(["cafe\u0301", "हिन्दी", "한국어"]);
  expect(findWords(" … !")).toEqual([]);
});

test("tokens hold symbols too, equal ones as one", () => {
  expect(findTokens("Well... (yes)!!")).toEqual(["Well", "...", "(", "yes", ")", "!!"]);
});

test("lines", () => {
  expect(findLines("a\r\nb\rc\n\nd\n")).toEqual(["a", "b", "c", "", "d"]);
  expect(findLines("")).toEqual([]);
  expect(placeLines("a\r\nbc\n")).toEqual([{ start: 0, end: 1, next: 3 }, { start: 3, end: 5, next: 6 }]);
  expect(placeLines("a")).toEqual([{ start: 0, end: 1, next: 1 }]);
});

test("paragraphs", () => {
  expect(findParagraphs("\na\nb\n\n\nc\n")).toEqual(["a\nb", "c"]);
});

test("sentences", () => {
  expect(findSentences("It rains. \"Really?\" Yes! e.g. this is one… isn't it")).toEqual(["It rains.", "\"Really?\"", "Yes! e.g. this is one… isn't it"]);
  expect(findSentences("你好。再见！")).toEqual(["你好。", "再见！"]);
  expect(findSentences("  ")).toEqual([]);
});

test("characters are code points, a lone surrogate counts as one", () => {
  expect([countCharacters("a😀b"), countCharacters("\ud83d"), countCharacters("👨🏻‍🚒")]).toEqual([3, 1, 4]);
  expect(countMatches("aaaa", "aa")).toBe(2);
});
