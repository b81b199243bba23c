/** What charts need from React: a commit a few times a second, the room they have, the shared view. */
import { type RefObject, useEffect, useLayoutEffect, useState } from "react";
import { useStore } from "zustand";
import type { MetricStore } from "../state/metricStore";
import { type ChartView, chartViewOf } from "./chartView";
import type { Room } from "./geometry";
import { type Panel, pageScheduler } from "./scheduler";

/** The version of the store to draw: follows it at the pace of the page's scheduler, only while `element` is on screen. */
export function useCommittedVersion(store: MetricStore, element: RefObject<HTMLElement | null>): number {
  const [version, setVersion] = useState(store.version);
  useEffect(() => {
    const panel: Panel = { visible: false, commit: () => setVersion(store.version) };
    const observer = new IntersectionObserver((entries) => pageScheduler.show(panel, entries.at(-1)?.isIntersecting ?? false));
    if (element.current) observer.observe(element.current);
    const leave = store.subscribe(() => pageScheduler.request(panel));
    // The store may have moved on between the first render and this effect.
    pageScheduler.request(panel);
    return () => {
      leave();
      observer.disconnect();
      pageScheduler.remove(panel);
    };
  }, [store, element]);
  return version;
}

/** The pixels of `plot`, and the text sizes of the theme, read off two hidden probes. Null before the first layout. */
export function useRoom(plot: RefObject<HTMLElement | null>, probe: RefObject<HTMLElement | null>): Room | null {
  const [room, setRoom] = useState<Room | null>(null);
  useLayoutEffect(() => {
    const box = plot.current;
    const texts = probe.current;
    if (!box || !texts) return undefined;
    const measure = () => {
      const { width, height } = box.getBoundingClientRect();
      // The probe is 1 em of the tick size high and 1 em of the label size wide.
      const next = { width: Math.floor(width), height: Math.floor(height), tickSize: texts.offsetHeight, labelSize: texts.offsetWidth };
      setRoom((before) => (before && (Object.keys(next) as (keyof Room)[]).every((key) => before[key] === next[key]) ? before : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    observer.observe(texts);
    return () => observer.disconnect();
  }, [plot, probe]);
  return room && room.width > 60 && room.height > 20 ? room : null;
}

export function useChartView(store: MetricStore): ChartView;
export function useChartView<T>(store: MetricStore, select: (view: ChartView) => T): T;
export function useChartView<T>(store: MetricStore, select: (view: ChartView) => T | ChartView = (view) => view): T | ChartView {
  return useStore(chartViewOf(store), select);
}
