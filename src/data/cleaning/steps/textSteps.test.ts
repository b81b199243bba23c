/** Links, length, language, find and replace, lower case: each rule by hand, and what must not be taken. */
import { describe, expect, test } from "vitest";
import type { FailureError } from "../../../settings/failure";
import type { FieldValue } from "../../../settings/field";
import { runAll, recipeStep, runTexts, textTable, editsOf } from "../testing/runStep";

type Settings = Record<string, FieldValue>;
const read = async (step: string, text: string, settings: Settings = {}): Promise<unknown> => (await runTexts(step, [text], settings))[0];
const failureOf = async (step: string, settings: Settings): Promise<unknown> => runTexts(step, ["x"], settings).then(() => undefined, (error: FailureError) => error.failure);

describe("links", () => {
  const text = "See https://www.example.org/a_(b)?q=1, or example.com. Not end.Next or a@b.org.";
  test.each<[string, Settings, unknown]>([
    ["replaced", {}, "See [LINK], or [LINK]. Not end.Next or a@b.org."],
    ["removed", { action: "remove" }, "See , or . Not end.Next or a@b.org."],
    ["their domain", { action: "domain" }, "See example.org, or example.com. Not end.Next or a@b.org."],
    ["kept", { action: "keep" }, text],
    ["only with https", { bare: false }, "See [LINK], or example.com. Not end.Next or a@b.org."],
    ["too many", { most: 1 }, { drop: "Links over 1: 2" }],
    // 33 + 11 of 79 characters.
    ["too large a share", { share: 0.5 }, { drop: "Share of links over 0.5: 0.557" }],
    ["a share within", { share: 0.56, action: "keep" }, text],
  ])("%s", async (_, settings, expected) => {
    expect(await read("links", text, settings)).toEqual(expected);
  });
});

describe("length", () => {
  test.each<[string, string, Settings, unknown]>([
    ["too short", "ab", { shortest: 3 }, { drop: "Characters under 3: 2" }],
    ["an emoji is one character", "a😀", { shortest: 2, longest: 2 }, "a😀"],
    ["too long", "abcd", { longest: 3 }, { drop: "Characters over 3: 4" }],
    ["too many words", "a b c", { unit: "words", longest: 2 }, { drop: "Words over 2: 3" }],
    ["cut", "abcdef", { longest: 3, tooLong: "cut" }, "abc"],
    ["cut after a word", "one, two; three", { unit: "words", longest: 2, tooLong: "cut" }, "one, two"],
    ["never between a letter and its accent", "ae\u0301x", { longest: 2, tooLong: "cut" }, "a"],
    ["never within a joined emoji", "a👨🏻‍🚒b", { longest: 3, tooLong: "cut" }, "a"],
    ["short enough", "abc", { longest: 3, tooLong: "cut" }, "abc"],
  ])("%s", async (_, text, settings, expected) => {
    expect(await read("length", text, settings)).toEqual(expected);
  });

  test("a paragraph of a document keeps its line ends when cut", async () => {
    expect(await runTexts("length", ["abcdef\n\n"], { longest: 3, tooLong: "cut" }, "")).toEqual(["abc\n\n"]);
  });
});

describe("language", () => {
  const texts = ["This is quite a normal sentence in English, and there is nothing odd.", "Das ist ein ganz gewöhnlicher deutscher Satz, und nichts daran ist seltsam.", "これは日本語で書かれた普通の文章です。特に変わったところはありませんよね。", "ok", "3141592653589793238462643383279502884197"];
  test("keeps those named, and what cannot be judged", async () => {
    const { numbers, counts } = await runAll(textTable(texts), [recipeStep("language", { languages: "en" })]);
    expect(numbers).toEqual([0, 3, 4]);
    expect(counts.steps[0]).toMatchObject({
      reasons: [{ reason: "In German", rows: 1 }, { reason: "In Japanese", rows: 1 }],
      notes: ["1 texts were too short to judge and stay.", "1 texts are of no certain language and stay."],
    });
  });
  test("drops those named", async () => {
    expect((await runAll(textTable(texts), [recipeStep("language", { languages: "de, ja", action: "drop" })])).numbers).toEqual([0, 3, 4]);
  });
  test("a language it does not know is refused with those it does", async () => {
    expect(await failureOf("language", { languages: "en xx" })).toMatchObject({ message: "Languages: xx cannot be told apart here.", hint: expect.stringContaining("de, el, en") });
    expect(await failureOf("language", { languages: " " })).toMatchObject({ message: "Languages: none is named." });
  });
});

describe("find and replace", () => {
  test.each<[string, string, Settings, unknown]>([
    ["plain", "a.b.c", { find: ".", replacement: "-" }, "a-b-c"],
    ["plain, signs in the replacement mean themselves", "ab", { find: "a", replacement: "$1" }, "$1b"],
    ["any case", "Cat cAT", { find: "cat", matchCase: false, replacement: "dog" }, "dog dog"],
    ["case matters", "Cat cat", { find: "cat", replacement: "dog" }, "Cat dog"],
    ["pattern with groups", "2021-03-04", { find: "(\\d+)-(?P<month>\\d+)-(\\d+)", mode: "regex", replacement: "$3.${month}.$1 $$" }, "04.03.2021 $"],
    ["an optional group that is not there is empty", "b", { find: "(a)?b", mode: "regex", replacement: "[$1]" }, "[]"],
    ["empty matches", "ab", { find: "x*", mode: "regex", replacement: "-" }, "-a-b-"],
    ["drop", "spam here", { find: "spam", action: "drop" }, { drop: "Contains what was sought" }],
    ["keep only", "ham here", { find: "spam", action: "keep" }, { drop: "Does not contain what was sought" }],
    ["emoji keep their places", "😀x😀x", { find: "x", mode: "regex", replacement: "yy" }, "😀yy😀yy"],
  ])("%s", async (_, text, settings, expected) => {
    expect(await read("find-replace", text, settings)).toEqual(expected);
  });

  test("a replacement equal to what is found is no change", async () => {
    expect(await editsOf("find-replace", "aba", { find: "[ab]", mode: "regex", replacement: "a" })).toEqual([{ start: 1, end: 2, text: "a" }]);
  });

  test("patterns that cannot be read, and groups that are not there", async () => {
    expect(await failureOf("find-replace", { find: "" })).toMatchObject({ message: "Find: there is nothing to look for." });
    expect(await failureOf("find-replace", { find: "a(b", mode: "regex" })).toMatchObject({ kind: "bad-settings", message: expect.stringContaining("missing closing )") });
    expect(await failureOf("find-replace", { find: "(a)\\1", mode: "regex" })).toMatchObject({ kind: "bad-settings" });
    expect(await failureOf("find-replace", { find: "(a)", mode: "regex", replacement: "$2" })).toMatchObject({ message: "Replace with: the pattern has no group 2." });
    expect(await failureOf("find-replace", { find: "(a)", mode: "regex", replacement: "${x}" })).toMatchObject({ message: "Replace with: the pattern has no group x." });
  });

  test("a pattern that hangs elsewhere does not hang here", async () => {
    expect(await read("find-replace", `${"a".repeat(50_000)}!`, { find: "(a+)+$", mode: "regex", action: "keep" })).toEqual({ drop: "Does not contain what was sought" });
  });
});

test.each([["Straße ÄÖÜ", "straße äöü"], ["ΟΔΟΣ", "οδος".replace(/σ$/, "ς")], ["İstanbul", "i̇stanbul"], ["ǅ Ⅷ Ⓐ", "ǆ ⅷ ⓐ"], ["plain", "plain"]])("lower case: %s", async (text, expected) => {
  expect(await read("lower-case", text)).toBe(expected);
});
