/** White space, rule by rule, and one paragraph of a longer document. */
import { expect, test } from "vitest";
import { editsOf, runTexts } from "../testing/runStep";

test.each<[string, string, string, Record<string, string | number | boolean>]>([
  ["several spaces", "a   b", "a b", {}],
  ["kept when asked", "a   b", "a   b", { spaces: false }],
  ["tab to space, and with its neighbors one", "a \t b", "a b", {}],
  ["tabs kept", "a\tb", "a\tb", { tabs: "keep" }],
  ["no-break, thin and ideographic spaces", "a\u00A0b\u2009c\u3000d", "a b c d", {}],
  ["unusual spaces kept", "a\u00A0b", "a\u00A0b", { unusual: false }],
  ["line ends of all kinds", "a\r\nb\rc\u2028d\u0085e", "a\nb\nc\nd\ne", {}],
  ["line ends kept", "a\r\nb", "a\r\nb", { lineEnds: false }],
  ["spaces at line ends", "a  \nb", "a\nb", {}],
  ["spaces at line ends kept, but one", "a  \nb", "a \nb", { trimLines: false }],
  ["indentation kept as it is", "if:\n\t  go", "if:\n\t  go", {}],
  ["indentation removed", "if:\n\t  go", "if:\ngo", { indentation: "remove" }],
  ["blank lines to one", "a\n\n \n\nb", "a\n\nb", {}],
  ["blank lines to none", "a\n\n\nb", "a\nb", { blankLines: 0 }],
  ["both ends", " \n a b \n ", "a b", {}],
  ["ends kept, but tidy", "  a  ", " a ", { trim: false }],
  ["nothing but white space", " \n\t ", "", {}],
])("%s", async (_, before, after, settings) => {
  expect(await runTexts("whitespace", [before], settings)).toEqual([after]);
});

test("a paragraph of a document keeps the line ends that part it from the next", async () => {
  expect(await runTexts("whitespace", ["One.  \n\n\n\n", " Two. ", "\n\nThree."], {}, "")).toEqual(["One.\n\n", "Two.", "\n\nThree."]);
});

test("a text in order gives no edits, one space too many a small one", async () => {
  expect(await editsOf("whitespace", "All is well.\nHere too.")).toEqual([]);
  expect(await editsOf("whitespace", "a  b")).toEqual([{ start: 1, end: 3, text: " " }]);
});
