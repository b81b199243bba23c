/**
 * Functions of four numbers at once. In: a `Text` that collects statements, vectors. Out: vectors. WebAssembly has neither exp nor log
 * nor a wide product; here they are from polynomials (Cephes, S. L. Moshier: expf, logf) within a few ULP, all of it in f32.
 */
import { type Expression, type Local, type Statement, type V128, type ValueType, all, bits, f32x4, i32x4, set } from "./code";
import type { Scope } from "./module";

/** Statements in the order they were asked for, and names for what they make. */
export interface Text {
  readonly scope: Scope;
  readonly add: (...statements: readonly Statement[]) => void;
  /** Computes it here and now, once; what is returned may be used again and again. */
  readonly hold: <T extends ValueType>(value: Expression<T>) => Local<T>;
}

/** The statements that `write` asks for, in order. */
export function textOf(scope: Scope, write: (text: Text) => void): Statement {
  const statements: Statement[] = [];
  write({
    scope,
    add: (...added) => void statements.push(...added),
    hold: (value) => {
      const local = scope.local(value.type);
      statements.push(set(local, value));
      return local;
    },
  });
  return all(...statements);
}

const { of } = f32x4;

/** a·b + c; rounded once where the engine can, twice elsewhere. */
export const multiplyAdd = ({ fma }: Scope, a: V128, b: V128, c: V128): V128 => (fma ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c));

/** c₀ + x·(c₁ + x·(…)). */
function polynomial({ scope }: Text, x: V128, coefficients: readonly number[]): V128 {
  const [last, ...others] = coefficients.toReversed();
  return others.reduce((sum, coefficient) => multiplyAdd(scope, sum, x, of(coefficient)), of(last!));
}

/** Added to a number below 2²², it leaves the nearest whole number in the low bits. */
const ROUNDER = 12582912;
const LOG2E = 1.4426950408889634;
/** ln 2 in two parts, the first with so few bits that n·LN2_HIGH is exact. */
const [LN2_HIGH, LN2_LOW] = [0.693359375, -2.1219444e-4];
const EXP_TERMS = [1, 1, 0.50000001201, 0.16666665459, 0.041665795894, 0.0083334519073, 0.0013981999507, 1.98756915e-4];

/** e^r for the rest r of x after n·ln 2, and n in the low bits of a float. */
function splitExponential(text: Text, x: V128): { readonly power: V128; readonly turned: V128 } {
  const turned = text.hold(multiplyAdd(text.scope, x, of(LOG2E), of(ROUNDER)));
  const n = text.hold(f32x4.sub(turned, of(ROUNDER)));
  const rest = text.hold(multiplyAdd(text.scope, n, of(-LN2_LOW), multiplyAdd(text.scope, n, of(-LN2_HIGH), x)));
  return { power: text.hold(polynomial(text, rest, EXP_TERMS)), turned };
}

/** e^x for x ≤ 0; 0 below −87, where it is hardly a normal number any more. What is no number stays none if its low bits are 0, as arithmetic makes it. */
export function exponentialOfNegative(text: Text, given: V128): V128 {
  const x = text.hold(given);
  const { power, turned } = splitExponential(text, text.hold(f32x4.pmax(x, of(-87))));
  // n + 127 in the bits of the exponent is 2ⁿ, so adding n to those of the power multiplies by it.
  return text.hold(bits.andNot(i32x4.add(power, i32x4.shiftLeft(turned, 23)), f32x4.lt(x, of(-87))));
}

/** e^x; 2ⁿ is multiplied in two parts, since it need not be a normal number. */
export function exponential(text: Text, x: V128): V128 {
  const { power, turned } = splitExponential(text, text.hold(f32x4.pmax(f32x4.pmin(x, of(89)), of(-104))));
  const n = text.hold(i32x4.sub(turned, i32x4.of(ROUNDER_BITS, ROUNDER_BITS, ROUNDER_BITS, ROUNDER_BITS)));
  const half = text.hold(i32x4.shiftRight(n, 1));
  const twoTo = (exponent: V128): V128 => i32x4.shiftLeft(i32x4.add(exponent, i32x4.of(127, 127, 127, 127)), 23);
  return text.hold(f32x4.mul(f32x4.mul(power, twoTo(half)), twoTo(i32x4.sub(n, half))));
}
const ROUNDER_BITS = 0x4b400000;

/** e^x − 1 without cancellation: the series where |x| is small. */
export function exponentialMinusOne(text: Text, given: V128): V128 {
  const x = text.hold(given);
  const series = f32x4.mul(x, polynomial(text, x, [1, 0.5, 0.16666667, 0.041666667, 0.0083333333, 0.0013888889, 0.0001984127]));
  return text.hold(bits.select(series, f32x4.sub(exponential(text, x), of(1)), f32x4.lt(f32x4.abs(x), of(0.35))));
}

const SQRT_HALF = 0.7071067811865476;
const LOG_TERMS = [0.33333331174, -0.24999993993, 0.20000714765, -0.16668057665, 0.14249322787, -0.12420140846, 0.1167699874, -0.1151461031, 0.070376836292];

/** ln x for x ≥ 0: −∞ at 0; no number below, or for what is none. */
export function logarithm(text: Text, given: V128): V128 {
  const x = text.hold(given);
  // Numbers too small to be normal are made larger first.
  const isSmall = text.hold(f32x4.lt(x, of(1.1754944e-38)));
  const scaled = text.hold(bits.select(f32x4.mul(x, of(2 ** 23)), x, isSmall));
  const exponent = i32x4.sub(i32x4.shiftRightUnsigned(scaled, 23), i32x4.of(126, 126, 126, 126));
  const shifted = text.hold(f32x4.sub(f32x4.fromInt(exponent), bits.and(isSmall, of(23))));
  const mantissa = text.hold(bits.or(bits.and(scaled, i32x4.of(0x807fffff | 0, 0x807fffff | 0, 0x807fffff | 0, 0x807fffff | 0)), of(0.5)));
  const isLow = text.hold(f32x4.lt(mantissa, of(SQRT_HALF)));
  const n = text.hold(f32x4.sub(shifted, bits.and(isLow, of(1))));
  const m = text.hold(f32x4.sub(f32x4.add(mantissa, bits.and(isLow, mantissa)), of(1)));
  const square = text.hold(f32x4.mul(m, m));
  const curved = text.hold(f32x4.mul(f32x4.mul(polynomial(text, m, LOG_TERMS), m), square));
  const low = multiplyAdd(text.scope, square, of(-0.5), multiplyAdd(text.scope, n, of(LN2_LOW), curved));
  const finite = text.hold(multiplyAdd(text.scope, n, of(LN2_HIGH), f32x4.add(m, low)));
  const isOrdinary = bits.and(f32x4.gt(x, of(0)), f32x4.lt(x, of(Infinity)));
  // What is left is 0, ∞, negative or no number: x·∞ of ∞, −∞ of 0 from a division, no number of the others.
  const extreme = bits.select(of(-Infinity), f32x4.sqrt(x), f32x4.eq(x, of(0)));
  return text.hold(bits.select(finite, extreme, isOrdinary));
}

/** e^min(x,0) / (1 + e^−|x|) neither overflows nor cancels. */
export function sigmoid(text: Text, given: V128): V128 {
  const x = text.hold(given);
  // e^−|x| is made once: it is the numerator where x is negative.
  const small = text.hold(exponentialOfNegative(text, f32x4.neg(f32x4.abs(x))));
  const numerator = bits.select(small, of(1), f32x4.lt(x, of(0)));
  return text.hold(f32x4.div(numerator, f32x4.add(of(1), small)));
}

/** tanh |x| = −e/(e + 2) with e = e^−2|x| − 1; the sign is put back. */
export function hyperbolicTangent(text: Text, given: V128): V128 {
  const x = text.hold(given);
  const e = text.hold(exponentialMinusOne(text, f32x4.mul(of(-2), f32x4.abs(x))));
  const positive = f32x4.div(f32x4.neg(e), f32x4.add(e, of(2)));
  return text.hold(bits.select(x, positive, SIGN));
}
const SIGN = i32x4.of(-0x80000000, -0x80000000, -0x80000000, -0x80000000);

/** Half of x − 2π·round(x/2π), the product in three parts (Cody and Waite): in [−π/2, π/2]. */
function halfAngle(text: Text, given: V128): V128 {
  const x = text.hold(given);
  const turns = text.hold(f32x4.nearest(f32x4.mul(x, of(0.15915494))));
  const minus = (value: V128, part: number): V128 => f32x4.sub(value, f32x4.mul(turns, of(part)));
  return text.hold(f32x4.mul(of(0.5), minus(minus(minus(x, 6.28125), 0.001935005187988281), 3.019916e-7)));
}

/** The series of sin on [−π/2, π/2]. */
function shortSine(text: Text, given: V128): V128 {
  const h = text.hold(given);
  return text.hold(f32x4.mul(h, polynomial(text, text.hold(f32x4.mul(h, h)), [1, -0.16666667, 0.0083333333, -0.0001984127, 2.7557319e-6, -2.5052108e-8])));
}

const oneMinusTwiceSquare = (s: V128): V128 => f32x4.sub(of(1), f32x4.mul(of(2), f32x4.mul(s, s)));

/** cos 2h = 1 − 2·sin² h. */
export const cosine = (text: Text, x: V128): V128 => text.hold(oneMinusTwiceSquare(shortSine(text, halfAngle(text, x))));

/** sin 2h = 2·sin h·cos h. */
export function sine(text: Text, x: V128): V128 {
  const h = halfAngle(text, x);
  const s = shortSine(text, f32x4.mul(of(0.5), h));
  return text.hold(f32x4.mul(f32x4.mul(of(2), shortSine(text, h)), oneMinusTwiceSquare(s)));
}

/** 24 of the 32 bits as a number in [0, 1). */
export const uniformOf = (random: V128): V128 => f32x4.mul(f32x4.fromInt(i32x4.shiftRightUnsigned(random, 8)), of(2 ** -24));
