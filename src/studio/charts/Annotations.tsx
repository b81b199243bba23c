/** What lies over the lines and does not move with the pointer: references, best value, gaps, spikes, events, end labels. */
import { memo } from "react";
import { annotate } from "./annotations";
import type { Frame } from "./frame";
import { type Geometry, mapsOf, type Room } from "./geometry";
import styles from "./charts.module.css";

interface Props {
  readonly frame: Frame;
  readonly geometry: Geometry;
  readonly room: Room;
  readonly format: (value: number) => string;
}

/** Events closer than this to the one before are not drawn: a run saves itself often, and may be stepped by hand. */
const MARK_APART = 14;

export const Annotations = memo(function Annotations({ frame, geometry, room, format }: Props) {
  const { width, height, left, right, top, bottom } = geometry;
  const { toX, toY } = mapsOf(frame, geometry);
  const labels = annotate(frame, geometry, room, format);
  return (
    <svg className={styles.layer} width={width} height={height} aria-hidden="true">
      {frame.baselines.map(({ value }) => (
        <line key={value} className={styles.reference} x1={left} x2={right} y1={toY(value)} y2={toY(value)} />
      ))}
      <Marks frame={frame} geometry={geometry} />
      {frame.spikes.map(({ x, y }) => (
        <path key={x} className={styles.spike} d={`M${toX(x) - 4},${top + 6} l4,-6 l4,6`}><title>{`Peak of ${format(y)}`}</title></path>
      ))}
      {frame.gaps.map(({ x, text }) => (
        <g key={x}>
          <line className={styles.gapLine} x1={toX(x)} x2={toX(x)} y1={top} y2={bottom} />
          <path className={styles.gap} d={`M${toX(x) - 5},${bottom - 1} h10 l-5,-9 z`} />
          <title>{text}</title>
        </g>
      ))}
      {frame.best && <circle className={styles.best} cx={toX(frame.best.x)} cy={toY(frame.best.y)} r={4.5} />}
      {labels.map(({ id, text, x, y, anchor, size }) => (
        <text key={id} className={labelClass(id)} x={x} y={y} textAnchor={anchor} fontSize={size}>{text}</text>
      ))}
    </svg>
  );
});

function labelClass(id: string): string | undefined {
  if (id === "training") return `${styles.label} ${styles.trainingLabel}`;
  return id.startsWith("reference") ? styles.referenceLabel : `${styles.label} ${styles.validationLabel}`;
}

function Marks({ frame, geometry }: { frame: Frame; geometry: Geometry }) {
  const { toX } = mapsOf(frame, geometry);
  const { top, bottom } = geometry;
  const drawn: typeof frame.marks[number][] = [];
  for (const mark of frame.marks) {
    const same = drawn.findLast((other) => (other.kind === "checkpoint") === (mark.kind === "checkpoint"));
    if (same && Math.abs(toX(same.x) - toX(mark.x)) < MARK_APART && mark.kind !== "setting") continue;
    drawn.push(mark);
  }
  return drawn.map((mark) => {
    const x = toX(mark.x);
    const key = `${mark.kind} ${mark.step}`;
    if (mark.kind === "checkpoint") return <circle key={key} className={styles.checkpoint} cx={x} cy={bottom} r={2} />;
    return (
      <g key={key}>
        <line className={styles.event} x1={x} x2={x} y1={top} y2={bottom} />
        <path className={styles.flag} d={`M${x},${top} h7 l-2,3 l2,3 h-7 z`} />
      </g>
    );
  });
}
