import { describe, expect, it } from "vitest";
import { chooseToken } from "../engine/ops/sampling/choose";
import { FailureError } from "../settings/failure";
import { type SamplingSettings, requestOf } from "./sampling";

const PLAIN: SamplingSettings = { temperature: 1, topK: 0, topP: 1 };

describe("a request", () => {
  it("draws by seed and by the number of the token in the answer, wherever it stands", () => {
    const flat = new Float32Array(1000);
    const draw = (seed: number, position: number, made: number): number => chooseToken(flat, requestOf(PLAIN, seed, made - position), position);
    const drawn = [[1, 0], [1, 1], [2, 0], [2 ** 40 + 1, 0]].map(([seed, made]) => draw(seed!, 0, made!));
    expect(new Set(drawn).size).toBe(4);
    expect(draw(1, 200, 0)).toBe(drawn[0]);
    expect(draw(1, 3, 1)).toBe(drawn[1]);
  });

  it.each<[Partial<SamplingSettings>, string]>([
    [{ temperature: -1 }, "temperature"],
    [{ temperature: NaN }, "temperature"],
    [{ topK: 1.5 }, "topK"],
    [{ topP: 1.01 }, "topP"],
  ])("refuses %j", (settings, where) => {
    const ask = (): unknown => requestOf({ ...PLAIN, ...settings }, 1, 0);
    expect(ask).toThrow(FailureError);
    expect(ask).toThrow(expect.objectContaining({ failure: expect.objectContaining({ kind: "bad-settings", where }) }));
  });
});
