/** The crosshair and what it reads. In: a frame and where the reader points. Out: a line, two dots and a small card. */
import type { Frame, ChartRow } from "./frame";
import type { Geometry, Room } from "./geometry";
import { mapsOf } from "./geometry";
import type { MetricStore } from "../state/metricStore";
import { useChartView } from "./hooks";
import type { ChartSpec, TokenNames } from "./spec";
import { formatSeconds, formatValue } from "./ticks";
import styles from "./charts.module.css";

interface Props {
  readonly store: MetricStore;
  readonly frame: Frame;
  readonly geometry: Geometry;
  readonly room: Room;
  readonly spec: ChartSpec;
  readonly names: TokenNames;
}

export function nearest<T extends { readonly x: number }>(points: readonly T[], x: number): T | undefined {
  let best: T | undefined;
  for (const point of points) if (!best || Math.abs(point.x - x) < Math.abs(best.x - x)) best = point;
  return best;
}

const MARK_WORDS = { checkpoint: "saved", resume: "resumed", pause: "paused", setting: "setting changed" } as const;

export function Reading({ store, frame, geometry, spec, names }: Props) {
  const pointed = useChartView(store, (view) => view.pointed);
  if (pointed === null || pointed < frame.x[0] || pointed > frame.x[1]) return null;
  const { toX, toY } = mapsOf(frame, geometry);
  const row = nearest(frame.rows.filter(({ rows, x }) => rows > 0 && x >= frame.x[0] && x <= frame.x[1]), pointed);
  if (!row) return null;
  const x = toX(row.x);
  const validation = nearest(frame.rows.filter((each) => each.validation !== null && Math.abs(toX(each.x) - x) < 24), row.x);
  const mark = nearest(frame.marks.filter((each) => Math.abs(toX(each.x) - x) < 8), row.x);
  const isHigh = row.smooth !== null && toY(row.smooth) < geometry.top + (geometry.bottom - geometry.top) * 0.45;
  // Out of the way of the line it reads: low where the line is high.
  const vertical = isHigh ? { bottom: geometry.height - geometry.bottom + 4 } : { top: geometry.top };
  const onRight = x < (geometry.left + geometry.right) / 2;
  return (
    <>
      <svg className={styles.layer} width={geometry.width} height={geometry.height} aria-hidden="true">
        <line className={styles.crosshair} x1={x} x2={x} y1={geometry.top} y2={geometry.bottom} />
        {row.smooth !== null && row.smooth >= frame.y[0] && row.smooth <= frame.y[1] && <circle className={styles.trainingDot} cx={x} cy={toY(row.smooth)} r={3.5} />}
        {validation && validation.validation !== null && <circle className={styles.validationDot} cx={toX(validation.x)} cy={toY(validation.validation)} r={3.5} />}
      </svg>
      <div className={styles.card} style={onRight ? { left: x + 12, ...vertical } : { right: geometry.width - x + 12, ...vertical }}>
        <Card store={store} row={row} validation={validation} spec={spec} names={names} />
        {mark && <p className={styles.meaning}>{`${mark.text ?? MARK_WORDS[mark.kind]} at step ${mark.step.toLocaleString("en-US")}`}</p>}
      </div>
    </>
  );
}

function Card({ store, row, validation, spec, names }: { store: MetricStore; row: ChartRow; validation: ChartRow | undefined; spec: ChartSpec; names: TokenNames }) {
  const xAxis = useChartView(store, (view) => view.xAxis);
  const smoothed = useChartView(store, (view) => view.smoothing > 0);
  const stored = store.nearestRow(row.x, xAxis);
  const loss = store.at("trainingLoss", stored);
  const text = spec.format(spec.fromLoss(loss));
  return (
    <>
      <p className={styles.where}>
        <b>{`step ${store.at("step", stored).toLocaleString("en-US")}`}</b>
        {` · ${formatValue(store.at("tokens", stored))} ${names.many} · ${formatSeconds(store.at("seconds", stored))}`}
      </p>
      <dl>
        <div className={styles.trainingLabel}>
          <dt>training</dt>
          <dd>{text}{smoothed && row.smooth !== null ? <span>{`smoothed ${spec.format(row.smooth)}`}</span> : null}</dd>
        </div>
        {row.rows > 1 && row.band && (
          <div><dt>{`over ${row.rows.toLocaleString("en-US")} steps`}</dt><dd>{`${spec.format(row.band[0])} – ${spec.format(row.band[1])}`}</dd></div>
        )}
        {validation && validation.validation !== null && (
          <div className={styles.validationLabel}><dt>validation</dt><dd>{spec.format(validation.validation)}</dd></div>
        )}
      </dl>
      <p className={styles.meaning}>{row.notFinite > 0 ? `${row.notFinite.toLocaleString("en-US")} of these are not numbers` : spec.meaning(loss, names)}</p>
    </>
  );
}
