/**
 * Numbers and durations as people read them. In: numbers in SI units or plain counts. Out: short text with a fixed number of
 * significant digits, so that figures do not jump while they change. Also the other way: what was typed, as a number.
 */
const COUNT = new Intl.NumberFormat("en-US");

export const NOTHING = "–";

/** 2600 → "2,600". */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** 823_104 → "0.82 M", 4_200 → "4,200". */
export function formatLarge(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} B`;
  if (value >= 1e5) return `${(value / 1e6).toFixed(value >= 1e8 ? 0 : value >= 1e7 ? 1 : 2)} M`;
  return formatCount(value);
}

/** Decimal units, as disks and GPUs are sold: 61_000_000 → "61 MB". */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB", "TB"] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** 3.1e9 → "3.1 GFLOP/s"; three significant digits. */
export function formatRate(perSecond: number, unit: "FLOP/s" | "B/s"): string {
  if (!Number.isFinite(perSecond) || perSecond <= 0) return NOTHING;
  const [scale, prefix] = perSecond >= 1e12 ? [1e12, "T"] : perSecond >= 1e9 ? [1e9, "G"] : [1e6, "M"];
  const value = perSecond / scale;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${prefix}${unit}`;
}

/** 0.614 → "61%"; shares below one percent keep a digit. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return NOTHING;
  const percent = share * 100;
  return `${percent >= 1 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)}%`;
}

/** Losses and norms: two decimals from 1 upwards, three significant digits below; not-finite values are said as they are. */
export function formatFigure(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-2)) return formatExponent(value, 3);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 1 || size === 0 ? value.toFixed(2) : value.toPrecision(3);
}

/** 0.00096 → "9.6e-4": at most `digits` significant digits, no padding. */
export function formatExponent(value: number, digits: number): string {
  return value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e");
}

/** A setting as the form shows it: small and huge numbers in exponent form, which the form also reads. */
export function formatSetting(value: number): string {
  const size = Math.abs(value);
  return size > 0 && (size < 0.01 || size >= 1e7) ? formatExponent(value, 6) : String(value);
}

const PLAIN = new Intl.NumberFormat("en-US", { useGrouping: false, maximumFractionDigits: 20 });

/** 1e-7 → "0.0000001", for places that read no exponents, like aria-valuemin. */
export function formatPlain(value: number): string {
  return PLAIN.format(value);
}

/** 187 → "3 min"; always one unit, because an estimate has no more to say. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return NOTHING;
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** 0.0074 → "7.4 ms", 4e-6 → "4.0 µs". */
export function formatStepTime(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds <= 0) return NOTHING;
  const milliseconds = seconds * 1000;
  if (milliseconds < 0.1) return `${(milliseconds * 1000).toFixed(1)} µs`;
  if (milliseconds >= 1000) return `${seconds.toFixed(2)} s`;
  return `${milliseconds >= 100 ? milliseconds.toFixed(0) : milliseconds.toFixed(1)} ms`;
}

/** Reads "0.001", "1e-3", "5,000" and "5 000"; undefined when it is not a number. */
export function readNumber(typed: string): number | undefined {
  const plain = typed.trim().replace(/[\s\u00a0\u202f]/g, "").replace(/,(?=\d{3}(\D|$))/g, "").replace("−", "-");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}
