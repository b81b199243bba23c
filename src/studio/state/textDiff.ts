/**
 * What a cleaning step did to one cell, as pieces to read. In: the text before and after, and the edits where the step knows
 * them. Out: pieces that stayed, went or came; long stretches that stayed are folded. Without edits the common beginning and end
 * are found, and what stands between is shown as replaced.
 */
import type { Cell, RowChange, TextEdit } from "../../worker/protocol";

export type DiffPiece =
  | { readonly kind: "same" | "gone" | "new"; readonly text: string; readonly what?: string }
  | { readonly kind: "folded"; readonly characters: number };

/** Characters of unchanged text kept in sight on each side of a change. */
const CONTEXT = 60;

const textOf = (cell: Cell): string => (cell === null || cell === undefined ? "" : String(cell));

export function diffPieces(change: Pick<RowChange, "before" | "after" | "edits" | "reason">): DiffPiece[] {
  const before = textOf(change.before);
  if (change.reason !== undefined || change.after === undefined) return [{ kind: "same" as const, text: before }].filter(({ text }) => text !== "");
  const after = textOf(change.after);
  const edits = change.edits ?? [replacement(before, after)];
  const pieces: DiffPiece[] = [];
  let at = 0;
  for (const { start, end, text, what } of edits) {
    pieces.push({ kind: "same", text: before.slice(at, start) }, { kind: "gone", text: before.slice(start, end), ...(what === undefined ? {} : { what }) }, { kind: "new", text });
    at = end;
  }
  pieces.push({ kind: "same", text: before.slice(at) });
  return pieces.filter((piece) => piece.kind === "folded" || piece.text !== "");
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** The one edit that makes `after` of `before`, never between the halves of a character. */
function replacement(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  if (start > 0 && isHighSurrogate(before.charCodeAt(start - 1))) start -= 1;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  if (tail > 0 && isLowSurrogate(before.charCodeAt(before.length - tail))) tail -= 1;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}

/** Long stretches that stayed keep `CONTEXT` characters beside each change; a row that was dropped keeps its beginning. */
export function foldSame(pieces: readonly DiffPiece[]): DiffPiece[] {
  return pieces.flatMap((piece, index) => {
    if (piece.kind !== "same") return [piece];
    if (pieces.length === 1) return fold(piece.text, 6 * CONTEXT, 0);
    return fold(piece.text, index === 0 ? 0 : CONTEXT, index === pieces.length - 1 ? 0 : CONTEXT);
  });
}

function fold(text: string, head: number, tail: number): DiffPiece[] {
  const [from, to] = [wholeAt(text, head), wholeAt(text, text.length - tail)];
  if (to - from < CONTEXT) return [{ kind: "same", text }];
  const parts: DiffPiece[] = [{ kind: "same", text: text.slice(0, from) }, { kind: "folded", characters: to - from }, { kind: "same", text: text.slice(to) }];
  return parts.filter((part) => part.kind !== "same" || part.text !== "");
}

/** A place that is not between the halves of a character. */
const wholeAt = (text: string, at: number): number => (at > 0 && isHighSurrogate(text.charCodeAt(at - 1)) && isLowSurrogate(text.charCodeAt(at)) ? at - 1 : at);
