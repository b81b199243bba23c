/**
 * The texts beside the lines of a frame. In: frame, geometry, text sizes. Out: placed labels. Lines are labelled where they
 * end, the upper one above and the lower one below, so nobody has to match colours with a legend.
 */
import type { Frame, Point } from "./frame";
import { type Geometry, mapsOf } from "./geometry";
import { type Box, type LabelPlace, type LabelWish, type PlacedLabel, placeLabels, textWidth } from "./labels";

export function annotate(frame: Frame, geometry: Geometry, sizes: { tickSize: number; labelSize: number }, format: (value: number) => string): PlacedLabel[] {
  const { toX, toY } = mapsOf(frame, geometry);
  const room: Box = { left: geometry.left + 2, right: geometry.right, top: geometry.top - sizes.tickSize, bottom: geometry.bottom };
  const at = (point: Point) => ({ x: toX(point.x), y: toY(point.y) });
  const training = frame.trainingEnd && at(frame.trainingEnd);
  const validation = frame.validationEnd && at(frame.validationEnd);
  const validationIsUpper = !training || !validation || validation.y <= training.y;
  const wishes: LabelWish[] = [];
  const place = (text: string, end: { x: number; y: number }, isUpper: boolean) => endPlaces(text, end, isUpper, sizes.labelSize, geometry);
  if (validation && frame.validationEnd) {
    const texts = validationTexts(frame, frame.validationEnd.y, format);
    wishes.push({ id: "validation", size: sizes.labelSize, places: texts.flatMap((text) => place(text, validation, validationIsUpper)) });
  }
  if (training) {
    const ends = [training, ...[0.75, 0.5].flatMap((share) => alongLine(frame, share).map(at))];
    wishes.push({ id: "training", size: sizes.labelSize, places: ends.flatMap((end) => place("training", end, !validation || !validationIsUpper)) });
  }
  for (const baseline of frame.baselines) wishes.push(referenceWish(baseline, toY(baseline.value), sizes.tickSize, geometry));
  return placeLabels(wishes, room, curveBoxes(frame, geometry));
}

/** The full text and a brief one for where that does not fit. */
function validationTexts({ best }: Frame, newest: number, format: (value: number) => string): string[] {
  const brief = `validation ${format(newest)}`;
  if (!best) return [brief];
  return [best.latest ? `${brief} best` : `${brief}, best ${format(best.y)}`, brief, "validation"];
}

/** The point of the training line at a share of its length. */
function alongLine({ rows, trainingEnd, x }: Frame, share: number): Point[] {
  const wanted = x[0] + ((trainingEnd?.x ?? x[1]) - x[0]) * share;
  const row = rows.findLast((each) => each.x <= wanted && each.smooth !== null);
  return row && row.smooth !== null && row.x > x[0] ? [{ x: row.x, y: row.smooth }] : [];
}

/**
 * Beside the end of a line if there is room to its right, else above an upper line and below a lower one, a little further
 * away where it is crowded. Never on the other side: there it would seem to name the other line.
 */
function endPlaces(text: string, end: { x: number; y: number }, isUpper: boolean, size: number, geometry: Geometry): LabelPlace[] {
  const wide = textWidth(text, size);
  const away = isUpper ? -1 : 1;
  const beside = geometry.right - end.x > wide + 14;
  const right = beside ? [0, 0.5, 1].map((shift): LabelPlace => ({ text, x: end.x + 10, y: end.y + size * (0.3 + away * shift), anchor: "start" })) : [];
  const x = Math.max(end.x, geometry.left + wide + 4);
  const nearest = end.y + size * (isUpper ? -0.8 : 1.4);
  return [...right, ...[0, 0.4, 0.8, 1.4, 2].map((shift): LabelPlace => ({ text, x, y: nearest + away * shift * size, anchor: "end" }))];
}

/** At the right end above the line, else below it, else further left; the brief text where the full one does not fit. */
function referenceWish({ value, texts }: Frame["baselines"][number], y: number, size: number, { left, right }: Geometry): LabelWish {
  const places = texts.flatMap((text) =>
    [1, 0.75, 0.5].flatMap((share) =>
      [y - size * 0.45, y + size * 1.1].map((baseline): LabelPlace => ({ text, x: left + (right - 4 - left) * share, y: baseline, anchor: "end" })),
    ),
  );
  return { id: `reference ${value}`, size, places };
}

/** Slim boxes along the smoothed and the validation line, for labels to keep clear of. */
function curveBoxes(frame: Frame, geometry: Geometry): Box[] {
  const { toX, toY } = mapsOf(frame, geometry);
  const boxes: Box[] = [];
  for (const pick of ["smooth", "validation"] as const) {
    let before: { x: number; y: number } | undefined;
    for (const row of frame.rows) {
      const value = row[pick];
      if (value === null) continue;
      const point = { x: toX(row.x), y: toY(value) };
      if (before && point.x - before.x < 4 && pick === "smooth") continue;
      // One box per piece; a long piece is cut so that a slope does not claim its whole rectangle.
      const pieces = before ? Math.max(1, Math.ceil((point.x - before.x) / 12)) : 0;
      for (let piece = 0; piece < pieces && before; piece++) {
        const [a, b] = [piece / pieces, (piece + 1) / pieces];
        const [ya, yb] = [before.y + (point.y - before.y) * a, before.y + (point.y - before.y) * b];
        boxes.push({
          left: before.x + (point.x - before.x) * a, right: before.x + (point.x - before.x) * b,
          top: Math.min(ya, yb) - 2, bottom: Math.max(ya, yb) + 2,
        });
      }
      before = point;
    }
  }
  return boxes;
}
