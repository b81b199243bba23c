import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPace, cutPieces, hasDrifted } from "./pacing";

/** A device that takes `ms` a run, one after another. */
function pretend(): { readonly clock: { now: number }; readonly pace: ReturnType<typeof createPace> } {
  const clock = { now: 1000 };
  return { clock, pace: createPace(() => clock.now) };
}

describe("the pace", () => {
  it("keeps two long runs queued, and waits for the third", async () => {
    const { clock, pace } = pretend();
    pace.queued();
    expect(pace.wait()).toBeUndefined();
    pace.queued();
    const wait = pace.wait()!;
    expect(pace.wait()).toBe(wait);
    clock.now += 500;
    pace.finished();
    await wait;
    expect(pace.wait()).toBeUndefined();
    expect(pace.runMs).toBe(0);
    clock.now += 400;
    pace.finished();
    expect(pace.runMs).toBe(400);
  });

  it("keeps about 24 ms of short runs queued, 32 at most", () => {
    for (const [ms, limit] of [[6, 4], [0.1, 32]] as const) {
      const { clock, pace } = pretend();
      for (let i = 0; i < 60; i += 1) {
        pace.queued();
        clock.now += ms;
        pace.finished();
      }
      let queued = 0;
      while (!pace.wait()) {
        pace.queued();
        queued += 1;
      }
      expect(queued).toBe(limit);
    }
  });

  it("does not count the time in which nothing was queued", () => {
    const { clock, pace } = pretend();
    for (let i = 0; i < 10; i += 1) {
      clock.now += 1000;
      pace.queued();
      clock.now += 5;
      pace.finished();
    }
    expect(pace.runMs).toBeCloseTo(5, 9);
  });
});

it("cuts in order, leaves nothing out, and keeps pieces of several dispatches within the limit", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { minLength: 1, maxLength: 60 }), (costs) => {
      const ends = cutPieces(costs, 16);
      expect(ends.at(-1)).toBe(costs.length);
      ends.forEach((end, index) => {
        const start = ends[index - 1] ?? 0;
        expect(end).toBeGreaterThan(start);
        const positive = costs.slice(start, end).filter((cost) => cost > 0);
        if (positive.length > 1) expect(positive.reduce((sum, cost) => sum + cost, 0)).toBeLessThanOrEqual(16);
      });
    }),
  );
});

it("leaves a short run whole and cuts a long one evenly", () => {
  expect(cutPieces(new Array<number>(60).fill(0.1), 16)).toEqual([60]);
  expect(cutPieces(new Array<number>(33).fill(1), 16)).toEqual([11, 22, 33]);
  expect(cutPieces([], 16)).toEqual([]);
});

it("plans anew only where the time is clearly another", () => {
  expect([10, 6.1, 15.9].map((ms) => hasDrifted(ms, 10))).toEqual([false, false, false]);
  expect([5, 17].map((ms) => hasDrifted(ms, 10))).toEqual([true, true]);
});
