/** HTML to text: what goes, what parts lines, what must stay; places of edits; text that looks like HTML; time on hostile text. */
import { describe, expect, test } from "vitest";
import { applyEdits } from "../edits";
import { editsOf, runTexts } from "../testing/runStep";
import { findHtml } from "./html";

const read = async (text: string, settings = {}): Promise<unknown> => (await runTexts("html", [text], settings))[0];

describe("what goes", () => {
  test.each([
    ["tags within a line", "a <b>bold</b> word", "a bold word"],
    ["attributes with signs", '<a href="x?a>b" title=\'"\'>link</a>', "link"],
    ["paragraphs", "<p>One.</p><p>Two.</p>", "One.\nTwo."],
    ["a line break", "a<br>b<br/>c", "a\nb\nc"],
    ["list and heading", "<h1>T</h1><ul><li>a</li><li>b</li></ul>end", "T\na\nb\nend"],
    ["table cells", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc"],
    ["line ends that are there already", "<p>a</p>\n<p>b</p>\n", "a\nb\n"],
    ["script and style", "a<script>if (1<2) { x('</p>') }</script>b<STYLE>p{}</STYLE>c", "abc"],
    ["comments", "a<!-- <b>no</b> -->b", "ab"],
    ["doctype", "<!DOCTYPE html><html><body>x</body></html>", "x"],
    ["drawings", "a<svg width=1><path d='M0'/><text>t</text></svg>b<svg/>c", "abc"],
    ["entities", "Tom &amp; Jerry&#39;s &#x41;&eacute;&nbsp;&lt;3", "Tom & Jerry's Aé\u00A0<3"],
    ["an entity of two characters", "&NotEqualTilde;!", "≂̸!"],
    ["entities after entities", "&lt;&gt;&amp;lt;", "<>&lt;"],
    ["an entity right after a tag", "<b>&amp;</b>", "&"],
  ])("%s", async (_, text, expected) => {
    expect(await read(text)).toBe(expected);
  });
});

describe("what stays", () => {
  test.each([
    ["a comparison", "if a < b and c > d"],
    ["a heart", "I <3 you"],
    ["less than, without spaces and end", "a<b and so on"],
    ["unknown tags", "write to <EMAIL> or <|endoftext|> <john@example.org>"],
    ["an entity without semicolon", "AT&T &copy 5 ?a=1&lt=2"],
    ["a script without an end", "a <script>b c"],
    ["a comment without an end", "a <!-- b c"],
    ["a closing sign that is none", "I </3 you"],
  ])("%s", async (_, text) => {
    expect(await read(text)).toBe(text);
  });

  test("settings: no line ends, entities as they are, unknown tags too", async () => {
    expect(await read("<p>a</p><p>b</p>", { lineEnds: false })).toBe("ab");
    expect(await read("<b>&amp;</b>", { entities: false })).toBe("&amp;");
    expect(await read("to <EMAIL> now", { unknownTags: true })).toBe("to  now");
  });
});

test("edits are the places in the text before", async () => {
  expect(await editsOf("html", "x<b>&amp;</b>")).toEqual([
    { start: 1, end: 4, text: "", what: "HTML" }, { start: 4, end: 9, text: "&", what: "entity" }, { start: 9, end: 13, text: "", what: "HTML" },
  ]);
});

test.each([["opened", "<b>"], ["closed", "</i>"], ["both, unbalanced", "<b></i>"], ["half tags", "<"], ["half comments", "<!--"], ["entities", "&"], ["quotes", "<a b='"], ["half closings", "</p "]])("a hundred thousand of %s are read in one go", (_, part) => {
  const choices = { lineEnds: true, entities: true, unknownTags: false };
  const text = part.repeat(100_000);
  expect(applyEdits(text, findHtml(text, choices)).length).toBeLessThanOrEqual(text.length);
});
