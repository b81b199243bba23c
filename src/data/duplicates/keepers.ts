/**
 * Which row of each group of copies stays. In: the group of each row, and a score. Out: per group, named by its first row, the row with the highest
 * score, the earliest of equals.
 */
import { isMissing, type Cell } from "../types/table";
import { NO_ROW } from "./exact";

export type Keep = "first" | "longest" | "most complete";

/** Higher stays: characters of the compared text, or cells that are not missing; the first row stays where all score 0. */
export function scoreRow(keep: Keep, cells: readonly Cell[], text: string): number {
  if (keep === "first") return 0;
  return keep === "longest" ? text.length : cells.reduce<number>((count, cell) => count + (isMissing(cell) ? 0 : 1), 0);
}

export function chooseKeepers(firstOf: (row: number) => number, scores: Uint32Array): Uint32Array<ArrayBuffer> {
  const keepers = new Uint32Array(scores.length).fill(NO_ROW);
  for (let row = 0; row < scores.length; row++) {
    const first = firstOf(row);
    if (first === NO_ROW) continue;
    const best = keepers[first]!;
    if (best === NO_ROW || scores[row]! > scores[best]!) keepers[first] = row;
  }
  return keepers;
}
