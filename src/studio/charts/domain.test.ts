import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StickyDomain, extentOf, followDomain, robustExtent, shareAlong, valueAt } from "./domain";
import { fitWindow, panWindow, zoomWindow } from "./zoom";

describe("followDomain", () => {
  it("covers the run and grows in few leaps", () => {
    const ends = new Set<number>();
    for (let last = 1; last <= 100_000; last += 7) {
      const [from, to] = followDomain(1, last, "step", "linear");
      expect(from).toBe(0);
      expect(to).toBeGreaterThanOrEqual(last);
      ends.add(to);
    }
    expect(ends.size).toBeLessThan(45);
  });
});

describe("StickyDomain", () => {
  it("holds what it must show, on either scale", () => {
    const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(positive, positive), { minLength: 1, maxLength: 20 }), fc.constantFrom("linear" as const, "log" as const), (pairs, scale) => {
        const sticky = new StickyDomain();
        for (const [a, b] of pairs) {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          const [from, to] = sticky.fit(low, high, scale);
          expect(from).toBeLessThanOrEqual(low * (1 + 1e-9));
          expect(to).toBeGreaterThanOrEqual(high * (1 - 1e-9));
          expect(to).toBeGreaterThan(from);
          if (scale === "log") expect(from).toBeGreaterThan(0);
        }
      }),
    );
  });

  it("does not move for small changes, and lets go of room nobody uses", () => {
    const sticky = new StickyDomain();
    const first = sticky.fit(1.5, 4.3, "linear");
    expect(sticky.fit(1.45, 4.2, "linear")).toBe(first);
    expect(sticky.fit(1.5, 2, "linear")).not.toEqual(first);
  });

  it("gives a lone value room on both sides and nothing below zero", () => {
    const [from, to] = new StickyDomain().fit(4.63, 4.63, "linear");
    expect([from < 4.5, to > 4.75]).toEqual([true, true]);
    expect(new StickyDomain().fit(0, 0, "linear")[0]).toBe(0);
  });
});

describe("robustExtent", () => {
  it("shows the core whole and cuts a spike that would flatten it", () => {
    expect(robustExtent([1.5, 4.5], [1.4, 5], "linear")).toEqual([1.4, 5]);
    expect(robustExtent([1.5, 4.5], [1.4, 900], "linear")).toEqual([1.4, 6]);
    const [low, high] = robustExtent([2, 2], [2, 1e30], "log");
    expect([low, high < 3]).toEqual([expect.closeTo(2), true]);
  });

  it("knows no extent of nothing", () => {
    expect(extentOf([null, Number.NaN, Infinity], "linear")).toBeUndefined();
    expect(extentOf([0, -1, 5, null, 2], "log")).toEqual([2, 5]);
  });
});

describe("windows", () => {
  const whole = [1, 10_000] as const;
  const scale = fc.constantFrom("linear" as const, "log" as const);
  const shares = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));

  it("stay inside the whole axis and never collapse, whatever is done to them", () => {
    const moves = fc.array(fc.tuple(fc.constantFrom("zoom", "pan"), fc.double({ min: -2, max: 2, noNaN: true })), { maxLength: 30 });
    fc.assert(
      fc.property(scale, shares, moves, (kind, [a, b], steps) => {
        let window = fitWindow([valueAt(Math.min(a, b), whole, kind), valueAt(Math.max(a, b), whole, kind)], whole, kind);
        for (const [move, amount] of steps) {
          const current = window ?? whole;
          window = move === "zoom" ? zoomWindow(current, whole, kind, 2 ** amount, Math.abs(amount) / 2) : panWindow(current, whole, kind, amount);
          if (!window) continue;
          expect(window[0]).toBeGreaterThanOrEqual(whole[0] * (1 - 1e-9));
          expect(window[1]).toBeLessThanOrEqual(whole[1] * (1 + 1e-9));
          expect(window[1]).toBeGreaterThan(window[0]);
        }
      }),
    );
  });

  it("zoom around the place that was pointed at, and end where everything shows", () => {
    const window = zoomWindow([0, 100], [0, 100], "linear", 0.5, 0.25);
    expect(window).toEqual([12.5, 62.5]);
    expect(valueAt(0.25, window ?? whole, "linear")).toBe(25);
    expect(zoomWindow([10, 90], [0, 100], "linear", 2)).toBeNull();
    expect(panWindow([50, 100], [0, 100], "linear", 0.5)).toEqual([50, 100]);
  });

  it("map there and back", () => {
    fc.assert(fc.property(scale, fc.double({ min: 0, max: 1, noNaN: true }), (kind, share) => {
      expect(shareAlong(valueAt(share, whole, kind), whole, kind)).toBeCloseTo(share, 9);
    }));
  });
});
