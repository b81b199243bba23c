/**
 * Puts texts beside lines so that none covers another. In: texts with the places each could take, the most important first.
 * Out: the texts that found room. Widths are estimated from the font size: 0.56 em per character suits Inter.
 */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface LabelPlace {
  readonly text: string;
  /** The baseline of the text, and which of its ends `x` is. */
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "end";
}

export interface LabelWish {
  readonly id: string;
  readonly size: number;
  readonly places: readonly LabelPlace[];
}

export interface PlacedLabel extends LabelPlace {
  readonly id: string;
  readonly size: number;
}

const EM_PER_CHARACTER = 0.56;

export function textWidth(text: string, size: number): number {
  return text.length * size * EM_PER_CHARACTER;
}

export function boxOf({ text, x, y, anchor }: LabelPlace, size: number): Box {
  const width = textWidth(text, size);
  const left = anchor === "start" ? x : x - width;
  return { left, right: left + width, top: y - size * 0.85, bottom: y + size * 0.25 };
}

function overlaps(a: Box, b: Box): boolean {
  const air = 3;
  return a.left < b.right + air && b.left < a.right + air && a.top < b.bottom && b.top < a.bottom;
}

function isInside(inner: Box, outer: Box): boolean {
  return inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom;
}

/** Gives each wish the first of its places that is inside `room` and free; a wish without one is left out. */
export function placeLabels(wishes: readonly LabelWish[], room: Box, taken: readonly Box[] = []): PlacedLabel[] {
  const boxes = [...taken];
  const placed: PlacedLabel[] = [];
  for (const { id, size, places } of wishes) {
    const place = places.find((candidate) => {
      const box = boxOf(candidate, size);
      return isInside(box, room) && !boxes.some((other) => overlaps(box, other));
    });
    if (!place) continue;
    boxes.push(boxOf(place, size));
    placed.push({ ...place, id, size });
  }
  return placed;
}
