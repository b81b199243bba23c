/** The lines of a frame, drawn by Recharts from at most 400 points each: axes, grid, band, raw, training, validation. */
import { memo } from "react";
import { Area, CartesianGrid, ComposedChart, Line, XAxis, YAxis } from "recharts";
import type { Frame } from "./frame";
import type { Geometry } from "./geometry";
import type { Domain, Tick } from "./ticks";
import styles from "./charts.module.css";

const QUIET = { type: "linear", dot: false, activeDot: false, isAnimationActive: false } as const;

function axisProps(domain: Domain, scale: "linear" | "log", ticks: readonly Tick[], tickSize: number) {
  const texts = new Map(ticks.map(({ value, text }) => [value, text]));
  return {
    type: "number", domain: [...domain] as [number, number], scale, allowDataOverflow: true, ticks: ticks.map(({ value }) => value), interval: 0,
    tickFormatter: (value: number) => texts.get(value) ?? "", tickLine: false, axisLine: false,
    tick: { fontSize: tickSize, fill: "var(--ink-3)" },
  } as const;
}

export const Lines = memo(function Lines({ frame, geometry, tickSize }: { frame: Frame; geometry: Geometry; tickSize: number }) {
  const { width, height, left, right, top, bottom } = geometry;
  return (
    <div className={styles.lines} aria-hidden="true">
      <ComposedChart
        width={width} height={height} data={frame.rows as Frame["rows"][number][]}
        margin={{ top, right: width - right, bottom: 0, left: 0 }} accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="x" height={height - bottom} tickMargin={6} {...axisProps(frame.x, frame.scales.x, frame.xTicks, tickSize)} />
        <YAxis width={left} tickMargin={4} {...axisProps(frame.y, frame.scales.y, frame.yTicks, tickSize)} />
        <Area {...QUIET} dataKey="band" stroke="none" fill="var(--band)" fillOpacity={1} />
        <Line {...QUIET} dataKey="raw" stroke="var(--train)" strokeWidth={1} strokeOpacity={0.25} />
        <Line {...QUIET} dataKey="smooth" stroke="var(--train)" strokeWidth={2} strokeLinejoin="round" />
        <Line {...QUIET} dataKey="validation" stroke="var(--validate)" strokeWidth={2} strokeDasharray="6 4" connectNulls />
      </ComposedChart>
    </div>
  );
});
