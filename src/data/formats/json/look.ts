/** Tells JSON and JSON Lines from other text and from each other. In: the beginning of a file. Out: which of them it is, if any. */
import { JsonFlaw, readJson } from "./parse";

/** "document": one value, a list or object; "lines": a whole value on each line. */
export type JsonLooks = "document" | "lines" | "neither";

export function looksLikeJson(head: string, isWhole: boolean): JsonLooks {
  const lines = head.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  // The last line may be cut.
  if (!isWhole) lines.pop();
  const [first, second] = lines;
  if (first?.startsWith("{") && isWholeValue(first) && second !== undefined && /^[{[]/.test(second)) return "lines";
  if (first?.startsWith("{") && isWhole && second === undefined && countValues(first) > 1) return "lines";
  const start = head.trimStart();
  if (start.startsWith("{")) return /^\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\})/.test(start) ? "document" : "neither";
  if (!start.startsWith("[")) return "neither";
  if (first !== undefined && second?.startsWith("[") && isWholeValue(first)) return "lines";
  return /^\[\s*[{["\]]/.test(start) || /^\[\s*(?:-?\d[\d.eE+-]*|true|false|null)\s*[,\]]\s*(?:-?\d|[tfn{["\]]|$)/.test(start) ? "document" : "neither";
}

const isWholeValue = (line: string): boolean => countValues(line) > 0;

/** Values that follow one another on a line; 0 where something else does. */
function countValues(line: string): number {
  const reader = readJson(line);
  let count = 0;
  try {
    for (reader.skipSpace(); !reader.atEnd(); reader.skipSpace()) {
      reader.value();
      count++;
    }
    return count;
  } catch (error) {
    if (error instanceof JsonFlaw) return 0;
    throw error;
  }
}
