import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxOf, placeLabels } from "./labels";

const ROOM = { left: 0, right: 600, top: 0, bottom: 300 };

describe("placeLabels", () => {
  it("never lets two texts touch, nor one leave the room", () => {
    const place = fc.record({
      text: fc.string({ minLength: 1, maxLength: 30 }), x: fc.integer({ min: -50, max: 650 }), y: fc.integer({ min: -20, max: 320 }),
      anchor: fc.constantFrom("start" as const, "end" as const),
    });
    const wishes = fc.array(fc.record({ id: fc.uuid(), size: fc.integer({ min: 9, max: 20 }), places: fc.array(place, { minLength: 1, maxLength: 4 }) }), { maxLength: 12 });
    fc.assert(
      fc.property(wishes, (given) => {
        const boxes = placeLabels(given, ROOM).map((label) => boxOf(label, label.size));
        boxes.forEach((a, index) => {
          expect(a.left >= ROOM.left && a.right <= ROOM.right && a.top >= ROOM.top && a.bottom <= ROOM.bottom).toBe(true);
          for (const b of boxes.slice(index + 1)) expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
        });
      }),
    );
  });

  it("takes the first place that is free, and the important label first", () => {
    const at = (y: number) => ({ text: "validation", x: 300, y, anchor: "end" as const });
    const placed = placeLabels([{ id: "a", size: 12, places: [at(100)] }, { id: "b", size: 12, places: [at(102), at(130)] }, { id: "c", size: 12, places: [at(99)] }], ROOM);
    expect(placed.map(({ id, y }) => [id, y])).toEqual([["a", 100], ["b", 130]]);
  });
});
