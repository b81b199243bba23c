/**
 * A chart of the loss, or of something that follows from it: a figure with heading, controls, plot or table, and a sentence
 * for screen readers. In: a store and a spec. Out: a figure named by the spec's title. Series never pass through props.
 */
import { type ReactNode, type RefObject, useId, useMemo, useRef, useState } from "react";
import { Button } from "react-aria-components";
import type { Baselines } from "../../worker/protocol";
import type { MetricStore, XAxis } from "../state/metricStore";
import { changeAxis, chartViewOf, toggleFrozen } from "./chartView";
import { ChartTable } from "./ChartTable";
import { runCsv } from "./csv";
import { download } from "./download";
import type { Scales } from "./frame";
import { type Move, moveWindow } from "./gestures";
import { useChartView, useCommittedVersion } from "./hooks";
import { Plot, type PlotProps, type Shown } from "./Plot";
import { drawPng } from "./png";
import { type ChartSpec, type TokenNames, TOKENS } from "./spec";
import { summarizeChart } from "./summary";
import { type Action, ActionMenu, FreezeToggle, Help, Segments, SmoothingSlider, TableToggle } from "./Toolbar";
import styles from "./charts.module.css";

export interface LineChartProps {
  readonly store: MetricStore;
  readonly baselines?: Baselines;
  /** What the model predicts: { one: "letter", many: "letters" }. Tokens if left out. */
  readonly names?: TokenNames;
}

/** "log" is the height alone; "log–log" also the axis below, where a power law is a straight line. */
type ScaleChoice = "linear" | "log" | "log-log";

const SCALES: readonly { id: ScaleChoice; text: string }[] = [
  { id: "linear", text: "linear" }, { id: "log", text: "log" }, { id: "log-log", text: "log–log" },
];
const AXES: readonly { id: XAxis; text: string }[] = [
  { id: "step", text: "steps" }, { id: "tokens", text: "tokens" }, { id: "seconds", text: "time" },
];
const MOVES: readonly { move: Move; text: string; keys: string }[] = [
  { move: "closer", text: "Zoom in", keys: "+" }, { move: "wider", text: "Zoom out", keys: "−" }, { move: "earlier", text: "Earlier", keys: "←" },
  { move: "later", text: "Later", keys: "→" }, { move: "all", text: "Show all", keys: "0" },
];

export function LineChart({ store, baselines, names = TOKENS, spec, sharedControls = null }: LineChartProps & {
  readonly spec: ChartSpec;
  /** Controls that act on all charts of the store; one chart shows them. */
  readonly sharedControls?: ReactNode;
}) {
  const id = useId();
  const figure = useRef<HTMLElement>(null);
  const shown = useRef<Shown | null>(null);
  const [scale, setScale] = useState<ScaleChoice>(spec.startScale);
  const [asTable, setAsTable] = useState(false);
  const scales = useMemo((): Scales => ({ x: scale === "log-log" ? "log" : "linear", y: scale === "linear" ? "linear" : "log" }), [scale]);
  const actions: Action[] = [
    ...MOVES.map(({ move, text, keys }) => ({ id: move, text, keys, run: () => shown.current && moveWindow(store, shown.current.frame, move) })),
    { id: "csv", text: "Download all steps (CSV)", run: () => download(new Blob([runCsv(store)], { type: "text/csv" }), "descent-run.csv") },
    {
      id: "png", text: "Download picture (PNG)",
      run: () => shown.current && figure.current && drawPng(shown.current, spec, figure.current, (blob) => download(blob, `descent-${spec.noun}.png`)),
    },
  ];
  return (
    <figure ref={figure} className={styles.figure} aria-labelledby={id}>
      <div className={`${styles.head} ${sharedControls ? styles.shared : ""}`}>
        <h2 id={id}>{spec.title}</h2>
        <div className={styles.choices}>
          {sharedControls}
          <Segments label={`${spec.title} scale`} choices={SCALES} value={scale} onChange={setScale} />
        </div>
        <div className={styles.tools}>
          {sharedControls && <Freeze store={store} />}
          <Help title={spec.title}><ChartHelp spec={spec} /></Help>
          <TableToggle isOn={asTable} onChange={setAsTable} />
          <ActionMenu title={`${spec.title} actions`} actions={actions} />
        </div>
      </div>
      <Live store={store} figure={figure} spec={spec} scales={scales} baselines={baselines} names={names} shown={shown} asTable={asTable} />
    </figure>
  );
}

/** What follows the store. Apart from heading and controls, which would be as much work to render as the lines. */
function Live({ store, figure, spec, scales, baselines, names, shown, asTable }: Omit<PlotProps, "version"> & {
  readonly figure: RefObject<HTMLElement | null>;
  readonly asTable: boolean;
}) {
  const version = useCommittedVersion(store, figure);
  const isZoomed = useChartView(store, (view) => view.window !== null);
  return (
    <>
      <p className={styles.hidden}>{summarizeChart(store, spec)}</p>
      <div className={styles.body}>
        {asTable
          ? <LiveTable store={store} spec={spec} shown={shown} version={version} />
          : <Plot store={store} version={version} spec={spec} scales={scales} baselines={baselines} names={names} shown={shown} />}
        {isZoomed && !asTable && <Button className={styles.chip ?? ""} onPress={() => chartViewOf(store).setState({ window: null })}>Show all</Button>}
      </div>
    </>
  );
}

function LiveTable({ store, spec, shown }: { store: MetricStore; spec: ChartSpec; shown: { readonly current: Shown | null }; version: number }) {
  const view = useChartView(store);
  const x = view.window ?? [0, Math.max(shown.current?.frame.whole[1] ?? 0, store.at(view.xAxis, Math.max(0, store.rows - 1)))] as const;
  return <ChartTable store={store} view={view} x={x} spec={spec} />;
}

function Freeze({ store }: { store: MetricStore }) {
  const isFrozen = useChartView(store, (view) => view.frozenAt !== null);
  return <FreezeToggle isOn={isFrozen} onChange={() => toggleFrozen(store)} />;
}

/** The axis below and the smoothing, for all charts of the store. */
export function SharedControls({ store }: { store: MetricStore }) {
  const xAxis = useChartView(store, (view) => view.xAxis);
  const smoothing = useChartView(store, (view) => view.smoothing);
  return (
    <>
      <Segments label="Horizontal axis" choices={AXES} value={xAxis} onChange={(next) => changeAxis(store, next)} />
      <SmoothingSlider value={smoothing} onChange={(next) => chartViewOf(store).setState({ smoothing: next })} />
    </>
  );
}

function ChartHelp({ spec }: { spec: ChartSpec }) {
  return (
    <>
      <p>{spec.help}</p>
      <p>The bold line is a moving average; the faint one and the band behind it are what was measured. A red triangle marks a step whose loss is not a number.</p>
      <p>Drag across the plot to zoom, double-click to see all. With the plot in focus: <kbd>+</kbd> <kbd>−</kbd> or the wheel zoom, <kbd>←</kbd> <kbd>→</kbd> pan, <kbd>Shift</kbd> <kbd>←</kbd> <kbd>→</kbd> read values, <kbd>0</kbd> shows all. Freeze holds the picture still while training goes on.</p>
    </>
  );
}
