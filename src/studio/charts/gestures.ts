/**
 * Pointer, wheel and keys on a plot. In: the frame on screen and the events. Out: changes of the shared view. Wheel zooms
 * only where the plot has focus or Ctrl/⌘ is held, so that scrolling past a chart stays scrolling.
 */
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { MetricStore } from "../state/metricStore";
import { chartViewOf } from "./chartView";
import type { ChartRow, Frame } from "./frame";
import { type Geometry, mapsOf } from "./geometry";
import { fitWindow, panWindow, zoomWindow } from "./zoom";
import type { Domain } from "./ticks";

export const ZOOM_STEP = 0.6;
const PAN_STEP = 0.2;
const SMALLEST_DRAG = 8;

export type Move = "closer" | "wider" | "earlier" | "later" | "all";

/** Does one of the named moves, from keys, menu or wheel. */
export function moveWindow(store: MetricStore, frame: Frame, move: Move, share = 0.5): void {
  const { x, whole, scales } = frame;
  const next =
    move === "all" ? null
      : move === "closer" || move === "wider" ? zoomWindow(x, whole, scales.x, move === "closer" ? ZOOM_STEP : 1 / ZOOM_STEP, share)
        : panWindow(x, whole, scales.x, move === "earlier" ? -PAN_STEP : PAN_STEP);
  chartViewOf(store).setState({ window: next });
}

const KEY_MOVES: Readonly<Record<string, Move>> = {
  "+": "closer", "=": "closer", "-": "wider", _: "wider", ArrowLeft: "earlier", ArrowRight: "later", "0": "all",
};

/** Moves the crosshair to the next or previous position of the lines, and returns that position. */
function movePointed(store: MetricStore, frame: Frame, direction: 1 | -1): ChartRow | undefined {
  const { pointed } = chartViewOf(store).getState();
  const inside = frame.rows.filter((row) => row.x >= frame.x[0] && row.x <= frame.x[1]);
  const next = pointed === null
    ? inside.at(-1)
    : direction === 1 ? inside.find((row) => row.x > pointed) : inside.findLast((row) => row.x < pointed);
  if (next) chartViewOf(store).setState({ pointed: next.x });
  return next;
}

export interface Gestures {
  /** The stretch being dragged over, in pixels. */
  readonly dragged: Domain | null;
  /** Where a key last moved the crosshair, to be spoken. */
  readonly read: ChartRow | undefined;
  readonly handlers: {
    onPointerDown(event: PointerEvent): void;
    onPointerMove(event: PointerEvent): void;
    onPointerUp(event: PointerEvent): void;
    onPointerLeave(event: PointerEvent): void;
    onPointerCancel(): void;
    onDoubleClick(): void;
    onKeyDown(event: KeyboardEvent): void;
    onBlur(): void;
  };
}

export function useGestures(store: MetricStore, plot: RefObject<HTMLElement | null>, frame: Frame | null, geometry: Geometry | null): Gestures {
  const [dragged, setDragged] = useState<Domain | null>(null);
  const [read, setRead] = useState<ChartRow>();
  const now = useRef({ frame, geometry });
  useEffect(() => {
    now.current = { frame, geometry };
  });
  const view = chartViewOf(store);
  const place = (clientX: number): number | null => {
    const box = plot.current?.getBoundingClientRect();
    if (!box || !geometry) return null;
    return Math.max(geometry.left, Math.min(geometry.right, clientX - box.left));
  };
  useEffect(() => {
    const element = plot.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      const { frame: current, geometry: edges } = now.current;
      if (!current || !edges || event.deltaY === 0) return;
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== element) return;
      event.preventDefault();
      const pixel = event.clientX - element.getBoundingClientRect().left;
      moveWindow(store, current, event.deltaY < 0 ? "closer" : "wider", (pixel - edges.left) / (edges.right - edges.left));
    };
    // React listens to wheel passively; zooming has to keep the page from scrolling.
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [store, plot]);

  const handlers: Gestures["handlers"] = {
    onPointerDown(event) {
      const pixel = place(event.clientX);
      if (event.button !== 0 || pixel === null) return;
      if (event.pointerType === "mouse") event.currentTarget.setPointerCapture(event.pointerId);
      setDragged([pixel, pixel]);
    },
    onPointerMove(event) {
      const pixel = place(event.clientX);
      if (pixel === null || !frame || !geometry) return;
      view.setState({ pointed: mapsOf(frame, geometry).fromX(pixel) });
      if (dragged) setDragged([dragged[0], pixel]);
    },
    onPointerUp() {
      if (dragged && frame && geometry && Math.abs(dragged[1] - dragged[0]) >= SMALLEST_DRAG) {
        const { fromX } = mapsOf(frame, geometry);
        const ends = [fromX(Math.min(...dragged)), fromX(Math.max(...dragged))] as const;
        view.setState({ window: fitWindow(ends, frame.whole, frame.scales.x) });
      }
      setDragged(null);
    },
    // A finger that is lifted leaves its reading on screen.
    onPointerLeave: (event) => event.pointerType === "mouse" && view.setState({ pointed: null }),
    onPointerCancel: () => setDragged(null),
    onDoubleClick: () => view.setState({ window: null }),
    onKeyDown(event) {
      if (!frame || event.ctrlKey || event.metaKey || event.altKey) return;
      const move = KEY_MOVES[event.key];
      if (event.key === "Escape") view.setState({ pointed: null });
      else if (event.shiftKey && event.key === "ArrowLeft") setRead(movePointed(store, frame, -1));
      else if (event.shiftKey && event.key === "ArrowRight") setRead(movePointed(store, frame, 1));
      else if (move) moveWindow(store, frame, move);
      else return;
      // The keys that mean something here must not also scroll the page or reach the shortcuts of the studio.
      event.preventDefault();
      event.stopPropagation();
    },
    onBlur: () => view.setState({ pointed: null }),
  };
  return { dragged, read, handlers };
}
