/** Inappropriate words: whole words only, sureness, languages, disguises, limits, and lists in a column. */
import { describe, expect, test } from "vitest";
import { recipeStep, runAll, runTexts, textTable } from "../testing/runStep";
import { createWordFinder } from "../wordLists";

const read = async (text: string, settings: Record<string, string | number | boolean> = {}): Promise<unknown> => (await runTexts("inappropriate-words", [text], settings))[0];

describe("what is found", () => {
  test.each<[string, string, string, Record<string, string | number | boolean>]>([
    ["a sure word in any case", "You ASSHOLE.", "You *******.", {}],
    ["no part of a word", "Scunthorpe, Penistone, classic assassins, cockpit, Dickens", "Scunthorpe, Penistone, classic assassins, cockpit, Dickens", { sureness: "0" }],
    ["often meant badly: only when asked", "damn it", "damn it", {}],
    ["often meant badly", "damn it", "**** it", { sureness: "1" }],
    ["seldom meant badly", "bloody hell", "bloody hell", { sureness: "2" }],
    ["disguised", "what a b1tch, fuuuuck, 5h1t!", "what a *****, *******, ****!", { sureness: "1" }],
    ["disguises off", "5h1t", "5h1t", { sureness: "1", evasions: false }],
    ["numbers and signs are no disguise of themselves", "A$$ is not 455, nor 5417; price 5h", "*** is not 455, nor 5417; price 5h", { sureness: "0" }],
    ["places after an emoji", "😀 asshole", "😀 *******", {}],
    ["Spanish", "eres un gilipollas", "eres un **********", { languages: "es" }],
    ["French with accents", "espèce d’enculé", "espèce d’******", { languages: "en, fr" }],
  ])("%s", async (_, text, expected, settings) => {
    expect(await read(text, settings)).toBe(expected);
  });
});

test("dropping by number and by share", async () => {
  const text = "asshole and asshole in six words";
  expect(await read(text, { action: "drop" })).toEqual({ drop: "Inappropriate words over 0: 2" });
  expect(await read(text, { action: "drop", most: 2 })).toBe(text);
  expect(await read(text, { action: "drop", most: 2, share: 0.3 })).toEqual({ drop: "Share of inappropriate words over 0.3: 0.333" });
});

test("a column that lists them", async () => {
  const { columns, rows } = await runAll(textTable(["asshole!", "fine"]), [recipeStep("inappropriate-words", { action: "tag" })]);
  expect(columns).toEqual(["text", "inappropriate words"]);
  expect(rows).toEqual([["asshole!", "asshole"], ["fine", undefined]]);
});

test("a language without a list is refused", async () => {
  await expect(read("x", { languages: "en, xx" })).rejects.toMatchObject({ failure: { message: 'Languages: there is no word list for "xx".' } });
});

test("of phrases the longest, of ratings the surest, and keys of objects are only words", () => {
  const find = createWordFinder([{ "bad": 1, "bad word here": 2, "constructor": 0 }, { bad: 2 }]);
  expect(find("Bad word, here; bad; bad word; constructor").map(({ word, rating, start, end }) => [word, rating, start, end])).toEqual([["bad word here", 2, 0, 14], ["bad", 2, 16, 19], ["bad", 2, 21, 24], ["constructor", 0, 31, 42]]);
});
