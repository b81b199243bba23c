/**
 * The part of a text that a scanner still needs. In: pieces as they are decoded. Out: one string to look at, which keeps what the scanner has
 * not finished with, and the byte in the file of any place in it.
 */
import type { TextPiece } from "./decodeText";

export interface TextWindow {
  text(): string;
  /** Drops everything before `keepFrom` and adds a piece; places move down by `keepFrom`. */
  add(piece: TextPiece, keepFrom: number): void;
  /** Byte of a place in `text()`. */
  byteAt(place: number): number;
}

export function createTextWindow(): TextWindow {
  let text = "";
  /** Pieces that still reach into the window, with the place where each begins (negative once its beginning was dropped). */
  let parts: { from: number; readonly piece: TextPiece }[] = [];
  return {
    text: () => text,
    add(piece, keepFrom) {
      const kept = keepFrom === text.length ? "" : text.slice(keepFrom);
      for (const part of parts) part.from -= keepFrom;
      parts = parts.filter(({ from, piece: { text: { length } } }) => from + length > 0);
      parts.push({ from: kept.length, piece });
      text = kept + piece.text;
    },
    byteAt(place) {
      const part = parts.findLast(({ from }) => from <= place) ?? parts[0];
      return part ? part.piece.byteAt(place - part.from) : 0;
    },
  };
}
