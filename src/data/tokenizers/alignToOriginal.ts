/**
 * Moves spans of a normalized text back to the text it was made from. In: spans in the normalized text, the original, how it
 * is normalized. Out: spans in the original. The original is cut before every character that nothing before it can combine
 * with; each part is normalized alone, and a span covers the parts it touches
 * that no span before it has.
 */
import type { Trace } from "./tokenizer";

/** Marks and the Hangul vowels and finals combine with what stands before them. */
const COMBINES = /[\p{M}\u1160-\u11FF\uD7B0-\uD7FB]/u;

export function alignToOriginal(trace: Trace, original: string, normalize: (text: string) => string): Trace {
  const { before, from } = mapParts(original, normalize);
  const place = (at: number, edge: "start" | "end"): number => {
    const found = lowerBound(before, at + (edge === "start" ? 1 : 0)) - 1;
    return edge === "start" ? from[found]! : at === 0 ? 0 : from[found + 1]!;
  };
  const starts = trace.starts.map((start) => place(start, "start"));
  const ends = trace.ends.map((end) => place(end, "end"));
  // Several tokens may share a part: the first has it.
  for (let i = 0, taken = 0; i < starts.length; i++) {
    const isEmpty = trace.starts[i] === trace.ends[i];
    starts[i] = Math.max(starts[i]!, taken);
    taken = ends[i] = isEmpty ? starts[i]! : Math.max(ends[i]!, starts[i]!);
  }
  return { ids: trace.ids, starts, ends };
}

/** Part p begins at from[p] in the original and at before[p] in the normalized text; one more entry ends the last. */
function mapParts(original: string, normalize: (text: string) => string): { before: number[]; from: number[] } {
  const before: number[] = [];
  const from: number[] = [];
  let length = 0;
  let start = 0;
  const close = (end: number): void => {
    if (end === start) return;
    before.push(length);
    from.push(start);
    length += normalize(original.slice(start, end)).length;
    start = end;
  };
  for (let at = 0; at < original.length; ) {
    const character = String.fromCodePoint(original.codePointAt(at)!);
    if (!COMBINES.test(character)) close(at);
    at += character.length;
  }
  close(original.length);
  before.push(length);
  from.push(original.length);
  return { before, from };
}

/** The first index whose value is at least `value`. */
function lowerBound(values: readonly number[], value: number): number {
  let low = 0;
  for (let high = values.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
