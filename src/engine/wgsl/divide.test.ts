import { expect, test } from "vitest";
import { quotient, remainder } from "./divide";

test("shifts and masks by powers of two, divisions else, parenthesized either way", () => {
  expect([1, 2, 8, 12].map((by) => quotient("a + b", by))).toEqual(["(a + b)", "((a + b) >> 1u)", "((a + b) >> 3u)", "((a + b) / 12u)"]);
  expect([1, 2, 8, 12].map((by) => remainder("a + b", by))).toEqual(["((a + b) & 0u)", "((a + b) & 1u)", "((a + b) & 7u)", "((a + b) % 12u)"]);
});
