/** Round lengths about a quarter apart, so that an axis or a window that follows a run leaps now and then instead of creeping. */
const STOPS = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10] as const;

/** The smallest 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten that is at least `length`; 1 for nothing. */
export function growExtent(length: number): number {
  if (!(length > 0) || !Number.isFinite(length)) return 1;
  const power = 10 ** Math.floor(Math.log10(length));
  const mantissa = length / power;
  // 1 + 1e-9: 0.3 / 0.1 is 2.9999999999999996, and rounding must not turn an exact fit into a leap.
  const stop = STOPS.find((candidate) => candidate * (1 + 1e-9) >= mantissa) ?? 10;
  return stop * power;
}
