import { describe, expect, it } from "vitest";
import fixture from "./fixtures/statistics.json";
import { createDistinctCounter } from "./distinct";
import { createFrequencyCounter } from "./frequent";
import { createNumberSummary } from "./numbers";
import { chanceAbove, chiSquared, cramersV, evenness, likelihoodRatio, pointwiseInformation, wilson } from "./statistics";
import { fitHeaps } from "./vocabularyGrowth";

describe("as SciPy, scikit-learn and NumPy have it (scripts/fixtures/statistics.py)", () => {
  it.each(fixture.wilson)("Wilson's interval of $successes in $trials", ({ successes, trials, low, high }) => {
    expect(wilson(successes, trials).low).toBeCloseTo(low, 12);
    expect(wilson(successes, trials).high).toBeCloseTo(high, 12);
  });

  it.each(fixture.tables)("χ² and Cramér's V of $table", (one) => {
    expect(chiSquared(one.table).statistic).toBeCloseTo(one.statistic, 9);
    expect(cramersV(one.table)).toBeCloseTo(one.cramersV, 12);
    // A row of nothing changes nothing.
    expect(cramersV([...one.table, one.table[0]!.map(() => 0)])).toBeCloseTo(one.cramersV, 12);
  });

  it.each(fixture.likelihood)("the likelihood ratio of $both of $one and $other", ({ both, one, other, total, ratio }) => {
    expect(likelihoodRatio(both, one, other, total)).toBeCloseTo(ratio, 9);
  });

  it.each(fixture.chances)("the chance of a χ² above $statistic", ({ statistic, chance }) => {
    expect(Math.abs(chanceAbove(statistic) / chance - 1)).toBeLessThan(2e-7);
  });

  it("evenness, quantiles, deviation, Heaps' law", () => {
    expect(evenness([60, 30, 10])).toBeCloseTo(fixture.evenness, 12);
    const summary = createNumberSummary();
    for (const value of fixture.values) summary.add(value);
    expect([summary.mean, summary.deviation]).toEqual([expect.closeTo(fixture.summary.mean, 12), expect.closeTo(fixture.summary.deviation, 12)]);
    for (const [share, value] of Object.entries(fixture.summary.quantiles)) expect(summary.quantile(Number(share))).toBeCloseTo(value, 12);
    const points = fixture.heaps.words.map((words, index) => ({ words, distinct: fixture.heaps.distinct[index]! }));
    expect(fitHeaps(points)).toEqual({ scale: expect.closeTo(fixture.heaps.scale, 9), exponent: expect.closeTo(fixture.heaps.exponent, 9) });
  });
});

describe("by hand", () => {
  it("pointwise mutual information in bits", () => {
    // A word in 8 of 64 rows, a label on 16, both on 8: p = 1/8 against 1/8 · 1/4.
    expect(pointwiseInformation(8, 8, 16, 64)).toBe(2);
    expect(pointwiseInformation(2, 8, 16, 64)).toBe(0);
  });

  it("evenness of one class, of equal ones, of an empty one", () => {
    expect([evenness([5]), evenness([3, 3, 3]), evenness([4, 0]), evenness([])]).toEqual([1, expect.closeTo(1, 12), 0, 1]);
  });

  it("histograms: whole numbers, equal steps, long tails", () => {
    const histogramOf = (values: readonly number[]): unknown => {
      const summary = createNumberSummary();
      for (const value of values) summary.add(value);
      return summary.histogram();
    };
    expect(histogramOf([3, 1, 1, 5])).toEqual({ edges: [1, 2, 3, 4, 5, 6], counts: [2, 0, 1, 0, 1] });
    expect(histogramOf([1, 2, 3, 4, 5, 900])).toEqual({ edges: [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], counts: [0, 1, 3, 1, 0, 0, 0, 0, 0, 1] });
    const equal = histogramOf([0, 0.5, 12, 24]) as { edges: number[]; counts: number[] };
    expect([equal.edges.length, equal.edges[0], equal.edges.at(-1)]).toEqual([25, 0, 24]);
    expect([equal.counts[0], equal.counts[12], equal.counts[23]]).toEqual([2, 1, 1]);
    expect(histogramOf([])).toEqual({ edges: [], counts: [] });
    expect(histogramOf([2.5])).toMatchObject({ counts: [...new Array<number>(23).fill(0), 1] });
  });
});

describe("in bounded memory", () => {
  it("a sample of many numbers still knows their quantiles", () => {
    const summary = createNumberSummary(2000);
    for (let index = 0; index < 100_000; index++) summary.add((index * 7919) % 100_000);
    expect([summary.count, summary.min, summary.max]).toEqual([100_000, 0, 99_999]);
    expect(summary.mean).toBeCloseTo(49_999.5, 6);
    // A quantile of 2000 draws is off by √(¼/2000) = 1.1% of the ranks; four times that are never reached.
    for (const share of [0.25, 0.5, 0.75]) expect(Math.abs(summary.quantile(share) / 100_000 - share)).toBeLessThan(0.045);
    const { counts } = summary.histogram();
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(99_900);
  });

  it("different values are counted exactly up to a limit, then estimated", () => {
    const counter = createDistinctCounter(4096);
    for (let index = 0; index < 4096; index++) counter.add(`value ${index % 4096}`);
    expect([counter.count, counter.isExact]).toEqual([4096, true]);
    for (let turn = 0; turn < 2; turn++) for (let index = 0; index < 200_000; index++) counter.add(`value ${index}`);
    expect(counter.isExact).toBe(false);
    // Between 2048 and 4096 are kept: off by 1.2/√2048 = 2.7%.
    expect(Math.abs(counter.count / 200_000 - 1)).toBeLessThan(0.08);
  });

  it("the most frequent values outlive a flood of rare ones, with the bound that was promised", () => {
    const counter = createFrequencyCounter(1000);
    for (let index = 0; index < 100_000; index++) {
      counter.add(`rare ${index}`);
      if (index % 10 === 0) counter.add("often");
      if (index % 20 === 0) counter.add("__proto__");
    }
    expect(counter.isExact).toBe(false);
    const [first, second] = counter.top(2);
    expect([first!.value, second!.value]).toEqual(["often", "__proto__"]);
    expect(first!.rows).toBe(10_000);
    expect(second!.rows).toBe(5000);
  });

  it("equals are told in the order of their spelling", () => {
    const counter = createFrequencyCounter();
    for (const value of ["b", "a", "c", "c"]) counter.add(value);
    expect(counter.top(3)).toEqual([{ value: "c", rows: 2 }, { value: "a", rows: 1 }, { value: "b", rows: 1 }]);
    expect(counter.isExact).toBe(true);
  });
});
