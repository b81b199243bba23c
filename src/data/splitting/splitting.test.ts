import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../settings/failure";
import type { SplitSettings } from "../types/splitting";
import { TEST, TRAIN, VALIDATION, assignParts } from "./assign";
import { apportion } from "./shares";
import { drawOrder } from "./draw";
import { summarizeSplit } from "./summarize";

const split = (given: Partial<SplitSettings>): SplitSettings => ({ by: "random", validation: 0.2, test: 0.1, seed: 7, ...given });
const count = (parts: Uint8Array, part: number): number => parts.filter((own) => own === part).length;

describe("whole shares", () => {
  it("add up, and none is a whole away from its share", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 8 }), (rows, shares) => {
        const total = shares.reduce((sum, share) => sum + share, 0);
        fc.pre(total > 1e-3);
        const counts = apportion(rows, shares);
        expect(counts.reduce((sum, value) => sum + value, 0)).toBe(rows);
        counts.forEach((value, index) => expect(Math.abs(value - (rows * shares[index]!) / total)).toBeLessThan(1));
      }),
    );
  });

  it("round by the largest remainder", () => {
    expect(apportion(10, [0.75, 0.15, 0.1])).toEqual([8, 1, 1]);
    expect(apportion(7, [1, 1, 1])).toEqual([3, 2, 2]);
    expect(apportion(3, [0, 0])).toEqual([0, 0]);
  });
});

describe("a random split", () => {
  it("is exact, and the same for the same seed only", () => {
    const parts = assignParts(split({}), { rows: 1000 }).parts;
    expect([count(parts, TRAIN), count(parts, VALIDATION), count(parts, TEST)]).toEqual([700, 200, 100]);
    expect(assignParts(split({}), { rows: 1000 }).parts).toEqual(parts);
    expect(assignParts(split({ seed: 8 }), { rows: 1000 }).parts).not.toEqual(parts);
  });

  it("draws every row as likely as any other (chi-square over 2,000 seeds, 50 rows, 20% held out)", () => {
    const hits = new Float64Array(50);
    for (let seed = 0; seed < 2000; seed++) assignParts(split({ seed, test: 0 }), { rows: 50 }).parts.forEach((part, row) => (hits[row]! += part === VALIDATION ? 1 : 0));
    // Expected 400 each; the variance of a count is 2000 · 0.2 · 0.8 = 320. 49 degrees of freedom: 85 has p < 0.001.
    const chi = hits.reduce((sum, value) => sum + (value - 400) ** 2 / 320, 0);
    expect(chi).toBeLessThan(85);
    expect(new Set(drawOrder(3, 500)).size).toBe(500);
  });

  it("keeps each label's share to within one row, and the whole's", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("ham", "spam", "eggs", null), { minLength: 1, maxLength: 400 }), fc.nat(), (labels, seed) => {
        const { parts } = assignParts(split({ seed, stratify: "label" }), { rows: labels.length, labels });
        for (const label of ["ham", "spam", "eggs", null]) {
          const own = parts.filter((_, row) => labels[row] === label);
          [0.7, 0.2, 0.1].forEach((share, part) => expect(Math.abs(count(own, part) - own.length * share)).toBeLessThan(2));
        }
        [0.7, 0.2, 0.1].forEach((share, part) => expect(Math.abs(count(parts, part) - labels.length * share)).toBeLessThan(2));
      }),
    );
  });

  it("never puts a group on two sides, and comes near the shares", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom("a", "b")), { minLength: 1, maxLength: 600 }), fc.nat(), fc.boolean(), (rows, seed, stratified) => {
        const groups = rows.map(([group]) => `g${group}`);
        const { parts } = assignParts(split({ seed, group: "g" }), { rows: rows.length, groups, ...(stratified ? { labels: rows.map(([, label]) => label) } : {}) });
        const seen = new Map<string, number>();
        parts.forEach((part, row) => {
          expect(seen.get(groups[row]!) ?? part).toBe(part);
          seen.set(groups[row]!, part);
        });
      }),
    );
    const groups = Array.from({ length: 3000 }, (_, row) => `g${row % 300}`);
    const { parts } = assignParts(split({ group: "g" }), { rows: 3000, groups });
    [2100, 600, 300].forEach((wanted, part) => expect(Math.abs(count(parts, part) - wanted)).toBeLessThanOrEqual(10));
  });

  it("makes folds that validate every row exactly once, beside a test part that is the same in all", () => {
    const folds = Array.from({ length: 5 }, (_, fold) => assignParts(split({ folds: 5, fold }), { rows: 203 }).parts);
    for (let row = 0; row < 203; row++) {
      const own = folds.map((parts) => parts[row]);
      expect(own.includes(TEST) ? own.every((part) => part === TEST) : own.filter((part) => part === VALIDATION).length === 1).toBe(true);
    }
    expect(count(folds[0]!, TEST)).toBe(20);
  });

  it("lets a label of one row train", () => {
    const labels = ["common", "common", "common", "common", "rare"];
    for (let seed = 0; seed < 40; seed++) {
      const { parts, notes } = assignParts(split({ seed, validation: 0.4, test: 0 }), { rows: 5, labels });
      expect(parts[4]).toBe(TRAIN);
      expect(notes).toEqual(["“rare” is in no validation row: how well it is learned is not measured."]);
    }
  });
});

describe("a split in order", () => {
  it("holds out the end", () => {
    expect([...assignParts(split({ by: "end" }), { rows: 10 }).parts]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 2]);
  });

  it("holds out the latest, never tears a moment, and lets the undated train", () => {
    const column = ["2024-03-01", "2021-01-01", "soon", "2024-03-01", "2022-05-05", "2023-01-01", "", "2024-03-01", "2020-02-02", "2021-06-06"];
    const { parts, notes } = assignParts(split({ by: "time", validation: 0.25, test: 0 }), { rows: 10, column });
    // Eight have a time; a quarter is two, but the latest moment has three rows.
    expect([...parts]).toEqual([1, 0, 0, 1, 0, 0, 0, 1, 0, 0]);
    expect(notes).toEqual(["2 rows have no time that can be read and train."]);
  });

  it("takes the nearest edge of a moment, and trains on all where there is only one", () => {
    const count = (column: readonly string[]): number[] => [...assignParts(split({ by: "time", validation: 0.4, test: 0 }), { rows: column.length, column }).parts];
    expect(count(["2020", "2021", "2021", "2021", "2022"])).toEqual([0, 0, 0, 0, 1]);
    expect(count(["2020", "2020", "2021", "2021", "2021"])).toEqual([0, 0, 1, 1, 1]);
    expect(count(["2020", "2020", "2020", "2020", "2020"])).toEqual([0, 0, 0, 0, 0]);
  });

  it("reads a given column and names what it could not read", () => {
    const column = ["Train", "dev", "test", "valid", "holdout", null, "evaluation"];
    const { parts, notes } = assignParts(split({ by: "column", column: "split" }), { rows: 7, column });
    expect([...parts]).toEqual([0, 1, 2, 1, 2, 0, 2]);
    expect(notes).toEqual(["1 row says nothing and trains."]);
  });

  it("says which label cannot be learned", () => {
    const labels = ["a", "a", "a", "a", "b"];
    expect(assignParts(split({ by: "end", test: 0 }), { rows: 5, labels }).notes).toEqual([
      "“a” is in no validation row: how well it is learned is not measured.",
      "“b” is in no training row: it cannot be learned.",
    ]);
  });
});

it("refuses shares that leave nothing to train on", () => {
  expect(() => assignParts(split({ validation: 0.6, test: 0.4 }), { rows: 10 })).toThrow(FailureError);
  expect(() => assignParts(split({ folds: 3, fold: 3 }), { rows: 10 })).toThrow(/no fold 4 of 3/);
});

it("sums up rows, labels and groups", () => {
  const labels = ["a", "a", "b", "b", null];
  const given = { rows: 5, labels, groups: ["x", "x", "y", "z", "z"] };
  const settings = split({ by: "end", validation: 0.4, test: 0 });
  expect(summarizeSplit(settings, assignParts(settings, given), given).parts).toEqual([
    { part: "train", rows: 3, labels: [{ label: "a", rows: 2 }, { label: "b", rows: 1 }], groups: 2 },
    { part: "validation", rows: 2, labels: [{ label: "a", rows: 0 }, { label: "b", rows: 1 }], groups: 1 },
    { part: "test", rows: 0, labels: [{ label: "a", rows: 0 }, { label: "b", rows: 0 }], groups: 0 },
  ]);
});
