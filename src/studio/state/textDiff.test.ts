import fc from "fast-check";
import { expect, test } from "vitest";
import type { TextEdit } from "../../worker/protocol";
import { type DiffPiece, diffPieces, foldSame } from "./textDiff";

const joined = (pieces: readonly DiffPiece[], side: "gone" | "new"): string => pieces.map((piece) => (piece.kind === "same" || piece.kind === side ? piece.text : "")).join("");
const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "é", "😀", "😁", "\u0301", "\n") });

test("without edits the pieces are the text before and the text after, and the common ends are same", () => {
  expect(diffPieces({ before: "write to ahab@sea", after: "write to [EMAIL]" })).toEqual([
    { kind: "same", text: "write to " }, { kind: "gone", text: "ahab@sea" }, { kind: "new", text: "[EMAIL]" },
  ]);
  fc.assert(fc.property(text, text, (before, after) => {
    const pieces = diffPieces({ before, after });
    expect(joined(pieces, "gone")).toBe(before);
    expect(joined(pieces, "new")).toBe(after);
    for (const piece of pieces) expect(piece.kind === "folded" || piece.text.isWellFormed()).toBe(true);
  }));
});

test("edits are shown where they are, with what was found", () => {
  const edits: TextEdit[] = [{ start: 0, end: 1, text: "A", what: "letter" }, { start: 3, end: 3, text: "!" }];
  expect(diffPieces({ before: "abcd", after: "Abc!d", edits })).toEqual([
    { kind: "gone", text: "a", what: "letter" }, { kind: "new", text: "A" }, { kind: "same", text: "bc" }, { kind: "new", text: "!" }, { kind: "same", text: "d" },
  ]);
});

test("a dropped row is its text; cells that are no text are written out", () => {
  expect(diffPieces({ before: "short", reason: "fewer than 5 words" })).toEqual([{ kind: "same", text: "short" }]);
  expect(diffPieces({ before: null, after: 4.5, edits: undefined as never })).toEqual([{ kind: "new", text: "4.5" }]);
  expect(diffPieces({ before: null, reason: "missing" })).toEqual([]);
});

test("long stretches that stayed are folded, sixty letters remain beside each change, and none is lost", () => {
  const [head, middle, tail] = ["h".repeat(500), "m".repeat(500), "t".repeat(100)];
  const pieces = foldSame([{ kind: "same", text: head }, { kind: "gone", text: "x" }, { kind: "same", text: middle }, { kind: "new", text: "y" }, { kind: "same", text: tail }]);
  expect(pieces.map((piece) => (piece.kind === "folded" ? piece.characters : piece.text.length))).toEqual([440, 60, 1, 60, 380, 60, 1, 100]);
  expect(foldSame([{ kind: "same", text: "h".repeat(1000) }])).toEqual([{ kind: "same", text: "h".repeat(360) }, { kind: "folded", characters: 640 }]);
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom("a", "😀"), maxLength: 900 }), (before) => {
    const folded = foldSame(diffPieces({ before: `${before}x${before}`, after: `${before}y${before}` }));
    const length = folded.reduce((sum, piece) => sum + (piece.kind === "folded" ? piece.characters : piece.text.length), 0);
    expect(length).toBe(2 * before.length + 2);
    for (const piece of folded) expect(piece.kind === "folded" || piece.text.isWellFormed()).toBe(true);
  }));
});
