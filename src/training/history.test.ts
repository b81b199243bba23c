import fc from "fast-check";
import { expect, it } from "vitest";
import { createNumberQueue } from "./history";

it("a queue of numbers gives them back in order, however many wait", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 40 }), (moves) => {
      const queue = createNumberQueue();
      const expected: number[] = [];
      let next = 0;
      for (const move of moves) {
        for (let i = 0; i < Math.abs(move); i += 1) {
          if (move > 0) {
            queue.push(next);
            expected.push(next++);
          } else if (expected.length > 0) expect(queue.shift()).toBe(expected.shift());
          else expect(() => queue.shift()).toThrow("Nothing is queued");
        }
      }
    }),
  );
});
