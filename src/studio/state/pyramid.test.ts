import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FloatColumn } from "./growable";
import { queryBuckets } from "./buckets";
import { Pyramid } from "./pyramid";

const value = fc.oneof(
  { weight: 8, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
);

function build(values: readonly number[]): Pyramid {
  const pyramid = new Pyramid();
  for (const each of values) pyramid.append(each);
  return pyramid;
}

function bruteForce(values: readonly number[], from: number, to: number) {
  const part = values.slice(Math.max(0, from), to);
  const finite = part.filter(Number.isFinite);
  return {
    min: finite.reduce((least, each) => Math.min(least, each), finite[0] ?? Number.NaN),
    max: finite.reduce((most, each) => Math.max(most, each), finite[0] ?? Number.NaN),
    last: finite.at(-1) ?? Number.NaN,
    notFinite: part.length - finite.length,
  };
}

describe("Pyramid", () => {
  it("summarizes any stretch as reading every value would", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 1500 }), fc.nat(1600), fc.nat(1600), (values, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expect(build(values).summarize(from, to)).toEqual(bruteForce(values, from, to));
      }),
    );
  });

  it("is after a cut and new values what it would be without the cut rows", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 700 }), fc.nat(700), fc.array(value, { maxLength: 700 }), (old, cut, fresh) => {
        const pyramid = build(old);
        pyramid.truncate(Math.min(cut, old.length));
        for (const each of fresh) pyramid.append(each);
        const values = [...old.slice(0, cut), ...fresh];
        expect(pyramid.length).toBe(values.length);
        expect(pyramid.summarize(0, values.length)).toEqual(bruteForce(values, 0, values.length));
      }),
    );
  });

  it("takes a million values and 400 buckets of them well within a second", () => {
    const started = performance.now();
    const pyramid = new Pyramid();
    const x = new FloatColumn();
    for (let row = 0; row < 1_000_000; row++) {
      x.push(row);
      pyramid.append(row === 654_321 ? 99 : Math.sin(row));
    }
    const series = queryBuckets(x, pyramid, { from: 0, to: 1e6, pixels: 400 });
    expect(performance.now() - started).toBeLessThan(1000);
    expect(series.buckets.length).toBeGreaterThan(150);
    expect(Math.max(...series.buckets.map(({ max }) => max))).toBe(99);
  });
});

describe("queryBuckets", () => {
  const query = fc.record({
    from: fc.integer({ min: -5, max: 2100 }),
    span: fc.nat(2200),
    pixels: fc.integer({ min: 1, max: 300 }),
    xScale: fc.constantFrom("linear" as const, "log" as const),
  });

  it("returns at most one bucket per pixel, without losing a row, a spike or a gap", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 2000 }), query, (values, { from, span, pixels, xScale }) => {
        const x = new FloatColumn();
        values.forEach((_, row) => x.push(row + 1));
        const { buckets, gaps } = queryBuckets(x, build(values), { from, to: from + span, pixels, xScale });
        const first = Math.max(0, from - 1);
        const part = values.slice(first, Math.max(first, from + span));
        const whole = bruteForce(part, 0, part.length);
        expect(buckets.length).toBeLessThanOrEqual(pixels);
        expect(buckets.reduce((sum, { rows }) => sum + rows, 0)).toBe(part.length);
        expect(buckets.reduce((sum, { notFinite }) => sum + notFinite, 0)).toBe(whole.notFinite);
        expect(bruteForce(buckets.map(({ min }) => min), 0, buckets.length).min).toBe(whole.min);
        expect(bruteForce(buckets.map(({ max }) => max), 0, buckets.length).max).toBe(whole.max);
        expect(bruteForce(buckets.map(({ last }) => last), 0, buckets.length).last).toBe(whole.last);
        expect(gaps.length > 0).toBe(whole.notFinite > 0);
        for (const gap of gaps) expect(Number.isFinite(values[gap.row])).toBe(false);
      }),
    );
  });

  it("keeps its borders while the run grows", () => {
    const x = new FloatColumn();
    const pyramid = new Pyramid();
    const add = (rows: number) => {
      for (let row = 0; row < rows; row++) {
        x.push(x.length);
        pyramid.append(x.length);
      }
    };
    add(1000);
    const before = queryBuckets(x, pyramid, { from: 0, to: 2000, pixels: 300 }).buckets.slice(0, -1);
    add(37);
    const after = queryBuckets(x, pyramid, { from: 0, to: 2000, pixels: 300 }).buckets;
    expect(after.slice(0, before.length)).toEqual(before);
  });

  it("names where a dead stretch begins once, however long it is", () => {
    const x = new FloatColumn();
    for (let row = 0; row < 5000; row++) x.push(row);
    const pyramid = build(Array.from({ length: 5000 }, (_, row) => (row < 1234 ? 1 : Number.NaN)));
    expect(queryBuckets(x, pyramid, { from: 0, to: 5000, pixels: 200 }).gaps).toEqual([{ x: 1234, row: 1234, value: Number.NaN }]);
  });
});
