/** Arrow keys on number fields. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { stepNumber } from "./stepping";

const rate = { min: 1e-7, max: 10, step: 1e-4, default: 1e-3, scale: "logarithmic" } as const;
const share = { min: 0, max: 0.9, step: 0.05, default: 0.1 };

test("a logarithmic field climbs along 1, 2, 5, 10", () => {
  let value = 0.001;
  const visited = Array.from({ length: 4 }, () => (value = stepNumber(rate, value, 1)));
  expect(visited).toEqual([0.002, 0.005, 0.01, 0.02]);
  expect(stepNumber(rate, 0.003, -1)).toBe(0.002);
});

test("a linear field moves to its grid without rounding dust", () => {
  expect(stepNumber(share, 0.1, 1)).toBe(0.15);
  expect(stepNumber(share, 0.30000000000000004, -1)).toBe(0.25);
  expect(stepNumber({ min: 1, max: 1000, step: 100, default: 1 }, 105, 1)).toBe(200);
});

test("no step leaves the range or stands still inside it", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-7, max: 10, noNaN: true }), fc.constantFrom(1 as const, -1 as const), (value, direction) => {
      const next = stepNumber(rate, value, direction);
      expect(next).toBeGreaterThanOrEqual(rate.min);
      expect(next).toBeLessThanOrEqual(rate.max);
      if (value > rate.min * 1.001 && value < rate.max * 0.999) expect(Math.sign(next - value)).toBe(direction);
    }),
  );
});
