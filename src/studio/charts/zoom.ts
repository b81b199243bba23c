/**
 * Windows on a horizontal axis. In: a window, the whole axis and what was done. Out: the next window, or null once it would
 * show everything, which means following the run again.
 */
import { shareAlong, valueAt } from "./domain";
import type { Domain, Scale } from "./ticks";

/** The narrowest window, as a share of the whole axis. */
const NARROWEST = 1e-5;

/** Zooms by `factor` (below 1 is closer) around the place at `share` 0 … 1 of the window. */
export function zoomWindow(window: Domain, whole: Domain, scale: Scale, factor: number, share = 0.5): Domain | null {
  const next: Domain = [valueAt(share - share * factor, window, scale), valueAt(share + (1 - share) * factor, window, scale)];
  return fitWindow(next, whole, scale);
}

/** Moves by a share of the window, stopping at the ends. */
export function panWindow(window: Domain, whole: Domain, scale: Scale, share: number): Domain | null {
  const [from, to] = window.map((value) => shareAlong(value, whole, scale)) as [number, number];
  const distance = Math.max(-from, Math.min(1 - to, (to - from) * share));
  return fitWindow([valueAt(from + distance, whole, scale), valueAt(to + distance, whole, scale)], whole, scale);
}

/** A window inside the whole and not too narrow; null if it is the whole. */
export function fitWindow(window: Domain, whole: Domain, scale: Scale): Domain | null {
  let [from, to] = window.map((value) => shareAlong(value, whole, scale)) as [number, number];
  from = Math.max(0, from);
  to = Math.min(1, to);
  if (!(to > from)) return null;
  if (to - from >= 0.999) return null;
  if (to - from < NARROWEST) {
    const middle = Math.max(NARROWEST / 2, Math.min(1 - NARROWEST / 2, (from + to) / 2));
    from = middle - NARROWEST / 2;
    to = middle + NARROWEST / 2;
  }
  return [valueAt(from, whole, scale), valueAt(to, whole, scale)];
}
