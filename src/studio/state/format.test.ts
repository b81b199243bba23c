/** Numbers as people read and type them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatBytes, formatDuration, formatExponent, formatFigure, formatLarge, formatPlain, formatRate, formatSetting, formatShare, formatStepTime, readNumber } from "./format";

describe("readNumber", () => {
  test.each([
    ["0.001", 0.001], ["1e-3", 0.001], ["1E-3", 0.001], [".5", 0.5], ["5,000", 5000], ["5 000", 5000], [" 12 ", 12], ["-3", -3], ["−3", -3], ["1,234,567", 1234567],
  ])("reads %s", (typed, value) => expect(readNumber(typed)).toBe(value));

  test.each(["", "abc", "1e-", "1e-3x", "--1", "1.2.3", "Infinity", "NaN", "0x10", "1e999"])("does not take %j for a number", (typed) =>
    expect(readNumber(typed)).toBeUndefined(),
  );

  test("reads back whatever the form shows, to six digits", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-7, max: 1e9, noNaN: true }), (value) => {
        const shown = readNumber(formatSetting(value));
        expect(shown).toBeDefined();
        expect(Math.abs((shown ?? 0) - value) / value).toBeLessThan(1e-5);
      }),
    );
  });

  test("reads back what ARIA is told, exactly", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-7, max: 1e6, noNaN: true }), (value) => {
        expect(formatPlain(value)).not.toContain("e");
        expect(Number(formatPlain(value))).toBeCloseTo(value, 12);
      }),
    );
  });
});

test("figures keep their meaning at every size, and say what is not finite", () => {
  expect([1.514, 0.3841, 12.34, 184.2, 0.00096, 123456].map(formatFigure)).toEqual(["1.51", "0.384", "12.3", "184", "9.6e-4", "1.23e5"]);
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(formatFigure)).toEqual(["NaN", "Infinity", "-Infinity"]);
});

test("a figure can be parsed again", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-8, max: 1e8, noNaN: true }), (value) => {
      expect(Math.abs(Number(formatFigure(value)) - value) / value).toBeLessThan(0.01);
    }),
  );
});

test("exponents carry no padding", () => {
  expect([formatExponent(0.001, 3), formatExponent(0.00096, 3), formatExponent(1e-7, 6), formatExponent(1500000, 3)]).toEqual(["1e-3", "9.6e-4", "1e-7", "1.5e6"]);
});

test("sizes, counts and durations", () => {
  expect([823_104, 4_200, 1.2e9].map(formatLarge)).toEqual(["0.82 M", "4,200", "1.20 B"]);
  expect([61_000_000, 4e9, 512, 1_250].map(formatBytes)).toEqual(["61 MB", "4 GB", "512 bytes", "1.3 KB"]);
  expect([0.2, 45, 187, 7200, 200_000, Number.NaN].map(formatDuration)).toEqual(["under 1 s", "45 s", "3 min", "2.0 h", "2 days", "–"]);
});

test("rates and shares keep three digits and say what is not known", () => {
  expect([3.1e9, 264e9, 1.234e13, 5e6, Number.NaN, 0].map((rate) => formatRate(rate, "FLOP/s"))).toEqual(["3.10 GFLOP/s", "264 GFLOP/s", "12.3 TFLOP/s", "5.00 MFLOP/s", "–", "–"]);
  expect([0.614, 0.004, 1, 0, Number.NaN].map(formatShare)).toEqual(["61%", "0.4%", "100%", "0%", "–"]);
  expect([4e-6, 0.0074, 0.123, 2.5].map(formatStepTime)).toEqual(["4.0 µs", "7.4 ms", "123 ms", "2.50 s"]);
});
