import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { EngineError } from "../../graph/engineError";
import { CONTROL_BYTES, type Heap, createHeap } from "./heap";

interface Held {
  readonly address: number;
  readonly bytes: number;
  readonly mark: number;
}

const isMarked = (heap: Heap, { address, bytes, mark }: Held): boolean => heap.bytes(address, bytes).every((byte) => byte === mark);

/** A number ≥ 0 asks for so many bytes, one below frees one of those that are held. */
const steps = fc.array(fc.oneof(fc.nat(5000), fc.constantFrom(0, 1, 255, 256, 257, 70_000), fc.integer({ min: -50, max: -1 })), { maxLength: 60 });

test.each([false, true])("what is held is zeroed when it is given and nobody else's after; shared: %s", (isShared) => {
  fc.assert(fc.property(steps, (asked) => {
    const heap = createHeap(isShared);
    const held: Held[] = [];
    asked.forEach((step, index) => {
      if (step >= 0) {
        const one = { address: heap.allocate(step), bytes: step, mark: 1 + (index % 250) };
        expect(one.address % 256).toBe(0);
        expect(one.address).toBeGreaterThanOrEqual(CONTROL_BYTES);
        expect(isMarked(heap, { ...one, mark: 0 })).toBe(true);
        heap.bytes(one.address, step).fill(one.mark);
        held.push(one);
      } else if (held.length > 0) {
        const [one] = held.splice(-step % held.length, 1);
        heap.free(one!.address);
      }
      expect(held.every((one) => isMarked(heap, one))).toBe(true);
    });
    // Kernels read up to 256 bytes behind the last.
    expect(Math.max(...held.map(({ address, bytes }) => address + bytes), 0) + 256).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
  }), { numRuns: 60 });
});

test("neighbors that are free become one, in whichever order they were freed", () => {
  fc.assert(fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (order) => {
    const heap = createHeap(false);
    const parts = [300, 1000, 20, 4096, 512].map((bytes) => heap.allocate(bytes));
    const wall = heap.allocate(1);
    for (const index of order) heap.free(parts[index]!);
    expect(heap.allocate(wall - parts[0]!)).toBe(parts[0]);
  }));
});

test("the least part that is large enough is used, and the rest of it stays free", () => {
  const heap = createHeap(false);
  const [large, , small] = [heap.allocate(2048), heap.allocate(1), heap.allocate(512), heap.allocate(1)];
  heap.free(large!);
  heap.free(small!);
  expect(heap.allocate(400)).toBe(small);
  expect([heap.allocate(256), heap.allocate(1700)]).toEqual([large, large! + 256]);
});

test("rounds of the same allocations take no more memory", () => {
  const heap = createHeap(false);
  const round = (): void => {
    const held = [100_000, 7, 30_000, 512].map((bytes) => heap.allocate(bytes));
    for (const address of [held[2]!, held[0]!, held[3]!, held[1]!]) heap.free(address);
  };
  round();
  const { byteLength } = heap.memory.buffer;
  for (let i = 0; i < 200; i += 1) round();
  expect(heap.memory.buffer.byteLength).toBe(byteLength);
});

test("what cannot be had is an EngineError that says how much, and nothing is lost by it", () => {
  const heap = createHeap(false);
  const first = heap.allocate(1000);
  heap.bytes(first, 1000).fill(7);
  const grow = vi.spyOn(heap.memory, "grow").mockImplementation(() => {
    throw new RangeError("no");
  });
  let failure: unknown;
  try {
    heap.allocate(3 * 2 ** 20);
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(EngineError);
  expect(failure).toMatchObject({ kind: "out-of-memory", message: expect.stringContaining("3 MiB more") as string });
  grow.mockRestore();
  expect(heap.bytes(first, 1000).every((byte) => byte === 7)).toBe(true);
  // The room that was asked for in vain is not counted as given.
  expect(heap.allocate(1000)).toBe(first + 1024);
});

test("more than the whole memory is an EngineError too", () => {
  const heap = createHeap(false);
  expect(() => heap.allocate(2 ** 33)).toThrow(EngineError);
  expect(heap.allocate(16)).toBe(CONTROL_BYTES);
});

test("there is always room to read behind what ends with the memory", () => {
  const heap = createHeap(false);
  const all = heap.memory.buffer.byteLength - CONTROL_BYTES;
  const address = heap.allocate(all);
  expect(heap.bytes(address + all, 256).every((byte) => byte === 0)).toBe(true);
});

test("only what is held can be freed", () => {
  const heap = createHeap(false);
  const one = heap.allocate(10);
  expect(() => heap.free(one + 4)).toThrow("Nothing was allocated");
  heap.free(one);
  expect(() => heap.free(one)).toThrow("Nothing was allocated");
});
