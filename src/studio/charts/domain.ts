/**
 * What stretch of numbers an axis shows. In: the numbers to be seen. Out: a domain with round ends that stays put while they
 * still fit: live data makes an axis leap now and then, never creep, and a window the reader chose never moves by itself.
 */
import { growExtent } from "../state/extent";
import type { XAxis } from "../state/metricStore";
import { type Domain, type Scale, roundStep } from "./ticks";

/** The shortest axis: an hour is not read off the first step, and no step lies between two steps. */
const SHORTEST: Readonly<Record<XAxis, number>> = { step: 10, tokens: 1000, seconds: 1 };

/** Following a run: from its start to a round length that covers it. */
export function followDomain(first: number, last: number, xAxis: XAxis, scale: Scale): Domain {
  const end = Math.max(growExtent(last), SHORTEST[xAxis]);
  if (scale === "linear") return [0, end];
  const low = first > 0 ? first : 1;
  return [low, Math.max(end, low * 2)];
}

/** Smallest share of the kept domain the numbers may fill before it is fitted anew. */
const FILLS = 0.6;

/** A vertical domain that remembers itself. One per chart. */
export class StickyDomain {
  #kept: Domain | undefined;
  #scale: Scale | undefined;

  /** The domain for numbers between `low` and `high`, which must be finite, and positive on a log scale. */
  fit(low: number, high: number, scale: Scale): Domain {
    if (this.#kept && this.#scale === scale && stillSuits(this.#kept, low, high, scale)) return this.#kept;
    this.#kept = scale === "log" ? roundLog(low, high) : roundLinear(low, high);
    this.#scale = scale;
    return this.#kept;
  }

  forget(): void {
    this.#kept = undefined;
  }
}

function stillSuits([from, to]: Domain, low: number, high: number, scale: Scale): boolean {
  if (low < from || high > to) return false;
  const length = (a: number, b: number) => (scale === "log" ? Math.log(b / a) : b - a);
  return length(low, high) >= FILLS * length(from, to);
}

function roundLinear(low: number, high: number): Domain {
  const span = Math.max(high - low, Math.abs(high) * 0.1) || 1;
  const step = roundStep(span, 6) / 2;
  // A single value, or values that hardly differ, get room on both sides instead of a magnifying glass.
  const pad = span * 0.04 + (span - (high - low)) / 2;
  const from = Math.floor((low - pad) / step) * step;
  const to = Math.ceil((high + pad) / step) * step;
  const clean = (value: number) => Number(value.toPrecision(12));
  // What is never negative gets no negative axis.
  return [low >= 0 ? Math.max(0, clean(from)) : clean(from), clean(to)];
}

function roundLog(low: number, high: number): Domain {
  const [from, to] = [Math.log(low), Math.log(high)];
  const span = Math.max(to - from, 0.2);
  // More air below than above: that is where the line that falls is named.
  const step = span / 16;
  return [Math.exp(Math.floor((from - span * 0.1) / step) * step), Math.exp(Math.ceil((to + span * 0.03) / step) * step)];
}

/** Lowest and highest of the finite numbers (the positive ones on a log scale); undefined if there are none. */
export function extentOf(values: Iterable<number | null | undefined>, scale: Scale): Domain | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || value === undefined || !Number.isFinite(value) || (scale === "log" && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}

/**
 * The stretch worth showing when a few spikes would flatten everything else: `core` is what must be seen (smoothed line,
 * validation), `full` includes every spike. Spikes that need more than half as much room again are cut, and marked.
 */
export function robustExtent(core: Domain, full: Domain, scale: Scale): Domain {
  const toLength = (value: number) => (scale === "log" ? Math.log(value) : value);
  const fromLength = (value: number) => (scale === "log" ? Math.exp(value) : value);
  const [low, high] = core.map(toLength) as [number, number];
  const room = Math.max(high - low, Math.abs(high) * 0.02, 1e-12) * 0.5;
  const from = Math.max(toLength(full[0]), low - room);
  const to = Math.min(toLength(full[1]), high + room);
  return [fromLength(Math.min(from, low)), fromLength(Math.max(to, high))];
}

/** Maps a value to 0 … 1 along a domain. */
export function shareAlong(value: number, [low, high]: Domain, scale: Scale): number {
  if (scale === "log") return Math.log(Math.max(value, Number.MIN_VALUE) / low) / Math.log(high / low);
  return (value - low) / (high - low);
}

/** The value at a share 0 … 1 of a domain. */
export function valueAt(share: number, [low, high]: Domain, scale: Scale): number {
  return scale === "log" ? low * (high / low) ** share : low + share * (high - low);
}
