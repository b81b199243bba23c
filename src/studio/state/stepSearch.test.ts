/** Words typed in the search of the cleaning steps: all must be there, in any order. */
import { expect, test } from "vitest";
import type { StepInfo } from "../../worker/protocol";
import { hasWords, wordsOfStep } from "./stepSearch";

const leakage: StepInfo = { id: "leakage", label: "Leakage between parts", summary: "Finds test rows that training has seen.", words: "contamination", group: "Leakage", fields: [], defaultColumns: "text" };
const contains = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());

test.each([["", true], ["train/test leakage", true], ["parts, rows ", true], ["Contamination", true], ["test duplicates", false], ["text", false]])("“%s”: %s", (typed, isFound) => {
  expect(hasWords(wordsOfStep(leakage), typed, contains)).toBe(isFound);
});
