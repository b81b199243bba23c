/**
 * A small strip for one metric: its course without axes, its value now in words. In: a store and which metric. Out: a figure
 * "Learning rate" or "Gradient norm" that shares window and crosshair with the loss chart.
 */
import { useEffect, useRef, useState } from "react";
import type { MetricStore } from "../state/metricStore";
import type { Bucket } from "../state/buckets";
import { extentOf, followDomain, robustExtent } from "./domain";
import { useChartView, useCommittedVersion } from "./hooks";
import { nearest } from "./Reading";
import { StripTable } from "./StripTable";
import { type Domain, formatPercent, formatValue } from "./ticks";
import { TableToggle } from "./Toolbar";
import styles from "./charts.module.css";

export interface StripChartProps {
  readonly store: MetricStore;
  readonly metric: "learningRate" | "gradientNorm";
  /** The longest gradient allowed; the strip draws it and says how often it was reached. 0 or nothing: no clipping. */
  readonly clipAt?: number;
}

const TITLES = { learningRate: "Learning rate", gradientNorm: "Gradient norm" } as const;
const HEIGHT = 44;
const EDGE = 3;
const MOST_BUCKETS = 200;

export function StripChart({ store, metric, clipAt = 0 }: StripChartProps) {
  const figure = useRef<HTMLElement>(null);
  const version = useCommittedVersion(store, figure);
  const [asTable, setAsTable] = useState(false);
  const title = TITLES[metric];
  return (
    <figure ref={figure} className={`${styles.figure} ${styles.strip}`} data-version={version}>
      {/* Named by its caption, not by aria-labelledby: a setting has the same label, and a label has to be one thing's. */}
      <figcaption><h2>{title}</h2></figcaption>
      <Now store={store} metric={metric} clipAt={clipAt} />
      <div className={styles.tools}><TableToggle isOn={asTable} onChange={setAsTable} /></div>
      {asTable ? <StripTable store={store} metric={metric} title={title} /> : <Course store={store} metric={metric} clipAt={clipAt} />}
    </figure>
  );
}

/** The newest value, or the one under the crosshair of any chart. */
function Now({ store, metric, clipAt }: Required<StripChartProps>) {
  const { pointed, xAxis } = useChartView(store);
  if (store.rows === 0) return <p className={styles.now}>–</p>;
  const row = pointed === null ? store.rows - 1 : store.nearestRow(pointed, xAxis);
  const value = formatValue(store.at(metric, row));
  if (pointed !== null) return <p className={styles.now}>{`${value} at step ${store.at("step", row).toLocaleString("en-US")}`}</p>;
  if (metric === "learningRate") return <p className={styles.now}>{`${value} applied`}</p>;
  if (!(clipAt > 0)) return <p className={styles.now}>{value}</p>;
  return <p className={styles.now}>{`${value}, clipped in ${formatPercent(store.shareAbove(metric, clipAt))}`}</p>;
}

function Course({ store, metric, clipAt }: Required<StripChartProps>) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const { xAxis, window, frozenAt, pointed } = useChartView(store);
  useEffect(() => {
    if (!box.current) return undefined;
    const observer = new ResizeObserver((entries) => setWidth(Math.floor(entries.at(-1)?.contentRect.width ?? 0)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const last = store.rows - 1;
  const x = window ?? followDomain(0, last < 0 ? 1 : store.at(xAxis, last), xAxis, "linear");
  const until = frozenAt === null ? x[1] : Math.min(x[1], store.xOfStep(frozenAt, xAxis));
  const series = store.query({ metric, xAxis, from: x[0], to: until, pixels: Math.min(MOST_BUCKETS, Math.max(20, width / 2)) });
  const y = stripDomain(series.buckets);
  const toX = (value: number) => ((value - x[0]) / (x[1] - x[0])) * width;
  const toY = (value: number) => HEIGHT - EDGE - ((Math.min(value, y[1]) - y[0]) / (y[1] - y[0])) * (HEIGHT - 2 * EDGE);
  const read = pointed === null ? undefined : nearest(series.buckets, pointed);
  return (
    <div ref={box} className={styles.course}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {clipAt > 0 && clipAt >= y[0] && clipAt <= y[1] && <line className={styles.reference} x1={0} x2={width} y1={toY(clipAt)} y2={toY(clipAt)} />}
          <path className={styles.stripBand} d={bandPath(series.buckets, toX, toY)} />
          <path className={styles.stripLine} d={linePath(series.buckets, toX, toY)} />
          {series.gaps.map((gap) => <path key={gap.row} className={styles.gap} d={`M${toX(gap.x) - 4},${HEIGHT - 1} h8 l-4,-7 z`} />)}
          {read && pointed !== null && pointed >= x[0] && pointed <= x[1] && (
            <line className={styles.crosshair} x1={toX(read.x)} x2={toX(read.x)} y1={0} y2={HEIGHT} />
          )}
        </svg>
      )}
    </div>
  );
}

/** From 0, so that heights can be compared, to a top that a few spikes do not set. */
function stripDomain(buckets: readonly Bucket[]): Domain {
  const core = extentOf(buckets.map(({ last }) => last), "linear");
  const full = extentOf(buckets.flatMap(({ min, max }) => [min, max]), "linear");
  if (!core || !full) return [0, 1];
  const top = robustExtent(core, full, "linear")[1];
  return [Math.min(0, core[0]), top > 0 ? top : 1];
}

function linePath(buckets: readonly Bucket[], toX: (x: number) => number, toY: (y: number) => number): string {
  let path = "";
  let drawing = false;
  for (const { x, last } of buckets) {
    if (Number.isNaN(last)) {
      drawing = false;
      continue;
    }
    const point = `${toX(x).toFixed(1)},${toY(last).toFixed(1)}`;
    // h0: with round caps even a lone value is a dot.
    path += drawing ? `L${point}` : `M${point}h0`;
    drawing = true;
  }
  return path;
}

/** From lowest to highest: along the tops and back along the bottoms. */
function bandPath(buckets: readonly Bucket[], toX: (x: number) => number, toY: (y: number) => number): string {
  const finite = buckets.filter(({ last }) => !Number.isNaN(last));
  if (finite.length < 2) return "";
  const tops = finite.map(({ x, max }) => `${toX(x).toFixed(1)},${toY(max).toFixed(1)}`);
  const bottoms = finite.map(({ x, min }) => `${toX(x).toFixed(1)},${toY(min).toFixed(1)}`).toReversed();
  return `M${[...tops, ...bottoms].join("L")}Z`;
}
