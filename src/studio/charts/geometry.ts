/** Where on the pixels a frame lies. In: the frame, the room, the text sizes. Out: the plot's edges and maps to pixels. */
import type { Frame } from "./frame";
import type { Domain, Scale } from "./ticks";
import { shareAlong, valueAt } from "./domain";
import { textWidth } from "./labels";

/** Pixels: the room of a chart and its two text sizes (ticks and line labels), which a theme may enlarge. */
export interface Room {
  readonly width: number;
  readonly height: number;
  readonly tickSize: number;
  readonly labelSize: number;
}

export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** How many labels fit along the sides. */
export function tickRoom({ width, height, tickSize }: Room): { mostXTicks: number; mostYTicks: number } {
  return {
    mostXTicks: Math.max(2, Math.min(8, Math.floor((width - 50) / (textWidth("10,000", tickSize) + 36)))),
    mostYTicks: Math.max(3, Math.min(9, Math.floor((height - 50) / (tickSize * 2.6)))),
  };
}

export function placePlot(frame: Frame, { width, height, tickSize }: Room): Geometry {
  const widest = Math.max(textWidth("0.00", tickSize), ...frame.yTicks.map(({ text }) => textWidth(text, tickSize)));
  const lastTick = frame.xTicks.at(-1);
  // Half of a label that sits at the right edge would be cut off.
  const beyond = lastTick ? textWidth(lastTick.text, tickSize) / 2 - (1 - shareAlong(lastTick.value, frame.x, frame.scales.x)) * (width - 60) : 0;
  return {
    width, height,
    left: Math.ceil(widest) + 10,
    right: width - Math.ceil(Math.max(8, beyond + 4)),
    top: Math.ceil(tickSize * 0.75),
    bottom: height - Math.ceil(tickSize * 1.9),
  };
}

export interface Maps {
  readonly toX: (value: number) => number;
  readonly toY: (value: number) => number;
  readonly fromX: (pixel: number) => number;
}

export function mapsOf({ x, y, scales }: { x: Domain; y: Domain; scales: { x: Scale; y: Scale } }, { left, right, top, bottom }: Geometry): Maps {
  return {
    toX: (value) => left + shareAlong(value, x, scales.x) * (right - left),
    toY: (value) => bottom - shareAlong(value, y, scales.y) * (bottom - top),
    fromX: (pixel) => valueAt((pixel - left) / (right - left), x, scales.x),
  };
}
