import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatLoss, formatPercent, formatPerplexity, formatSeconds, formatValue, linearTicks, logTicks, timeTicks } from "./ticks";

const texts = (ticks: readonly { text: string }[]) => ticks.map(({ text }) => text);

describe("ticks", () => {
  it("are round, inside the domain, as many as fit, and no two read alike", () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(number, fc.double({ min: 1e-3, max: 1e9, noNaN: true }), fc.integer({ min: 2, max: 10 }), (low, span, most) => {
        // Nobody zooms to the tenth digit; there the sums of doubles themselves are not exact.
        fc.pre(span > Math.abs(low) * 1e-7);
        const ticks = linearTicks([low, low + span], most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        for (const { value } of ticks) {
          expect(value).toBeGreaterThanOrEqual(low - span * 1e-6);
          expect(value).toBeLessThanOrEqual(low + span * (1 + 1e-6));
        }
        expect(new Set(texts(ticks)).size).toBe(ticks.length);
      }),
    );
  });

  it("have the decimals of their distance", () => {
    expect(texts(linearTicks([1, 5], 9))).toEqual(["1.0", "1.5", "2.0", "2.5", "3.0", "3.5", "4.0", "4.5", "5.0"]);
    expect(texts(linearTicks([0, 2500], 6))).toEqual(["0", "500", "1,000", "1,500", "2,000", "2,500"]);
    expect(texts(linearTicks([2.5, 2.6], 5))).toEqual(["2.50", "2.52", "2.54", "2.56", "2.58", "2.60"]);
    expect(texts(linearTicks([0, 3e6], 3))).toEqual(["0", "1 M", "2 M", "3 M"]);
    expect(texts(linearTicks([0, 0.0004], 4))).toEqual(["0", "1e-4", "2e-4", "3e-4", "4e-4"]);
  });

  it("on a log axis are round numbers, never at or below 0, and never few where more fit", () => {
    expect(texts(logTicks([4, 70], 5))).toEqual(["5", "10", "20", "50"]);
    expect(texts(logTicks([1, 1e6], 7))).toEqual(["1", "10", "100", "1,000", "10,000", "100,000", "1 M"]);
    expect(logTicks([0, 1], 5)).toEqual([]);
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.double({ min: 1.05, max: 1e8, noNaN: true }), (low, ratio) => {
        const ticks = logTicks([low, low * ratio], 7);
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThanOrEqual(8);
        for (const { value } of ticks) expect(value).toBeGreaterThan(0);
      }),
    );
  });

  it("of time are whole seconds, minutes or hours", () => {
    expect(texts(timeTicks([0, 200], 4))).toEqual(["0 s", "1 min", "2 min", "3 min"]);
    expect(texts(timeTicks([0, 3 * 3600], 4))).toEqual(["0 s", "1 h", "2 h", "3 h"]);
    expect(texts(timeTicks([0, 1], 2))).toEqual(["0 s", "0.5 s", "1.0 s"]);
    expect(formatSeconds(111)).toBe("1:51 min");
    expect(formatSeconds(3900)).toBe("1:05 h");
    for (let hours = 1; hours < 2000; hours *= 3) expect(timeTicks([0, hours * 3600], 6).length).toBeLessThanOrEqual(7);
  });
});

describe("numbers by themselves", () => {
  it("keep about three digits at any size", () => {
    expect([0.00096, 9.31, 48_210, 12_400_000, 0, Number.NaN, Infinity].map(formatValue)).toEqual(["9.6e-4", "9.31", "48,210", "12.4 M", "0", "NaN", "∞"]);
    expect([1.5, 4.174, 0.01, 1e30].map(formatLoss)).toEqual(["1.50", "4.17", "0.01", "1e30"]);
    expect([8.2, 6, 65, 5021].map(formatPerplexity)).toEqual(["8.20", "6.00", "65.0", "5,021"]);
    expect([0, 0.002, 0.021, 0.999, 1].map(formatPercent)).toEqual(["0%", "under 1%", "2%", "99%", "100%"]);
  });
});
