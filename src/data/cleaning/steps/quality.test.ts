/** Every quality rule with values worked out by hand, on both sides of its limit; the presets on a page and on a message. */
import { describe, expect, test } from "vitest";
import { findStep } from "../index";
import { runTexts } from "../testing/runStep";

const dropOf = async (step: string, text: string, settings: Record<string, number | boolean | string> = {}): Promise<string | undefined> => {
  const [left] = await runTexts(step, [text], settings);
  return typeof left === "object" && left !== null ? left.drop : undefined;
};

describe("Gopher quality", () => {
  /** Nothing is dropped by rules that are not looked at. */
  const open = { fewestWords: 0, mostWords: 1e6, shortestMean: 0, longestMean: 1000, hashes: 10, ellipses: 10, bulletLines: 1, ellipsisLines: 1, letterWords: 0, frequentWords: 0 };
  test.each<[string, string, Record<string, number>, string | undefined]>([
    ["3 words, symbols not counted", "One, two , three !", { fewestWords: 4 }, "Words under 4: 3"],
    ["3 words are enough", "One, two , three !", { fewestWords: 3 }, undefined],
    ["4 words are too many", "a b c d", { mostWords: 3 }, "Words over 3: 4"],
    ["(1 + 2 + 4) / 3 letters", "a bc defg", { shortestMean: 2.5 }, "Mean word length under 2.5: 2.333"],
    ["(1 + 2 + 4) / 3 letters are not over", "a bc defg", { longestMean: 2.4 }, undefined],
    ["12 letters", "abcdefghijkl", { longestMean: 10 }, "Mean word length over 10: 12"],
    ["2 hash signs to 4 words", "#a b #c d", { hashes: 0.4 }, "Hash signs per word over 0.4: 0.5"],
    ["2 ellipses to 4 words", "a... b c d…", { ellipses: 0.4 }, "Ellipses per word over 0.4: 0.5"],
    ["2 of 3 lines are items", "• a\n- b\nc", { bulletLines: 0.6 }, "Share of list items over 0.6: 0.667"],
    ["2 of 3 lines are items, within 0.7", "• a\n- b\nc", { bulletLines: 0.7 }, undefined],
    ["1 of 2 lines ends in dots", "a... \nb", { ellipsisLines: 0.3 }, "Share of lines that end in … over 0.3: 0.5"],
    ["3 of 4 words have a letter", "a b3 c 44", { letterWords: 0.8 }, "Share of words with a letter under 0.8: 0.75"],
    ["the same frequent word twice is one", "The cat, the dog", { frequentWords: 2 }, "Different frequent words under 2: 1"],
    ["the and of", "The end of it", { frequentWords: 2 }, undefined],
  ])("%s", async (_, text, settings, expected) => {
    expect(await dropOf("gopher-quality", text, { ...open, ...settings })).toBe(expected);
  });

  test("a text without words breaks no rule about its words but the number of them", async () => {
    expect(await dropOf("gopher-quality", "!!!", { ...open, shortestMean: 3 })).toBeUndefined();
    expect(await dropOf("gopher-quality", "!!!")).toBe("Words under 50: 0");
  });
});

describe("Gopher repetition", () => {
  const open = Object.fromEntries(["lines", "paragraphs", "lineCharacters", "paragraphCharacters", "top2", "top3", "top4", ...[5, 6, 7, 8, 9, 10].map((n) => `repeated${n}`)].map((id) => [id, 1]));
  test.each<[string, string, Record<string, number>, string | undefined]>([
    ["1 of 3 lines again", "aa\naa\nb", { lines: 0.3 }, "Share of repeated lines over 0.3: 0.333"],
    ["1 of 4 lines again", "aa\naa\nb\nc", { lines: 0.3 }, undefined],
    ["2 of 7 characters in repeated lines", "aa\naa\nb", { lineCharacters: 0.2 }, "Share of characters in repeated lines over 0.2: 0.286"],
    ["1 of 2 paragraphs again", "ab\n\nab", { paragraphs: 0.3 }, "Share of repeated paragraphs over 0.3: 0.5"],
    ["2 of 6 characters in repeated paragraphs", "ab\n\nab", { paragraphCharacters: 0.2 }, "Share of characters in repeated paragraphs over 0.2: 0.333"],
    // "a b" stands twice: 6 of 11 characters.
    ["the top 2 words", "a b c d a b", { top2: 0.5 }, "Share of characters in the top 2 words over 0.5: 0.545"],
    ["no 2 words stand twice", "a b c d e f", { top2: 0.01 }, undefined],
    // "a b c" twice, 10 of 13 characters.
    ["the top 3 words", "a b c x a b c", { top3: 0.76 }, "Share of characters in the top 3 words over 0.76: 0.769"],
    ["the top 4 words", "a b c d x a b c d", { top4: 0.8 }, "Share of characters in the top 4 words over 0.8: 0.824"],
    // The second "a b c d e": 9 of 19 characters; the first does not count.
    ["repeated 5 words", "a b c d e a b c d e", { repeated5: 0.4 }, "Share of characters in repeated 5 words over 0.4: 0.474"],
    // a×7: all 5 words in a row are equal; the second starts at word 1 and takes words 1 to 5: 9 of 13 characters.
    ["repeated places are not counted twice", "a a a a a a a", { repeated5: 0.69 }, "Share of characters in repeated 5 words over 0.69: 0.692"],
    ["repeated 10 words of too few", "a b c d e f g h i", { repeated10: 0 }, undefined],
  ])("%s", async (_, text, settings, expected) => {
    expect(await dropOf("gopher-repetition", text, { ...open, ...settings })).toBe(expected);
  });
});

describe("C4", () => {
  const open = { terminal: false, wordsPerLine: 0, longestWord: 1e6, javascript: false, policy: false, citations: false, loremIpsum: false, curly: false, sentences: 0 };
  const good = "This line stays.\n";
  test.each<[string, string, Record<string, number | boolean>, string]>([
    ["no end mark", `${good}Home | About\nThis too "so"`, { terminal: true }, `${good}This too "so"`],
    ["three dots are no end", `${good}And so on...\n`, { terminal: true }, good],
    ["fewer than 3 words", `${good}Go on.\n`, { wordsPerLine: 3 }, good],
    ["a word of 11 letters", `${good}abcdefghijk x y.\n`, { longestWord: 10 }, good],
    ["JavaScript", `Please enable JavaScript now.\n${good}`, { javascript: true }, good],
    ["policy", `We value this. See our Privacy Policy.\r\n${good}`, { policy: true }, good],
    ["citation marks", "Water [12] is wet [citation needed].", { citations: true }, "Water  is wet ."],
  ])("takes out lines: %s", async (_, text, settings, left) => {
    expect(await runTexts("c4", [text], { ...open, ...settings })).toEqual([left]);
  });

  test.each<[string, string, Record<string, number | boolean>, string | undefined]>([
    ["filler", "Lorem Ipsum dolor.", { loremIpsum: true }, "Lorem ipsum"],
    ["code", "if (a) { b }", { curly: true }, "Curly bracket"],
    ["4 sentences", "One. Two! Three? Four.", { sentences: 5 }, "Sentences under 5: 4"],
    ["5 sentences in two lines", "One. Two! Three?\nFour. Five.", { sentences: 5 }, undefined],
    ["nothing left", "Home", { terminal: true }, "No line left"],
  ])("drops rows: %s", async (_, text, settings, expected) => {
    expect(await dropOf("c4", text, { ...open, ...settings })).toBe(expected);
  });
});

describe("FineWeb", () => {
  const open = { endMarks: 0, shortLines: 1, shortLine: 30, repeats: 1, lineFeeds: 100 };
  const long = "This line is certainly longer than thirty characters.";
  test.each<[string, string, Record<string, number>, string | undefined]>([
    ["1 of 4 lines ends well", "a.\nb\nc\nd", { endMarks: 0.25 }, "Share of lines with an end mark 0.25 or less: 0.25"],
    ["1 of 4 lines ends well, over 0.2", "a.\nb\nc\nd", { endMarks: 0.2 }, undefined],
    ["no line ends well, but that rule is off", "a\nb", { endMarks: 0 }, undefined],
    ["2 of 3 lines are short", `a\n${long}\nb`, { shortLines: 0.66 }, "Share of short lines 0.66 or more: 0.667"],
    ["53 letters are not short", long, { shortLines: 0.01 }, undefined],
    ["2 of 6 characters in repeated lines, line feeds not counted", "aa\naa\n\nbb", { repeats: 0.33 }, "Share of characters in repeated lines 0.33 or more: 0.333"],
    ["2 line ends to 3 words", "a\nb\nc", { lineFeeds: 0.6 }, "Line ends per word over 0.6: 0.667"],
  ])("%s", async (_, text, settings, expected) => {
    expect(await dropOf("fineweb", text, { ...open, ...settings })).toBe(expected);
  });
});

describe("what text is made of", () => {
  const open = { other: 1, digits: 1, whiteSpace: 1, brackets: 1, links: 1, unended: 1, boilerplate: 1 };
  test.each<[string, string, Record<string, number>, string | undefined]>([
    ["3 of 5 are neither letter nor digit: # and two spaces; . is none", "a # .", { other: 0.5 }, "Share of what is neither letter nor digit over 0.5: 0.6"],
    ["2 of 4 are digits", "ab12", { digits: 0.4 }, "Share of digits over 0.4: 0.5"],
    ["1 of 3 is white space", "a b", { whiteSpace: 0.3 }, "Share of white space over 0.3: 0.333"],
    ["2 of 4 are brackets", "(ab)", { brackets: 0.4 }, "Share of round brackets over 0.4: 0.5"],
    ["15 of 19 are a link", "see http://a.org/xy", { links: 0.7 }, "Share of links over 0.7: 0.789"],
    ["1 of 2 sentences has no end", "It ends. It does not", { unended: 0.4 }, "Share of sentences without an end mark over 0.4: 0.5"],
    ["1 of 2 paragraphs is boilerplate", "Text.\n\nAll rights reserved.", { boilerplate: 0.4 }, "Share of boilerplate paragraphs over 0.4: 0.5"],
    ["letters of any script", "яблоко 苹果", { other: 0.2 }, undefined],
  ])("%s", async (_, text, settings, expected) => {
    expect(await dropOf("character-shares", text, { ...open, ...settings })).toBe(expected);
  });
});

const PAGE = `The history of the lighthouse begins with a fire that fishermen kept on the hill. Nobody knows who lit it first, and few have asked. In the summer of 1811 a tower of stone was built where the fire had been.
It was meant to last for a hundred years. It has stood for two hundred, with a new lamp every generation. The keepers have left diaries, which are full of weather and of visitors. One of them wrote about a whale that stayed for a week. Another counted ships, and stopped when there were too many to count.`;

describe("presets", () => {
  test.each(["gopher-quality", "gopher-repetition", "c4", "fineweb", "character-shares"])("%s keeps a page of prose, and with the preset for messages a message", async (id) => {
    const { presets = [] } = findStep(id);
    expect(presets.map(({ label }) => label)).toEqual(["Web pages", "Short messages", "Instructions"]);
    const settingsOf = (label: string): Record<string, number | boolean | string> => ({ ...presets.find((preset) => preset.label === label)!.settings });
    expect(await runTexts(id, [PAGE], settingsOf("Web pages"))).toEqual([PAGE]);
    const message = "ok thx!! see u at 8 😀";
    expect(await runTexts(id, [message], settingsOf("Short messages"))).toEqual([message]);
    const instruction = "Translate to French: I would like two tickets (return), please.";
    expect(await runTexts(id, [instruction], settingsOf("Instructions"))).toEqual([instruction]);
  });

  test("a message is dropped by rules for web pages: that is why there are presets", async () => {
    expect(await dropOf("gopher-quality", "ok thx!! see u at 8 😀")).toBe("Words under 50: 6");
  });
});
