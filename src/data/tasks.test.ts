import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { randomAt, shuffle, tasks } from "./tasks";

const textOf = (id: string): string => tasks.find((task) => task.id === id)!.generate();
const linesOf = (id: string): string[] => textOf(id).trimEnd().split("\n");

describe("sort letters", () => {
  const lines = linesOf("sort-letters");

  it("sorts the letters of every line, and repeats none", () => {
    expect(lines.length).toBe(50_000);
    expect(new Set(lines).size).toBe(lines.length);
    for (const line of lines) {
      const [given, sorted] = line.split(">") as [string, string];
      expect(given).toMatch(/^[a-z]{3,8}$/);
      expect(sorted).toBe(Array.from(given).sort().join(""));
    }
  });
});

describe("modular addition", () => {
  const lines = linesOf("modular-addition");

  it("has every sum once, right, and out of order", () => {
    expect(new Set(lines).size).toBe(97 * 97);
    for (const line of lines) {
      const [, a, b, sum] = /^(\d+)\+(\d+)=(\d+)$/.exec(line)!.map(Number);
      expect((a! + b!) % 97).toBe(sum);
    }
    expect(lines.slice(0, 3)).not.toEqual(["0+0=0", "0+1=1", "0+2=2"]);
  });
});

describe.each(tasks)("task $id", ({ generate, sha256, prompt }) => {
  it("is the same on every machine", () => {
    expect(createHash("sha256").update(generate()).digest("hex")).toBe(sha256);
  });

  it("has a prompt of the form of its lines, cut where the answer begins", () => {
    const form = (line: string): string => line.replace(/\w+/g, "x").replace(/x$/, "");
    expect(form(generate().split("\n")[0]!)).toBe(form(prompt));
  });
});

describe("randomness", () => {
  it("spreads evenly and depends on seed and index", () => {
    const buckets = new Uint32Array(16);
    for (let i = 0; i < 16_000; i++) buckets[randomAt(7, i) >>> 28]!++;
    // Sixteen buckets of 1,000: five standard deviations are 153.
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(160);
    expect(randomAt(1, 0)).not.toBe(randomAt(2, 0));
  });

  it("shuffles without losing anything", () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    expect(shuffle([...items], 3).sort((a, b) => a - b)).toEqual(items);
  });
});
