/** Where the keys of the grid lead. */
import { expect, test } from "vitest";
import { type GridPlace, moveInGrid } from "./gridKeys";

const SIZE = { rows: 1000, columns: 5, page: 20 };
const press = (key: string, from: GridPlace, far = false) => moveInGrid({ key, ctrlKey: far, metaKey: false }, from, SIZE);

test.each([
  ["ArrowDown", { row: 3, column: 2 }, { row: 4, column: 2 }],
  ["ArrowUp", { row: 0, column: 2 }, { row: -1, column: 2 }],
  ["ArrowUp", { row: -1, column: 2 }, { row: -1, column: 2 }],
  ["ArrowRight", { row: 3, column: 4 }, { row: 3, column: 4 }],
  ["ArrowLeft", { row: 3, column: 0 }, { row: 3, column: 0 }],
  ["PageDown", { row: 990, column: 1 }, { row: 999, column: 1 }],
  ["PageUp", { row: 5, column: 1 }, { row: 0, column: 1 }],
  ["PageUp", { row: -1, column: 1 }, { row: -1, column: 1 }],
  ["Home", { row: 7, column: 3 }, { row: 7, column: 0 }],
  ["End", { row: 7, column: 3 }, { row: 7, column: 4 }],
] as const)("%s from %j leads to %j", (key, from, to) => expect(press(key, from)).toEqual(to));

test.each([
  ["Home", { row: 7, column: 3 }, { row: 0, column: 0 }],
  ["End", { row: 7, column: 3 }, { row: 999, column: 4 }],
  ["ArrowDown", { row: 7, column: 3 }, { row: 999, column: 3 }],
  ["ArrowUp", { row: 7, column: 3 }, { row: 0, column: 3 }],
] as const)("Ctrl with %s from %j leads to %j", (key, from, to) => expect(press(key, from, true)).toEqual(to));

test("other keys are left alone, and an empty grid has only its header", () => {
  expect(press("a", { row: 0, column: 0 })).toBeUndefined();
  expect(press("Tab", { row: 0, column: 0 })).toBeUndefined();
  expect(moveInGrid({ key: "End", ctrlKey: true, metaKey: false }, { row: -1, column: 0 }, { rows: 0, columns: 3, page: 20 })).toEqual({ row: -1, column: 2 });
});
