import { afterEach, expect, it } from "vitest";
import { noteTraining, restAfter } from "./courtesy";

afterEach(() => noteTraining("off"));

it("work rests only while a training is on, and only once it has gone on for a while", () => {
  expect(restAfter(0, 1000, 1030)).toBe(0);
  noteTraining("on");
  expect(restAfter(1000, 1210, 1240)).toBe(0);
  expect(restAfter(1000, 1240, 1270)).toBe(30);
  noteTraining("off");
  expect(restAfter(1000, 1400, 1430)).toBe(0);
});

it("a loop around a loop that has just rested does not count the rest as work", () => {
  noteTraining("on");
  expect(restAfter(2000, 3000, 3040)).toBe(40);
  // The inner loop went on at 3080; the outer one let others in at 2990 the last time.
  expect(restAfter(2000, 2990, 3090)).toBe(10);
  expect(restAfter(2000, 2990, 3095)).toBe(0);
});

it("a stretch of waiting is not answered with as long a rest", () => {
  noteTraining("on");
  expect(restAfter(10_000, 10_000, 20_000)).toBe(150);
});
