/**
 * Ties a scrolling element to the geometry of a grid. In: the element, how many rows of which height. Out: which rows are in
 * sight, a way to bring one into sight, and how many fit.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { follow, type Geometry, type Position, reveal, type RowSpan, rowsSeen, settleBar } from "../../../state/gridGeometry";

const OVERSCAN = 6;
const REST_MS = 160;
const START: Position = { bar: 0, top: 0 };

export interface GridScroll {
  readonly span: RowSpan;
  readonly geometry: Geometry;
  /** Of the scrolling element, in px. */
  readonly width: number;
  readonly showRow: (row: number) => void;
  readonly toTop: () => void;
}

export function useGridScroll(element: RefObject<HTMLDivElement | null>, rows: number, rowHeight: number, headHeight: number): GridScroll {
  const [{ viewport, width }, setSize] = useState({ viewport: 480, width: 800 });
  const [position, setPosition] = useState(START);
  const geometry: Geometry = { rows, rowHeight, viewport };
  const latest = useRef({ geometry, position });
  useLayoutEffect(() => {
    latest.current = { geometry, position };
  });

  const place = useCallback(
    (next: Position) => {
      latest.current.position = next;
      if (element.current && Math.abs(element.current.scrollTop - next.bar) > 0.5) element.current.scrollTop = next.bar;
      setPosition(next);
    },
    [element],
  );

  useLayoutEffect(() => {
    const scroller = element.current;
    if (!scroller) return;
    const measure = () => setSize({ viewport: Math.max(1, scroller.clientHeight - headHeight), width: scroller.clientWidth });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(scroller);
    return () => observer.disconnect();
  }, [element, headHeight]);

  useEffect(() => {
    const scroller = element.current;
    if (!scroller) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onScroll = () => {
      const { geometry: grid, position: from } = latest.current;
      // What we set ourselves comes back rounded to the device's pixels.
      if (Math.abs(scroller.scrollTop - from.bar) < 1) return;
      const next = follow(grid, from, scroller.scrollTop);
      latest.current.position = next;
      setPosition(next);
      clearTimeout(timer);
      timer = setTimeout(() => place(settleBar(latest.current.geometry, latest.current.position)), REST_MS);
    };
    scroller.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      clearTimeout(timer);
      scroller.removeEventListener("scroll", onScroll);
    };
  }, [element, place]);

  // Fewer rows, or a higher window: what was in sight may be no more.
  useLayoutEffect(() => {
    place(settleBar({ rows, rowHeight, viewport }, latest.current.position));
  }, [rows, rowHeight, viewport, place]);

  const showRow = useCallback((row: number) => place(reveal(latest.current.geometry, latest.current.position, row)), [place]);
  const toTop = useCallback(() => place(START), [place]);
  return { span: rowsSeen(geometry, position, OVERSCAN), geometry, width, showRow, toTop };
}
