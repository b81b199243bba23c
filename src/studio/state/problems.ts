/** The problems of an import, grouped and as a table. In: the report. Out: kinds with their counts, and CSV text to keep. */
import type { RowProblem } from "../../worker/protocol";

/** What was expected and what happens to the row: problems that are mended in the same way. */
export const kindOf = ({ expected, action }: RowProblem): string => `expected ${expected}, ${action}`;

export interface ProblemKind {
  readonly kind: string;
  readonly count: number;
}

/** The most frequent first. */
export function kindsOf(problems: readonly RowProblem[]): ProblemKind[] {
  const counts = new Map<string, number>();
  for (const problem of problems) counts.set(kindOf(problem), (counts.get(kindOf(problem)) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count);
}

/** What the button that keeps the good rows says. */
export const keepText = (rows: number): string => (rows === 1 ? "Keep 1 good row" : `Keep ${rows.toLocaleString("en-US")} good rows`);

/** "row 12, column length, byte 772" */
export function placeOf({ row, column, byte }: RowProblem): string {
  const parts = [row > 0 ? `row ${row.toLocaleString("en-US")}` : "the file", ...(column === undefined ? [] : [`column ${column}`]), ...(byte === undefined ? [] : [`byte ${byte.toLocaleString("en-US")}`])];
  return parts.join(", ");
}

/** RFC 4180; cells that a spreadsheet would run as a formula get an apostrophe, for what was found came from outside. */
function csvCell(value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function problemsCsv(problems: readonly RowProblem[]): string {
  const lines = problems.map(({ file, row, column, byte, expected, found, action, next }) => [file, row, column, byte, expected, found, action, next].map(csvCell).join(","));
  return ["file,row,column,byte,expected,found,action,next step", ...lines, ""].join("\r\n");
}
