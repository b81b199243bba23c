/**
 * A small table as CSV (RFC 4180) for people who open it in a spreadsheet. In: a header and rows. Out: text with CRLF line ends.
 * Text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, "CSV injection").
 */
export type CsvCell = string | number | undefined;

function writeCell(cell: CsvCell): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvText(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [header, ...rows].map((row) => `${row.map(writeCell).join(",")}\r\n`).join("");
}
