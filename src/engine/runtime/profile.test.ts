import { expect, it } from "vitest";
import { typicalOf } from "./profile";

it("takes the mean of what was not disturbed", () => {
  expect(typicalOf([10, 12, 11, 11, 90], 1)).toBe(11);
});

it("keeps what a coarse clock says: mostly nothing, sometimes a tick", () => {
  expect(typicalOf([0, 0, 0, 100, 0, 100, 0, 0], 100)).toBe(25);
});

it("drops a clock that ran backwards", () => {
  expect(typicalOf([-5, 4, 6], 1)).toBe(5);
});
