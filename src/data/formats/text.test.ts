import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { column, memoryTable } from "../table/table";
import { text } from "./text";
import { readAll, writeAll } from "./testing/sources";

const chunking = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 });
const BOOK = "Chapter 1\n\nCall me Ishmael.\nSome years ago.\n\n\n  Never mind\nhow long.\n";

describe("one document", () => {
  it("keeps the blank lines behind each paragraph", async () => {
    const { names, rows, joiner } = await readAll(text, BOOK);
    expect(names).toEqual(["text"]);
    expect(joiner).toBe("");
    expect(rows).toEqual([["Chapter 1\n\n"], ["Call me Ishmael.\nSome years ago.\n\n\n"], ["  Never mind\nhow long.\n"]]);
  });

  it("joins to the text it was, in every chunking, and is written back the same", async () => {
    const piece = fc.constantFrom("a", "é", "😀", " ", "\n", "\n\n", "\r", "\r\n", "\t\n", "word ");
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }).map((parts) => `x${parts.join("")}`), chunking, async (content, sizes) => {
        const { rows, joiner } = await readAll(text, content, { sizes });
        expect(rows.map(([cell]) => cell).join(joiner)).toBe(content.replaceAll("\r\n", "\n"));
        const { bytes } = await writeAll(text, memoryTable([column("text", { role: "text" })], rows, { joiner: joiner! }));
        expect(new TextDecoder().decode(bytes)).toBe(content.replaceAll("\r\n", "\n"));
      }),
      { numRuns: 500 },
    );
  });

  it("cuts at 64 KB what has no blank lines, never inside a character", async () => {
    const content = `${"😀".repeat(50_000)}\n${"word ".repeat(30_000)}`;
    const { rows } = await readAll(text, content, { sizes: [70_001] });
    expect(rows.map(([cell]) => cell).join("")).toBe(content);
    for (const [cell] of rows) {
      expect((cell as string).length).toBeLessThanOrEqual(65_536);
      expect(cell).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
    }
  });
});

it("reads paragraphs without what separates them, and lines without blank ones", async () => {
  for (const sizes of [[], [1], [3, 2]]) {
    expect((await readAll(text, BOOK, { settings: { rows: "paragraphs" }, sizes })).rows).toEqual([["Chapter 1"], ["Call me Ishmael.\nSome years ago."], ["  Never mind\nhow long."]]);
    expect((await readAll(text, BOOK, { settings: { rows: "lines" }, sizes })).rows).toEqual([["Chapter 1"], ["Call me Ishmael."], ["Some years ago."], ["  Never mind"], ["how long."]]);
  }
});

it("keeps a file whole as one row in every chunking; by itself a file is a document", async () => {
  const piece = fc.constantFrom("a", "é", "😀", " ", "\n\n", "\r", "\r\n", "word ");
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }).map((parts) => `x${parts.join("")}`), chunking, async (content, sizes) => {
      const { rows, joiner, notes } = await readAll(text, content, { settings: { rows: "files" }, sizes });
      expect(rows).toEqual([[content.replaceAll("\r\n", "\n")]]);
      expect([joiner, notes.includes("Each file is one row.")]).toEqual(["\n", false]);
      expect((await readAll(text, content, { sizes })).rows).toEqual((await readAll(text, content, { settings: { rows: "document" }, sizes })).rows);
    }),
    { numRuns: 200 },
  );
});

it("says how it was decoded and stops at the row limit", async () => {
  const { notes } = await readAll(text, Uint8Array.from([...new TextEncoder().encode("Les "), 0xe9, 0x74, 0xe9, 0x73, 0x20, 0x64, 0x65, 0x20, 0x6c, 0x27, 0x61, 0x6e, 0x6e, 0xe9, 0x65]));
  expect(notes[0]).toContain("It is not UTF-8 (at byte 4 (0xE9))");
  expect((await readAll(text, "a\n".repeat(100), { settings: { rows: "lines" }, rowLimit: 7 })).rows).toHaveLength(7);
});

it("writes one column and says what it left out", async () => {
  const table = memoryTable([column("label"), column("body", { role: "text" })], [["a", "one"], ["b", "two\nlines"], ["c", null]]);
  const { bytes, notes } = await writeAll(text, table);
  expect(new TextDecoder().decode(bytes)).toBe("one\ntwo\nlines\n");
  expect(notes).toHaveLength(2);
  expect(new TextDecoder().decode((await writeAll(text, table, { column: "label", joiner: "blank line" })).bytes)).toBe("a\n\nb\n\nc");
  await expect(writeAll(text, table, { column: "nope" })).rejects.toThrow('There is no column "nope"');
});
