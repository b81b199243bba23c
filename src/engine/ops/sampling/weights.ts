/**
 * Chances of tokens in whole numbers, so that their sums do not depend on the order and every device draws the same token from the same
 * logits. In: logits, the temperature. Out: for each token a weight, 2^26 · e^((logit − highest) / temperature), rounded; sums of
 * weights ("masses", below 2^45; in WGSL vec2u(upper, lower 13 bits)) and fractions of them. WGSL and JavaScript stand side by side
 * and agree bit for bit: what is not whole is one f32 difference and one f32 product, which no compiler may round otherwise.
 */
import { mulHigh } from "../../wgsl/philox";

/** The weight of the likeliest token. */
export const FULL = 2 ** 26;
/** Masses of so many tokens fit, with room for the search of ties. */
export const MOST_TOKENS = 2 ** 18;
const LOWER = 13;

/** Orders as the logits do; 0 for a logit that is no number or −∞, which is never chosen. −0 is 0. */
export function keyOf(bits: number): number {
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000 || bits >>> 0 === 0xff800000) return 0;
  if (magnitude === 0) return 0x80000000;
  return (bits < 0 || bits > 0x7fffffff ? ~bits : bits | 0x80000000) >>> 0;
}

const INFINITE_KEY = 0xff800000;

/** What a temperature above 0 means for weights: how many halvings a quarter of a logit is, and from which quarter on nothing is left. */
export interface Cooling {
  readonly steepness: number;
  readonly farthest: number;
}

/** Halvings after which a weight rounds to 0. */
const MOST_HALVINGS = 27;

export function coolingOf(temperature: number): Cooling {
  const steepness = Math.fround(Math.min(2 ** 100, Math.max(2 ** -100, 4 / Math.LN2 / temperature)));
  return { steepness, farthest: Math.fround(MOST_HALVINGS / steepness) };
}

/** (ln 2)^k / k! of 2^-f = Σ (−f)^k · (ln 2)^k / k!, in units of 2^-32; the ninth term is below 2^-23. */
const TERMS = Array.from({ length: 8 }, (_, index) => {
  const k = index + 1;
  let term = 2 ** 32;
  for (let i = 1; i <= k; i += 1) term *= Math.LN2 / i;
  return Math.round(term);
});

/** The weight of `logit` where `highest` has FULL; both finite f32 numbers. Quarters, so that no difference overflows. */
export function weightOf(logit: number, highest: number, { steepness, farthest }: Cooling): number {
  const fall = Math.fround(highest * 0.25 - logit * 0.25);
  if (!(fall < farthest)) return 0;
  const halvings = Math.trunc(Math.fround(fall * steepness) * FULL);
  const fraction = ((halvings % FULL) * 64) >>> 0;
  let lost = 0;
  for (const term of TERMS.toReversed()) lost = mulHigh(fraction, term - lost);
  const whole = Math.floor(halvings / FULL);
  return (((FULL - (lost >>> 6)) * 2) >>> whole) + 1 >>> 1;
}

/** The part word / 2^32 of a mass, rounded down (by parts, so at most 2 less than that). */
export function shareOf(mass: number, word: number): number {
  const [upper, lower] = [Math.floor(mass / 2 ** LOWER), mass % 2 ** LOWER];
  return mulHigh(upper, word) * 2 ** LOWER + (Math.imul(upper, word) >>> (32 - LOWER)) + mulHigh(lower, word);
}

/** Needs `mulHigh` of PHILOX_WGSL. `weightOfKey(key, top, steepness, farthest)` is 0 for a key of 0. */
export const WEIGHTS_WGSL = `fn keyOf(bits: u32) -> u32 {
  let magnitude = bits & 0x7fffffffu;
  let key = select(bits | 0x80000000u, ~bits, bits > 0x7fffffffu);
  return select(select(key, 0x80000000u, magnitude == 0u), 0u, magnitude > 0x7f800000u || bits == 0xff800000u);
}
fn logitOf(key: u32) -> f32 { return bitcast<f32>(select(~key, key & 0x7fffffffu, key > 0x7fffffffu)); }
fn weightOfKey(key: u32, top: u32, steepness: f32, farthest: f32) -> u32 {
  if (key == top) { return ${FULL}u; }
  if (key == 0u || top == ${INFINITE_KEY}u) { return 0u; }
  let fall = logitOf(top) * 0.25 - logitOf(key) * 0.25;
  if (!(fall < farthest)) { return 0u; }
  let halvings = u32(fall * steepness * ${FULL}.0);
  let fraction = (halvings % ${FULL}u) * 64u;
  var lost = 0u;
${TERMS.toReversed().map((term) => `  lost = mulHigh(fraction, ${term}u - lost);`).join("\n")}
  return ((((${FULL}u - (lost >> 6u)) * 2u) >> (halvings / ${FULL}u)) + 1u) >> 1u;
}
fn carried(mass: vec2u) -> vec2u { return vec2u(mass.x + (mass.y >> ${LOWER}u), mass.y & ${2 ** LOWER - 1}u); }
fn reaches(mass: vec2u, goal: vec2u) -> bool { return mass.x > goal.x || (mass.x == goal.x && mass.y >= goal.y); }
fn halvesOf(weight: u32) -> vec2u { return vec2u(weight >> ${LOWER}u, weight & ${2 ** LOWER - 1}u); }
fn shareOf(mass: vec2u, word: u32) -> vec2u {
  return carried(vec2u(mulHigh(mass.x, word), ((mass.x * word) >> ${32 - LOWER}u) + mulHigh(mass.y, word)));
}`;
