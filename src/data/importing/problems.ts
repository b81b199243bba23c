/**
 * What went wrong while rows were read, collected. In: problems as the formats report them. Out: the first thousand with their file, the count of all;
 * or a failure at the first, where the user wants to stop there. The sentence: file, row, column, byte, expected, found.
 */
import { FailureError } from "../../settings/failure";
import type { ImportReport, ImportRequest, RowProblem } from "../types/importing";

export const MOST_LISTED = 1000;

export interface ProblemList {
  add(problem: RowProblem): void;
  clear(): void;
  report(rowsKept: number, notes: readonly string[]): ImportReport;
}

export function collectProblems(onProblems: ImportRequest["onProblems"]): ProblemList {
  let problems: RowProblem[] = [];
  let count = 0;
  let skipped = 0;
  let lastSkipped = "";
  return {
    add(problem) {
      if (onProblems === "stop") throw new FailureError({ kind: "bad-file", message: `${sentenceOf(problem)} Nothing was imported.`, hint: problem.next, where: problem.file });
      count++;
      if (problems.length < MOST_LISTED) problems.push(problem);
      // A row may have several faults and is lost once.
      const row = `${problem.row} ${problem.file}`;
      if (problem.action === "skipped" && problem.row > 0 && row !== lastSkipped) {
        skipped++;
        lastSkipped = row;
      }
    },
    clear() {
      [problems, count, skipped, lastSkipped] = [[], 0, 0, ""];
    },
    report: (rowsKept, notes) => ({ rowsRead: rowsKept + skipped, rowsKept, problemCount: count, problems, notes }),
  };
}

export function sentenceOf({ file, row, column, byte, expected, found }: RowProblem): string {
  const place = [file, ...(row > 0 ? [`row ${row.toLocaleString("en")}`] : []), ...(column === undefined ? [] : [`column "${column}"`])].join(", ");
  return `${place}${byte === undefined ? "" : ` (byte ${byte.toLocaleString("en")})`}: expected ${expected}, found ${found}.`;
}
