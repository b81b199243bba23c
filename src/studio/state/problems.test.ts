/** Problems grouped, placed and written down. */
import { expect, test } from "vitest";
import type { RowProblem } from "../../worker/protocol";
import { kindsOf, placeOf, problemsCsv } from "./problems";

const fields = (row: number, found: string): RowProblem => ({ file: "a.csv", row, byte: row * 10, expected: "6 fields", found, action: "skipped", next: "Quote it." });
const cell: RowProblem = { file: 'odd "name".csv', row: 1200, column: "age", expected: "a number", found: "=1+1", action: "kept as text", next: "Correct it, or not." };

test("problems that are mended in the same way are one kind, the most frequent first", () => {
  expect(kindsOf([cell, fields(3, "7 fields"), fields(9, "5 fields")])).toEqual([
    { kind: "expected 6 fields, skipped", count: 2 }, { kind: "expected a number, kept as text", count: 1 },
  ]);
  expect(kindsOf([])).toEqual([]);
});

test("a place names what is known", () => {
  expect(placeOf(cell)).toBe("row 1,200, column age");
  expect(placeOf({ ...cell, row: 0, byte: 77 })).toBe("the file, column age, byte 77");
});

test("the CSV quotes what it must, and no cell runs as a formula", () => {
  expect(problemsCsv([fields(3, "7 fields"), cell])).toBe(
    'file,row,column,byte,expected,found,action,next step\r\na.csv,3,,30,6 fields,7 fields,skipped,Quote it.\r\n"odd ""name"".csv",1200,age,,a number,\'=1+1,kept as text,"Correct it, or not."\r\n',
  );
});
