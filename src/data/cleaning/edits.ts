/**
 * Changes of a text as data. In: edits in UTF-16 units of the text before, ascending and not overlapping. Out: the text after,
 * the edits of two steps as the edits of one, and places mapped from before to after or back, so that the offsets of labels
 * survive every cleaning step. The idea is that of a text delta: between edits, before and after differ only by a shift.
 */
import type { TextEdit } from "../types/cleaning";

/** A part of a text, [start, end) in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  if (edits.length === 0) return text;
  let result = "";
  let at = 0;
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** The edits that lead from the text after back to `before`. */
export function invertEdits(before: string, edits: readonly TextEdit[]): TextEdit[] {
  let shift = 0;
  return edits.map(({ start, end, text }) => {
    const from = start + shift;
    shift += text.length - (end - start);
    return { start: from, end: from + text.length, text: before.slice(start, end) };
  });
}

/**
 * Where a place is in the text after. A place strictly inside a replaced part goes to the start of what replaced it, or to its
 * end; so does a place at the edge of a part, if the span it belongs to reaches into that part. Text inserted at the edge of a span stays outside.
 */
export function mapOffset(edits: readonly TextEdit[], offset: number, side: "start" | "end"): number {
  let shift = 0;
  for (const { start, end, text } of edits) {
    const isInsertion = start === end;
    const isBefore = end < offset || (end === offset && (side === "start" || !isInsertion));
    if (!isBefore) {
      if (start < offset) return side === "start" ? start + shift : start + shift + text.length;
      break;
    }
    shift += text.length - (end - start);
  }
  return offset + shift;
}

/** A span in the text after. Untouched characters stay the same characters; a span that was deleted is empty where it stood. */
export function mapSpan(edits: readonly TextEdit[], { start, end }: Span): Span {
  const from = mapOffset(edits, start, "start");
  return { start: from, end: Math.max(from, mapOffset(edits, end, "end")) };
}

/** What several rules, each reading the text that the one before it left, do to the text as a whole. */
export function chainEdits(text: string, rules: readonly ((text: string) => readonly TextEdit[])[]): readonly TextEdit[] {
  let [current, all]: [string, readonly TextEdit[]] = [text, []];
  for (const rule of rules) {
    const edits = rule(current);
    if (edits.length === 0) continue;
    all = composeEdits(all, edits);
    current = applyEdits(current, edits);
  }
  return all;
}

/** One edit per match of a global pattern whose replacement differs from it. */
export function replaceMatches(text: string, pattern: RegExp, replace: (match: string, at: number) => string, what?: string): TextEdit[] {
  const edits: TextEdit[] = [];
  for (const { 0: match, index } of text.matchAll(pattern)) {
    const replacement = replace(match, index);
    if (replacement !== match) edits.push({ start: index, end: index + match.length, text: replacement, ...(what !== undefined && { what }) });
  }
  return edits;
}

interface Placed extends Span {
  readonly edit: TextEdit;
  readonly isFirst: boolean;
}

/** Both lists of edits on the axis of the text between the steps, in order; what takes no room there comes before what does. */
function* placeOnMiddle(first: readonly TextEdit[], second: readonly TextEdit[]): Generator<Placed, void, undefined> {
  let [i, j, shift] = [0, 0, 0];
  for (;;) {
    const [a, b] = [first[i], second[j]];
    if (!a && !b) return;
    const start = a ? a.start + shift : Infinity;
    const end = a ? start + a.text.length : Infinity;
    const isFirst = a !== undefined && (!b || start < b.start || (start === b.start && (start === end || b.start !== b.end)));
    if (isFirst) {
      shift += a.text.length - (a.end - a.start);
      i++;
      yield { start, end, edit: a, isFirst };
    } else {
      j++;
      yield { start: b!.start, end: b!.end, edit: b!, isFirst };
    }
  }
}

/** Edits of the text before the first step that do what both steps do, one after the other. */
export function composeEdits(first: readonly TextEdit[], second: readonly TextEdit[]): TextEdit[] {
  if (first.length === 0) return [...second];
  if (second.length === 0) return [...first];
  const composed: TextEdit[] = [];
  let group: Placed[] = [];
  let groupEnd = 0;
  let shift = 0;
  const close = (): void => {
    if (group.length === 0) return;
    pushEdit(composed, joinGroup(group, groupEnd, shift));
    for (const { edit, isFirst } of group) if (isFirst) shift += edit.text.length - (edit.end - edit.start);
    group = [];
  };
  for (const placed of placeOnMiddle(first, second)) {
    const overlaps = group.length > 0 && placed.start < groupEnd && (placed.end > group[0]!.start);
    if (!overlaps) close();
    groupEnd = overlaps ? Math.max(groupEnd, placed.end) : placed.end;
    group.push(placed);
  }
  close();
  return composed;
}

/** One edit of a chain of overlapping ones. What lies between second edits was written by first ones: the chain leaves no other text. */
function joinGroup(group: readonly Placed[], groupEnd: number, shift: number): TextEdit {
  const groupStart = group[0]!.start;
  const firsts = group.filter((placed) => placed.isFirst);
  let next = 0;
  // Asked from left to right, so a chain of many edits is gone through once.
  const written = (from: number, to: number): string => {
    while (next < firsts.length && firsts[next]!.end <= from) next++;
    let result = "";
    for (let at = next; at < firsts.length && firsts[at]!.start < to; at++) {
      const { start, edit } = firsts[at]!;
      result += edit.text.slice(Math.max(0, from - start), to - start);
    }
    return result;
  };
  let text = "";
  let at = groupStart;
  for (const { start, end, edit, isFirst } of group) {
    if (isFirst) continue;
    text += written(at, start) + edit.text;
    at = end;
  }
  text += written(at, groupEnd);
  const shiftAfter = firsts.reduce((sum, { edit }) => sum + edit.text.length - (edit.end - edit.start), shift);
  const what = group.findLast((placed) => placed.edit.what !== undefined)?.edit.what;
  return { start: groupStart - shift, end: groupEnd - shiftAfter, text, ...(what !== undefined && { what }) };
}

/** Two insertions at one place become one. */
function pushEdit(edits: TextEdit[], edit: TextEdit): void {
  const last = edits.at(-1);
  const isSecondInsertion = last && last.start === last.end && edit.start === edit.end && last.end === edit.start;
  if (isSecondInsertion) edits[edits.length - 1] = { ...last, text: last.text + edit.text };
  else edits.push(edit);
}

/** Unicode code points before a place given in UTF-16 units; a place inside a surrogate pair counts as before it. */
export function toCodePoints(text: string, offset: number): number {
  let count = 0;
  for (let at = 0; at < offset; count++) {
    at += isPairAt(text, at) ? 2 : 1;
    if (at > offset) break;
  }
  return count;
}

/** The place in UTF-16 units after so many code points; the text's length if it has fewer. */
export function toUtf16(text: string, codePoints: number): number {
  let at = 0;
  for (let count = 0; count < codePoints && at < text.length; count++) at += isPairAt(text, at) ? 2 : 1;
  return at;
}

const isPairAt = (text: string, at: number): boolean => (text.codePointAt(at) ?? 0) > 0xffff;
