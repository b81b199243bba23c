/**
 * The table of elementwise functions: for each, WGSL text and its plain JavaScript twin side by side. In WGSL, `T` stands
 * for f32 or vec4f and `U` for u32 or vec4u, so one text serves both widths. Builtin tanh, sin and cos are not used: their
 * error is unspecified or large (hundreds of ULP on a software adapter); own forms on exp and polynomials stay within a few ULP.
 * Gradients are in elementwise.ts.
 */
import { PHILOX_WGSL } from "../wgsl/philox";

export interface ElementwiseRow {
  readonly arity: number;
  /** An expression of the argument names. */
  readonly wgsl: (...args: string[]) => string;
  /** A WGSL function of that name used by `wgsl`, declared once per kernel. */
  readonly declares?: { readonly name: string; readonly uses?: readonly string[]; readonly text: string };
  readonly reference: (a: number, b: number, c: number) => number;
}

/** 2·sqrt(2/π), of the tanh form of GELU: x·sigmoid(2u) = x·(1 + tanh u)/2. */
export const GELU_SLOPE = 1.5957691216057308;
export const GELU_CUBIC = 0.044715;

const FUNCTIONS: Readonly<Record<string, { readonly uses?: readonly string[]; readonly text: string }>> = {
  // e^x − 1 without cancellation: the Taylor series where |x| is small.
  expm1Of: {
    text: `fn expm1Of(x: T) -> T {
  let series = x * (T(1.0) + x * (T(0.5) + x * (T(0.16666667) + x * (T(0.041666667) + x * (T(0.0083333333) + x * (T(0.0013888889) + x * T(0.0001984127)))))));
  return select(exp(x) - T(1.0), series, abs(x) < T(0.35));
}`,
  },
  // tanh |x| = −e/(e + 2) with e = expm1(−2|x|) ∈ (−1, 0]; the sign is put back at the end.
  tanhOf: {
    uses: ["expm1Of"],
    text: `fn tanhOf(x: T) -> T {
  let e = expm1Of(T(-2.0) * abs(x));
  return sign(x) * (-e / (e + T(2.0)));
}`,
  },
  // e^min(x,0) / (1 + e^−|x|) neither overflows nor cancels.
  sigmoidOf: { text: `fn sigmoidOf(x: T) -> T { return exp(min(x, T(0.0))) / (T(1.0) + exp(-abs(x))); }` },
  geluOf: {
    uses: ["sigmoidOf"],
    text: `fn geluOf(x: T) -> T { return x * sigmoidOf(T(${GELU_SLOPE}) * x * (T(1.0) + T(${GELU_CUBIC}) * x * x)); }`,
  },
  geluSlope: {
    uses: ["sigmoidOf"],
    text: `fn geluSlope(x: T) -> T {
  let s = sigmoidOf(T(${GELU_SLOPE}) * x * (T(1.0) + T(${GELU_CUBIC}) * x * x));
  return s + x * s * (T(1.0) - s) * T(${GELU_SLOPE}) * (T(1.0) + T(${3 * GELU_CUBIC}) * x * x);
}`,
  },
  siluSlope: {
    uses: ["sigmoidOf"],
    text: `fn siluSlope(x: T) -> T { let s = sigmoidOf(x); return s * (T(1.0) + x * (T(1.0) - s)); }`,
  },
  philox: { text: PHILOX_WGSL },
  // Half of x − 2π·round(x/2π), the product in three parts (Cody and Waite): in [−π/2, π/2].
  halfAngleOf: {
    text: `fn halfAngleOf(x: T) -> T {
  let turns = round(x * T(0.15915494));
  return T(0.5) * (((x - turns * T(6.28125)) - turns * T(0.0019350051879882812)) - turns * T(3.019916e-7));
}`,
  },
  // The series of sin on [−π/2, π/2].
  shortSineOf: {
    text: `fn shortSineOf(h: T) -> T {
  let q = h * h;
  return h * (T(1.0) + q * (T(-0.16666667) + q * (T(0.0083333333) + q * (T(-0.0001984127) + q * (T(2.7557319e-6) + q * T(-2.5052108e-8))))));
}`,
  },
  // cos 2h = 1 − 2·sin² h and sin 2h = 2·sin h·cos h.
  cosOf: {
    uses: ["halfAngleOf", "shortSineOf"],
    text: `fn cosOf(x: T) -> T { let s = shortSineOf(halfAngleOf(x)); return T(1.0) - T(2.0) * s * s; }`,
  },
  sinOf: {
    uses: ["halfAngleOf", "shortSineOf"],
    text: `fn sinOf(x: T) -> T {
  let h = halfAngleOf(x);
  let s = shortSineOf(T(0.5) * h);
  return T(2.0) * shortSineOf(h) * (T(1.0) - T(2.0) * s * s);
}`,
  },
};

const sigmoid = (x: number): number => Math.exp(Math.min(x, 0)) / (1 + Math.exp(-Math.abs(x)));
const geluGate = (x: number): number => sigmoid(GELU_SLOPE * x * (1 + GELU_CUBIC * x * x));

function geluSlope(x: number): number {
  const s = geluGate(x);
  return s + x * s * (1 - s) * GELU_SLOPE * (1 + 3 * GELU_CUBIC * x * x);
}

function siluSlope(x: number): number {
  const s = sigmoid(x);
  return s * (1 + x * (1 - s));
}

function row(arity: number, wgsl: ElementwiseRow["wgsl"], reference: ElementwiseRow["reference"], calls?: string): ElementwiseRow {
  return { arity, wgsl, reference, ...(calls ? { declares: { name: calls, ...FUNCTIONS[calls]! } } : {}) };
}

export const TABLE = {
  add: row(2, (a, b) => `(${a} + ${b})`, (a, b) => a + b),
  subtract: row(2, (a, b) => `(${a} - ${b})`, (a, b) => a - b),
  multiply: row(2, (a, b) => `(${a} * ${b})`, (a, b) => a * b),
  divide: row(2, (a, b) => `(${a} / ${b})`, (a, b) => a / b),
  maximum: row(2, (a, b) => `max(${a}, ${b})`, (a, b) => Math.max(a, b)),
  minimum: row(2, (a, b) => `min(${a}, ${b})`, (a, b) => Math.min(a, b)),
  negate: row(1, (a) => `(-${a})`, (a) => -a),
  absolute: row(1, (a) => `abs(${a})`, Math.abs),
  sign: row(1, (a) => `sign(${a})`, Math.sign),
  square: row(1, (a) => `(${a} * ${a})`, (a) => a * a),
  squareRoot: row(1, (a) => `sqrt(${a})`, Math.sqrt),
  inverseSquareRoot: row(1, (a) => `inverseSqrt(${a})`, (a) => 1 / Math.sqrt(a)),
  exponential: row(1, (a) => `exp(${a})`, Math.exp),
  exponentialMinusOne: row(1, (a) => `expm1Of(${a})`, Math.expm1, "expm1Of"),
  logarithm: row(1, (a) => `log(${a})`, Math.log),
  tanh: row(1, (a) => `tanhOf(${a})`, Math.tanh, "tanhOf"),
  sigmoid: row(1, (a) => `sigmoidOf(${a})`, sigmoid, "sigmoidOf"),
  sine: row(1, (a) => `sinOf(${a})`, Math.sin, "sinOf"),
  cosine: row(1, (a) => `cosOf(${a})`, Math.cos, "cosOf"),
  relu: row(1, (a) => `max(${a}, T(0.0))`, (a) => Math.max(a, 0)),
  gelu: row(1, (a) => `geluOf(${a})`, (a) => a * geluGate(a), "geluOf"),
  silu: row(1, (a) => `(${a} * sigmoidOf(${a}))`, (a) => a * sigmoid(a), "sigmoidOf"),
  // Slopes times the gradient that arrives: one op, so that it can sit in the epilogue of the matmul that makes dy.
  geluGradient: row(2, (a, b) => `(${b} * geluSlope(${a}))`, (a, b) => b * geluSlope(a), "geluSlope"),
  siluGradient: row(2, (a, b) => `(${b} * siluSlope(${a}))`, (a, b) => b * siluSlope(a), "siluSlope"),
  equal: row(2, (a, b) => `select(T(0.0), T(1.0), ${a} == ${b})`, (a, b) => Number(a === b)),
  less: row(2, (a, b) => `select(T(0.0), T(1.0), ${a} < ${b})`, (a, b) => Number(a < b)),
  atLeast: row(2, (a, b) => `select(T(0.0), T(1.0), ${a} >= ${b})`, (a, b) => Number(a >= b)),
  /** a where condition ≠ 0, else b. */
  where: row(3, (condition, a, b) => `select(${b}, ${a}, ${condition} != T(0.0))`, (condition, a, b) => (condition !== 0 ? a : b)),
  /** 1 for ordinary numbers, 0 for infinities and NaN; by the exponent bits, because WGSL may assume that NaN does not occur. */
  isFinite: row(
    1,
    (a) => `select(T(1.0), T(0.0), (bitcast<U>(${a}) & U(0x7f800000u)) == U(0x7f800000u))`,
    (a) => Number(Number.isFinite(a)),
  ),
  /** u32 to f32; exact up to 2^24. Operands are loaded as T, so nothing is left to do. */
  toFloat: row(1, (a) => a, (a) => a),
  /** Repeats along new or length-1 axes: the load does it. */
  broadcastTo: row(1, (a) => a, (a) => a),
} as const satisfies Record<string, ElementwiseRow>;

export type ElementwiseName = keyof typeof TABLE;

/** What calls WGSL functions: rows of the table, and random numbers. */
export type CallingName = ElementwiseName | "randomUniform";

/** The names of the functions that the named rows call, each once, in order of use. */
export function functionsCalledBy(names: Iterable<CallingName>): ReadonlySet<string> {
  const called = new Set<string>();
  const call = (name: string): void => {
    FUNCTIONS[name]!.uses?.forEach(call);
    called.add(name);
  };
  for (const name of names) {
    const first = name === "randomUniform" ? "philox" : (TABLE[name] as ElementwiseRow).declares?.name;
    if (first) call(first);
  }
  return called;
}

/** The text of those functions for one width. */
export function declareFunctions(names: Iterable<CallingName>, T: "f32" | "vec4f"): string {
  return [...functionsCalledBy(names)].map((name) => forWidth(FUNCTIONS[name]!.text, T)).join("\n");
}

/** Replaces the type letters of the table by the types of one width. */
export function forWidth(text: string, T: "f32" | "vec4f"): string {
  return text.replaceAll(/\bT\b/g, T).replaceAll(/\bU\b/g, T === "f32" ? "u32" : "vec4u");
}
