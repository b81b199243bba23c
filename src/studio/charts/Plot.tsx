/** One plot: lines, annotations, crosshair, and the gestures on them. In: store and looks. Out: pixels; reports its frame. */
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { Baselines } from "../../worker/protocol";
import type { MetricStore, XAxis } from "../state/metricStore";
import { Annotations } from "./Annotations";
import { StickyDomain } from "./domain";
import { type ChartRow, type Frame, type Scales, buildFrame } from "./frame";
import { type Geometry, type Room, placePlot, tickRoom } from "./geometry";
import { useGestures } from "./gestures";
import { useChartView, useRoom } from "./hooks";
import { Lines } from "./Lines";
import { Reading } from "./Reading";
import type { ChartSpec, TokenNames } from "./spec";
import styles from "./charts.module.css";

/** What is on screen, for the parts outside the plot: menu, table and PNG. */
export interface Shown {
  readonly frame: Frame;
  readonly geometry: Geometry;
  readonly room: Room;
}

export interface PlotProps {
  readonly store: MetricStore;
  readonly version: number;
  readonly spec: ChartSpec;
  readonly scales: Scales;
  readonly baselines: Baselines | undefined;
  readonly names: TokenNames;
  readonly shown: RefObject<Shown | null>;
}

export function Plot({ store, version, spec, scales, baselines, names, shown }: PlotProps) {
  const plot = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLDivElement>(null);
  const [sticky] = useState(() => new StickyDomain());
  const room = useRoom(plot, probe);
  // One by one: the crosshair, which also lives in the view, must not rebuild the frame.
  const xAxis = useChartView(store, (view) => view.xAxis);
  const window = useChartView(store, (view) => view.window);
  const smoothing = useChartView(store, (view) => view.smoothing);
  const frozenAt = useChartView(store, (view) => view.frozenAt);
  const drawing = useMemo(() => {
    if (!room || version < 0) return null;
    const view = { xAxis, window, smoothing, frozenAt, pointed: null };
    const frame = buildFrame({ store, view, spec, scales, sticky, baselines, names, width: room.width, ...tickRoom(room) });
    return { frame, geometry: placePlot(frame, room), room };
  }, [store, version, spec, scales, baselines, names, sticky, room, xAxis, window, smoothing, frozenAt]);
  useEffect(() => {
    shown.current = drawing;
  }, [shown, drawing]);
  const { dragged, read, handlers } = useGestures(store, plot, drawing?.frame ?? null, drawing?.geometry ?? null);
  return (
    <div
      ref={plot} className={styles.plot} {...handlers} role="group" tabIndex={0}
      aria-label={`${spec.title} plot. Plus and minus zoom, arrow keys pan, shift and arrow keys read values, 0 shows all.`}
    >
      <p className={styles.hidden} role="status">{read ? readAloud(read, store, xAxis, spec) : ""}</p>
      <div ref={probe} className={styles.probe} aria-hidden="true" />
      {drawing && (
        <>
          <Lines frame={drawing.frame} geometry={drawing.geometry} tickSize={drawing.room.tickSize} />
          <Annotations {...drawing} format={spec.format} />
          {dragged && Math.abs(dragged[1] - dragged[0]) > 3 && <Selection dragged={dragged} geometry={drawing.geometry} />}
          <Reading store={store} spec={spec} names={names} {...drawing} />
          {store.rows === 0 && store.validation.length === 0 && <p className={styles.empty}>The curve begins with the first step.</p>}
          {drawing.frame.notPositive > 0 && <p className={styles.caution}>Values at or below 0 have no place on a log axis.</p>}
        </>
      )}
    </div>
  );
}

/** Spoken only when a key moved the crosshair; live data says nothing here. */
function readAloud(row: ChartRow, store: MetricStore, xAxis: XAxis, spec: ChartSpec): string {
  const step = store.at("step", store.nearestRow(row.x, xAxis)).toLocaleString("en-US");
  const parts = [row.raw === null ? "training is not a number" : `training ${spec.format(row.raw)}`];
  if (row.validation !== null) parts.push(`validation ${spec.format(row.validation)}`);
  return `Step ${step}: ${parts.join(", ")}`;
}

function Selection({ dragged, geometry }: { dragged: readonly [number, number]; geometry: Geometry }) {
  return (
    <svg className={styles.layer} width={geometry.width} height={geometry.height} aria-hidden="true">
      <rect className={styles.selection} x={Math.min(...dragged)} width={Math.abs(dragged[1] - dragged[0])} y={geometry.top} height={geometry.bottom - geometry.top} />
    </svg>
  );
}
