/**
 * Where ticks go and what they say. In: a domain and how many ticks fit. Out: round values and one text each. The one idea:
 * the ticks of an axis share one precision, taken from their distance, so 2.50 and 2.55 differ and 2,000 has no decimals.
 */
export type Scale = "linear" | "log";
export type Domain = readonly [low: number, high: number];

export interface Tick {
  readonly value: number;
  readonly text: string;
}

const ROUND = [1, 2, 5, 10] as const;
const ROUND_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400] as const;
/** Mantissas of logarithmic ticks, from few to many. */
const LOG_MANTISSAS = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 7]] as const;

/** The smallest 1, 2 or 5 times a power of ten that needs at most `most` steps to cross `span`. */
export function roundStep(span: number, most: number): number {
  const least = span / Math.max(1, most);
  if (!(least > 0) || !Number.isFinite(least)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return (ROUND.find((mantissa) => mantissa * power >= least * (1 - 1e-9)) ?? 10) * power;
}

function multiplesWithin([low, high]: Domain, step: number): number[] {
  const slack = step * 1e-6;
  const values: number[] = [];
  for (let count = Math.ceil((low - slack) / step); count * step <= high + slack && values.length < 100; count++) {
    // Through a decimal text: 3 · 0.1 is 0.30000000000000004. The + 0 turns -0 into 0.
    values.push(Number((count * step).toPrecision(12)) + 0);
  }
  return values;
}

export function linearTicks(domain: Domain, most: number): Tick[] {
  const step = roundStep(domain[1] - domain[0], most);
  return multiplesWithin(domain, step).map((value) => ({ value, text: formatTick(value, step, Math.max(...domain.map(Math.abs))) }));
}

/** Powers of ten with as many round numbers between them as fit; on a short stretch the linear ticks. */
export function logTicks(domain: Domain, most: number): Tick[] {
  const [low, high] = domain;
  if (!(low > 0) || !(high > low)) return [];
  let best: number[] = [];
  for (const mantissas of LOG_MANTISSAS) {
    const values = logValues(domain, mantissas);
    if (values.length <= most && values.length > best.length) best = values;
  }
  if (best.length === 0) best = thin(logValues(domain, LOG_MANTISSAS[0]), most);
  if (best.length < 3) return linearTicks(domain, Math.min(most, 5)).filter(({ value }) => value > 0);
  return best.map((value) => ({ value, text: formatValue(value) }));
}

function logValues([low, high]: Domain, mantissas: readonly number[]): number[] {
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const mantissa of mantissas) {
      const value = Number((mantissa * 10 ** power).toPrecision(12));
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) values.push(value);
    }
  }
  return values;
}

function thin(values: readonly number[], most: number): number[] {
  const every = Math.max(1, Math.ceil(values.length / Math.max(1, most)));
  return values.filter((_, index) => index % every === 0);
}

/** Ticks of an axis of active training time, in seconds. */
export function timeTicks(domain: Domain, most: number): Tick[] {
  const span = domain[1] - domain[0];
  const days = 86_400;
  const step = span / most < 1
    ? roundStep(span, most)
    : (ROUND_SECONDS.find((each) => span / each <= most) ?? Math.ceil(span / most / days) * days);
  return multiplesWithin(domain, step).map((value) => ({ value, text: step < 1 ? `${formatTick(value, step, domain[1])} s` : formatSeconds(value) }));
}

/** Ticks of a logarithmic axis of active training time, in seconds. */
export function logTimeTicks(domain: Domain, most: number): Tick[] {
  return logTicks(domain, most).map(({ value }) => ({ value, text: value < 1 ? `${formatValue(value)} s` : formatSeconds(value) }));
}

/** "45 s", "2 min", "2:30 min", "1:05 h". */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  const minutes = Math.round(whole / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)}:${two(minutes % 60)} h`;
}

/** With just the decimals that tell ticks `step` apart; `largest` of the axis decides on a power of ten or "M". */
function formatTick(value: number, step: number, largest: number): string {
  if (value === 0) return "0";
  if (largest < 1e-3 || largest >= 1e13) return value.toExponential(Math.max(0, exponentOf(largest) - exponentOf(step))).replace("e+", "e");
  if (largest >= 1e9) return `${plain(value / 1e9, step / 1e9)} B`;
  if (largest >= 1e6) return `${plain(value / 1e6, step / 1e6)} M`;
  return plain(value, step);
}

function plain(value: number, step: number): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function exponentOf(value: number): number {
  return Math.floor(Math.log10(value) + 1e-9);
}

/** One number by itself, to about three digits: 0.00096 is "9.6e-4", 9.31 "9.31", 48210 "48,210", 12400000 "12.4 M". */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-2 || size >= 1e13) return trimExponent(value.toExponential(2));
  if (size >= 1e9) return `${trimZeros((value / 1e9).toPrecision(3))} B`;
  if (size >= 1e6) return `${trimZeros((value / 1e6).toPrecision(3))} M`;
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  return trimZeros(value.toPrecision(3));
}

/** A loss: always two decimals where that says enough, so that figures do not change width as they fall. */
export function formatLoss(value: number): string {
  const size = Math.abs(value);
  return Number.isFinite(value) && size < 100 && size >= 0.1 ? value.toFixed(2) : formatValue(value);
}

/** A perplexity: three digits, zeros included, so that a column of them lines up. */
export function formatPerplexity(value: number): string {
  return value >= 1 && value < 100 ? value.toPrecision(3) : formatValue(value);
}

/** A share; never rounded to all or nothing unless it is. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.01) return "under 1%";
  return `${share > 0.99 && share < 1 ? 99 : Math.round(share * 100)}%`;
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function trimExponent(text: string): string {
  const [mantissa = "", exponent = "0"] = text.split("e");
  return `${trimZeros(mantissa)}e${Number(exponent)}`;
}

/** Ticks for any axis: `most` is how many labels fit. */
export function ticksFor(domain: Domain, scale: Scale, most: number): Tick[] {
  return scale === "log" ? logTicks(domain, most) : linearTicks(domain, most);
}
