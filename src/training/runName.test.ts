import fc from "fast-check";
import { expect, it } from "vitest";
import { ADJECTIVES, ANIMALS, nameRun } from "./runName";

it.each([["adjectives", ADJECTIVES], ["animals", ANIMALS]])("has 64 different plain %s", (_, words) => {
  expect(words.length).toBe(64);
  expect(new Set(words).size).toBe(64);
  for (const word of words) expect(word).toMatch(/^[a-z]{3,8}$/);
});

it("names a run by two words of the lists, the same for the same seed", () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (seed) => {
      const [adjective, animal, ...rest] = nameRun(seed).split("-");
      expect(ADJECTIVES).toContain(adjective);
      expect(ANIMALS).toContain(animal);
      expect(rest).toEqual([]);
      expect(nameRun(seed)).toBe(`${adjective}-${animal}`);
    }),
  );
});

it("gives neighboring seeds unlike names and reaches every word", () => {
  const names = Array.from({ length: 4096 }, (_, seed) => nameRun(seed).split("-"));
  expect(new Set(names.map(([adjective]) => adjective)).size).toBe(64);
  expect(new Set(names.map(([, animal]) => animal)).size).toBe(64);
  // 4,096 draws of 4,096 names: (1 − 1/e) of them, about 2,589, are expected to occur.
  expect(new Set(names.map((name) => name.join("-"))).size).toBeGreaterThan(2500);
});
