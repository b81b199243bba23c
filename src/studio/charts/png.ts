/**
 * A frame as a picture. In: what is on screen and the element whose colours apply. Out: a PNG at twice the size. Drawn on a
 * canvas from the same frame as the page, so nothing has to be copied out of the SVG and its styles.
 */
import { annotate } from "./annotations";
import { mapsOf } from "./geometry";
import type { Shown } from "./Plot";
import type { ChartSpec } from "./spec";

const PIXELS_PER_PIXEL = 2;
const HEAD = 34;

type Ink = (name: string) => string;

export function drawPng({ frame, geometry, room }: Shown, spec: ChartSpec, themed: HTMLElement, done: (png: Blob) => void): void {
  const style = getComputedStyle(themed);
  const ink: Ink = (name) => style.getPropertyValue(name).trim();
  const canvas = document.createElement("canvas");
  canvas.width = geometry.width * PIXELS_PER_PIXEL;
  canvas.height = (geometry.height + HEAD) * PIXELS_PER_PIXEL;
  const context = canvas.getContext("2d");
  if (!context) return;
  const font = style.fontFamily;
  context.scale(PIXELS_PER_PIXEL, PIXELS_PER_PIXEL);
  context.fillStyle = ink("--surface");
  context.fillRect(0, 0, geometry.width, geometry.height + HEAD);
  context.fillStyle = ink("--ink");
  context.font = `600 ${room.labelSize + 2}px ${font}`;
  context.fillText(spec.title, geometry.left, 22);
  context.translate(0, HEAD);
  drawAxes(context, { frame, geometry, room }, ink, font);
  context.save();
  context.beginPath();
  context.rect(geometry.left, geometry.top, geometry.right - geometry.left, geometry.bottom - geometry.top);
  context.clip();
  drawLines(context, { frame, geometry, room }, ink);
  context.restore();
  for (const { id, text, x, y, anchor, size } of annotate(frame, geometry, room, spec.format)) {
    context.font = `${id.startsWith("reference") ? 400 : 550} ${size}px ${font}`;
    context.fillStyle = ink(id.startsWith("reference") ? "--ink-3" : id === "training" ? "--train" : "--validate");
    context.textAlign = anchor;
    context.fillText(text, x, y);
  }
  canvas.toBlob((png) => png && done(png), "image/png");
}

function drawAxes(context: CanvasRenderingContext2D, { frame, geometry, room }: Shown, ink: Ink, font: string): void {
  const { toX, toY } = mapsOf(frame, geometry);
  context.font = `${room.tickSize}px ${font}`;
  context.fillStyle = ink("--ink-3");
  context.strokeStyle = ink("--line");
  for (const { value, text } of frame.yTicks) {
    context.beginPath();
    context.moveTo(geometry.left, toY(value));
    context.lineTo(geometry.right, toY(value));
    context.stroke();
    context.textAlign = "end";
    context.fillText(text, geometry.left - 6, toY(value) + room.tickSize * 0.35);
  }
  context.textAlign = "center";
  for (const { value, text } of frame.xTicks) context.fillText(text, toX(value), geometry.bottom + room.tickSize * 1.5);
}

function drawLines(context: CanvasRenderingContext2D, { frame, geometry }: Shown, ink: Ink): void {
  const { toX, toY } = mapsOf(frame, geometry);
  const trace = (values: readonly (readonly [x: number, y: number | null])[], bridges: "gaps" | "nothing") => {
    let drawing = false;
    context.beginPath();
    for (const [x, y] of values) {
      if (y === null) {
        if (bridges === "nothing") drawing = false;
        continue;
      }
      if (drawing) context.lineTo(toX(x), toY(y));
      else context.moveTo(toX(x), toY(y));
      drawing = true;
    }
    context.stroke();
  };
  drawBand(context, { frame, geometry }, ink);
  context.setLineDash([1, 4]);
  context.strokeStyle = ink("--reference");
  for (const { value } of frame.baselines) trace([[frame.x[0], value], [frame.x[1], value]], "nothing");
  context.setLineDash([]);
  context.strokeStyle = ink("--train");
  context.globalAlpha = 0.25;
  trace(frame.rows.map((row) => [row.x, row.raw]), "nothing");
  context.globalAlpha = 1;
  context.lineWidth = 2;
  trace(frame.rows.map((row) => [row.x, row.smooth]), "nothing");
  context.setLineDash([6, 4]);
  context.strokeStyle = ink("--validate");
  trace(frame.rows.map((row) => [row.x, row.validation]), "gaps");
  context.setLineDash([]);
  context.fillStyle = ink("--bad");
  for (const { x } of frame.gaps) context.fillRect(toX(x) - 3, geometry.bottom - 8, 6, 8);
  if (!frame.best) return;
  context.fillStyle = ink("--validate");
  context.beginPath();
  context.arc(toX(frame.best.x), toY(frame.best.y), 4.5, 0, Math.PI * 2);
  context.fill();
}

function drawBand(context: CanvasRenderingContext2D, { frame, geometry }: Pick<Shown, "frame" | "geometry">, ink: Ink): void {
  const { toX, toY } = mapsOf(frame, geometry);
  const rows = frame.rows.filter((row) => row.band !== null);
  context.fillStyle = ink("--band");
  context.beginPath();
  for (const { x, band } of rows) context.lineTo(toX(x), toY(band?.[1] ?? 0));
  for (const { x, band } of rows.toReversed()) context.lineTo(toX(x), toY(band?.[0] ?? 0));
  context.fill();
}
