/**
 * How the charts of one run are looked at: axis, window, smoothing, frozen or live, and where the reader points. Shared by
 * all charts of a store, so a zoom or a crosshair in one shows in the others. Live data never writes here; another run does.
 */
import { type StoreApi, createStore } from "zustand/vanilla";
import type { MetricStore, XAxis } from "../state/metricStore";
import type { Domain } from "./ticks";

export interface ChartView {
  readonly xAxis: XAxis;
  /** What the reader zoomed to, in units of the axis; null follows the run. */
  readonly window: Domain | null;
  readonly smoothing: number;
  /** The last step to draw while the view is frozen; null when live. */
  readonly frozenAt: number | null;
  /** Where the crosshair is, in units of the axis. */
  readonly pointed: number | null;
}

const START: ChartView = { xAxis: "step", window: null, smoothing: 0.6, frozenAt: null, pointed: null };

const views = new WeakMap<MetricStore, StoreApi<ChartView>>();

export function chartViewOf(store: MetricStore): StoreApi<ChartView> {
  const known = views.get(store);
  if (known) return known;
  const view = createStore<ChartView>(() => START);
  views.set(store, view);
  let { generation } = store;
  store.subscribe(() => {
    if (store.generation === generation) return;
    // A window over one run says nothing about the next; tastes (axis, smoothing) stay.
    generation = store.generation;
    view.setState({ window: null, frozenAt: null, pointed: null });
  });
  return view;
}

/** Another axis below the same data: the window moves to the same rows. */
export function changeAxis(store: MetricStore, xAxis: XAxis): void {
  const view = chartViewOf(store);
  const { window, xAxis: before } = view.getState();
  const move = (x: number) => store.at(xAxis, store.nearestRow(x, before));
  const moved = window && store.rows > 0 ? ([move(window[0]), move(window[1])] as const) : null;
  view.setState({ xAxis, window: moved && moved[1] > moved[0] ? moved : null, pointed: null });
}

export function toggleFrozen(store: MetricStore): void {
  const view = chartViewOf(store);
  const frozen = view.getState().frozenAt !== null;
  view.setState({ frozenAt: frozen || store.rows === 0 ? null : store.at("step", store.rows - 1) });
}
