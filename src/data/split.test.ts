import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../settings/failure";
import { MIN_SPLIT_TOKENS, moveToLineEnd, planCut } from "./split";

describe("planCut", () => {
  it("holds out the share asked for, from the end", () => {
    expect(planCut("a.txt", 10_000, 0.1)).toEqual({ at: 9000, from: 8900, to: 9100 });
  });

  it("leaves both parts long enough wherever the cut moves to", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.double({ min: 0.01, max: 0.5, noNaN: true }), (tokens, fraction) => {
        let cut;
        try {
          cut = planCut("a.txt", tokens, fraction);
        } catch (error) {
          expect(error).toBeInstanceOf(FailureError);
          expect(Math.min(Math.round(tokens * fraction), tokens - Math.round(tokens * fraction))).toBeLessThan(MIN_SPLIT_TOKENS);
          return;
        }
        expect(cut.from).toBeGreaterThanOrEqual(MIN_SPLIT_TOKENS);
        expect(tokens - cut.to).toBeGreaterThanOrEqual(MIN_SPLIT_TOKENS);
      }),
    );
  });

  it("says how short a text is and how long it must be", () => {
    const attempt = (): unknown => planCut("haiku.txt", 90, 0.1);
    expect(attempt).toThrow("haiku.txt is too short: of its 90 tokens 81 are for training and 9 for validation; each part needs 64.");
    expect(() => planCut("a.txt", 1000, 0)).toThrow("Held-out share: 0 is not between 0 and 1.");
  });
});

describe("moveToLineEnd", () => {
  const cut = { at: 500, from: 490, to: 510 };
  const near = (...lineEnds: number[]): number[] => Array.from({ length: 20 }, (_, i) => (lineEnds.includes(490 + i) ? 7 : 1));

  it.each([
    ["the token after the nearest line end", [492, 502], 503],
    ["the cut itself when it already follows a line end", [499, 501], 500],
    ["the first of two equally near", [497, 501], 498],
    ["the planned place when no line ends near", [], 500],
  ])("takes %s", (_, lineEnds, expected) => {
    expect(moveToLineEnd(cut, near(...lineEnds), 7)).toBe(expected);
  });
});
