import { expect, test } from "vitest";
import { createBatchSizes } from "./batchSizes";

/** Sizes of the first batches where a round trip and a token take so many milliseconds. */
function sizesOf(roundTrip: number, token: number, batches: number): number[] {
  const sizes = createBatchSizes();
  return Array.from({ length: batches }, () => {
    const { next } = sizes;
    sizes.took(next, roundTrip + next * token);
    return next;
  });
}

test("the first token comes alone, then twice as many each time", () => {
  expect(sizesOf(3, 0.2, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 128, 128]);
  expect(sizesOf(3, 5, 6)).toEqual([1, 2, 4, 4, 4, 4]);
  expect(sizesOf(3, 200, 4)).toEqual([1, 1, 1, 1]);
});

test("one slow batch changes little, a device that stays slow is believed", () => {
  const sizes = createBatchSizes();
  for (let i = 0; i < 8; i += 1) sizes.took(sizes.next, sizes.next);
  expect(sizes.next).toBe(32);
  sizes.took(32, 3000);
  expect(sizes.next).toBe(16);
  sizes.took(16, 16);
  expect(sizes.next).toBe(32);
  for (let i = 0; i < 12; i += 1) sizes.took(sizes.next, 50 * sizes.next);
  expect(sizes.next).toBe(1);
});
