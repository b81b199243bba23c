/**
 * Limits that drop rows. In: what was measured, its value, the limit. Out: a reason that names the rule and its limit, by which rows are
 * counted, with this row's value beside it; nothing where the value is within. Chained with `??`, the first rule broken decides and the rest is not measured.
 */
import type { Drop } from "./defineStep";

/** Three digits behind the point at most, as people write them. */
const show = (value: number): string => (Number.isInteger(value) ? value.toLocaleString("en") : String(Number(value.toFixed(3))));

export const atMost = (what: string, value: number, limit: number): Drop | undefined =>
  (value > limit ? { drop: `${what} over ${show(limit)}`, detail: show(value) } : undefined);

export const atLeast = (what: string, value: number, limit: number): Drop | undefined =>
  (value < limit ? { drop: `${what} under ${show(limit)}`, detail: show(value) } : undefined);

/** Of nothing, no share is too large: a text without words breaks no rule about its words. */
export const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
