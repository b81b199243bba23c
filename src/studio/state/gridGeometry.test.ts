/** The scaled scroll bar: exact at both ends, monotone in between, and honest about small movements. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { barAt, barHeight, contentHeight, follow, type Geometry, type Position, reveal, rowsSeen, settleBar, TALLEST, topAt } from "./gridGeometry";

const MILLION: Geometry = { rows: 1_000_000, rowHeight: 32, viewport: 640 };
const SMALL: Geometry = { rows: 100, rowHeight: 32, viewport: 640 };
const START: Position = { bar: 0, top: 0 };

const anyGrid = fc.record({ rows: fc.integer({ min: 0, max: 30_000_000 }), rowHeight: fc.integer({ min: 20, max: 60 }), viewport: fc.integer({ min: 1, max: 3000 }) });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const lastBar = (grid: Geometry) => Math.max(0, barHeight(grid) - grid.viewport);
const lastTop = (grid: Geometry) => Math.max(0, contentHeight(grid) - grid.viewport);

test("a million rows are 32 million px on a bar of 8 million", () => {
  expect([contentHeight(MILLION), barHeight(MILLION)]).toEqual([32_000_000, TALLEST]);
  expect(topAt(MILLION, 0)).toBe(0);
  expect(topAt(MILLION, TALLEST - 640)).toBe(32_000_000 - 640);
  expect(rowsSeen(MILLION, follow(MILLION, START, TALLEST - 640), 0)).toMatchObject({ from: 999_980, to: 1_000_000 });
  expect(rowsSeen(MILLION, follow(MILLION, { bar: 5e6, top: 2e7 }, 0), 0)).toEqual({ from: 0, to: 20, offset: 0 });
});

test("below the cap nothing is scaled", () => {
  for (const bar of [0, 1, 333.5, 2560]) expect(topAt(SMALL, bar)).toBeCloseTo(bar, 9);
  expect(rowsSeen(SMALL, follow(SMALL, START, 333), 2)).toEqual({ from: 8, to: 33, offset: 256 });
});

test("both ends are exact, and the map is monotone with an inverse", () => {
  fc.assert(
    fc.property(anyGrid, share, share, (grid, one, other) => {
      const [a, b] = [Math.min(one, other) * lastBar(grid), Math.max(one, other) * lastBar(grid)];
      expect(topAt(grid, 0)).toBe(0);
      expect(topAt(grid, lastBar(grid))).toBe(lastTop(grid));
      expect(topAt(grid, a)).toBeLessThanOrEqual(topAt(grid, b));
      expect(barAt(grid, topAt(grid, a))).toBeCloseTo(a, 3);
    }),
  );
});

test("rows never go the other way, whatever the bar does", () => {
  fc.assert(
    fc.property(anyGrid, fc.array(share, { minLength: 1, maxLength: 30 }), fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 30 }), (grid, leaps, steps) => {
      let at = START;
      const go = (bar: number) => {
        const next = follow(grid, at, bar);
        expect(Math.sign(next.top - at.top) * Math.sign(next.bar - at.bar)).toBeGreaterThanOrEqual(0);
        expect(next.top).toBeGreaterThanOrEqual(0);
        expect(next.top).toBeLessThanOrEqual(lastTop(grid));
        at = next;
      };
      for (const leap of leaps) go(leap * lastBar(grid));
      for (const step of steps) go(at.bar + step);
      go(0);
      expect(at.top).toBe(0);
      go(lastBar(grid));
      expect(at.top).toBe(lastTop(grid));
    }),
  );
});

describe("over a million rows", () => {
  const middle = settleBar(MILLION, { bar: 0, top: 500_000 * 32 });

  test("a turn of the wheel moves by its pixels, not by four times as many", () => {
    expect(follow(MILLION, middle, middle.bar + 100).top).toBe(middle.top + 100);
    expect(follow(MILLION, middle, middle.bar - 100).top).toBe(middle.top - 100);
  });

  test("at rest the bar goes where the rows are, and the rows stay", () => {
    const moved = follow(MILLION, middle, middle.bar + 600);
    const rested = settleBar(MILLION, moved);
    expect(rested.top).toBe(moved.top);
    expect(rested.bar).toBeCloseTo(barAt(MILLION, moved.top), 9);
  });
});

test("any row can be reached exactly, and is then wholly seen", () => {
  fc.assert(
    fc.property(anyGrid, share, share, (grid, from, to) => {
      fc.pre(grid.rows > 0 && grid.viewport >= grid.rowHeight);
      const row = Math.min(grid.rows - 1, Math.floor(to * grid.rows));
      const { top, bar } = reveal(grid, settleBar(grid, { bar: 0, top: from * lastTop(grid) }), row);
      expect(row * grid.rowHeight).toBeGreaterThanOrEqual(top - 1e-6);
      expect((row + 1) * grid.rowHeight).toBeLessThanOrEqual(top + grid.viewport + 1e-6);
      expect(bar).toBeLessThanOrEqual(lastBar(grid));
      const seen = rowsSeen(grid, { bar, top }, 0);
      expect(row >= seen.from && row < seen.to).toBe(true);
      expect(seen.offset + (row - seen.from) * grid.rowHeight).toBeGreaterThanOrEqual(bar - 1e-3);
    }),
  );
});
