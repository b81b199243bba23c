/** Hidden characters become signs, and nothing is lost on the way. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitVisible } from "./visibleText";

const signs = (text: string, layout: "lines" | "one line" = "lines") => splitVisible(text, layout).flatMap((piece) => (piece.kind === "special" ? [piece.sign] : []));

test("the pieces joined are the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.constantFrom("lines" as const, "one line" as const), (text, layout) => {
      expect(splitVisible(text, layout).map((piece) => piece.text).join("")).toBe(text);
    }),
  );
});

test("controls, zero-width and direction marks, odd spaces and halves of pairs get a sign", () => {
  expect(signs("a\u0000b\u001bc\u007f")).toEqual(["NUL", "ESC", "DEL"]);
  expect(signs("a\u200bb\u202ec\ufeff")).toEqual(["U+200B", "U+202E", "U+FEFF"]);
  expect(signs("a\u00a0b")).toEqual(["NBSP"]);
  expect(signs("x\ud800y\udc00")).toEqual(["U+D800", "U+DC00"]);
  expect(splitVisible("\u202e", "lines")[0]).toMatchObject({ name: "right-to-left override (U+202E)" });
});

test("ordinary text, pairs and joined pictures are left as they are", () => {
  expect(signs("Grüße aus Köln — “voilà” 漢字 שלום 😀")).toEqual([]);
  expect(signs("👩\u200d👩\u200d👧")).toEqual([]);
  expect(signs("a\u200db")).toEqual(["U+200D"]);
});

test("line feeds and tabs are signs only where all stands on one line", () => {
  expect(signs("a\n\tb\r")).toEqual(["CR"]);
  expect(signs("a\n\tb\r", "one line")).toEqual(["↵", "→", "CR"]);
});
