import { expect, it } from "vitest";
import { createTurns } from "./turns";

const letOthersGo = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

it("a count stands still while searches are on, also one that fails, and then goes on", async () => {
  const turns = createTurns();
  const breathe = turns.afterSearches(() => undefined);
  expect(breathe()).toBeUndefined();
  let end = (): void => undefined;
  let fail = (): void => undefined;
  const first = turns.search(() => new Promise<string>((resolve) => (end = () => resolve("found"))));
  const second = turns.search(() => new Promise<never>((_, reject) => (fail = () => reject(new Error("no")))));
  let wentOn = false;
  const counting = Promise.resolve(breathe()).then(() => (wentOn = true));
  end();
  expect(await first).toBe("found");
  await letOthersGo();
  expect(wentOn).toBe(false);
  fail();
  await expect(second).rejects.toThrow("no");
  await counting;
  expect(wentOn).toBe(true);
  expect(breathe()).toBeUndefined();
});

it("a count that was called off meanwhile learns of it when it goes on", async () => {
  const turns = createTurns();
  const breathe = turns.afterSearches(() => {
    throw new Error("canceled");
  });
  let end = (): void => undefined;
  const search = turns.search(() => new Promise<void>((resolve) => (end = resolve)));
  const counting = Promise.resolve(breathe());
  end();
  await search;
  await expect(counting).rejects.toThrow("canceled");
});
