import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FloatColumn } from "./growable";
import { growExtent } from "./extent";
import { SmoothedColumn } from "./smoothing";

/** The published formula over all rows at once. */
function smoothAtOnce(values: readonly number[], steps: readonly number[], smoothing: number): number[] {
  const unit = growExtent(Math.max(1, (steps.at(-1) ?? 0) - (steps[0] ?? 0))) / 1000;
  const weight = Math.min(Math.sqrt(smoothing), 0.999);
  let sum = 0;
  let debias = 0;
  return values.map((value, row) => {
    if (!Number.isFinite(value)) return Number.NaN;
    const decay = weight ** (((steps[row] ?? 0) - (steps[Math.max(0, row - 1)] ?? 0)) / unit);
    sum = sum * decay + value;
    debias = debias * decay + 1;
    return sum / debias;
  });
}

describe("SmoothedColumn", () => {
  it("gives, row by row, what the formula gives over the whole run", () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.float({ min: -50, max: 50 })), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(rows, fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.integer({ min: 1, max: 50 }), (given, smoothing, every) => {
        const [values, steps] = [new FloatColumn(), new FloatColumn()];
        const smooth = new SmoothedColumn(smoothing, values, steps);
        let step = 0;
        for (const [index, [gap, value]] of given.entries()) {
          steps.push((step += gap));
          values.push(value);
          if (index % every === 0) smooth.catchUp();
        }
        smooth.catchUp();
        const all = Array.from({ length: values.length }, (_, row) => row);
        const expected = smoothAtOnce(all.map((row) => values.at(row)), all.map((row) => steps.at(row)), smoothing);
        for (const row of all) {
          if (Number.isNaN(expected[row])) expect(smooth.pyramid.values.at(row)).toBeNaN();
          else expect(smooth.pyramid.values.at(row)).toBeCloseTo(expected[row] ?? 0, 3);
        }
      }),
    );
  });

  it("keeps a constant constant from its first row on", () => {
    const [values, steps] = [new FloatColumn(), new FloatColumn()];
    const smooth = new SmoothedColumn(0.99, values, steps);
    for (let step = 1; step <= 3000; step++) {
      steps.push(step);
      values.push(2.5);
      smooth.catchUp();
    }
    expect(smooth.pyramid.summarize(0, 3000)).toEqual({ min: 2.5, max: 2.5, last: 2.5, notFinite: 0 });
  });
});

describe("growExtent", () => {
  it("covers the length, by at most a third more, and leaves an exact fit alone", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (length) => {
        const extent = growExtent(length);
        expect(extent * (1 + 1e-8)).toBeGreaterThanOrEqual(length);
        expect(extent).toBeLessThanOrEqual(length * 1.34);
        expect(growExtent(extent)).toBeCloseTo(extent, 6);
      }),
    );
  });
});
