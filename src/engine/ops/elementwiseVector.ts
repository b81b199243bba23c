/**
 * The elementwise table (elementwiseTable.ts) for four numbers at once on the CPU: the third printer beside WGSL and JavaScript.
 * In: a text under construction, arguments. Out: the result. A function that uses an argument more than once holds it first.
 */
import { type V128, bits, f32x4, i32x4 } from "../wasm/code";
import {
  type Text, cosine, exponential, exponentialMinusOne, hyperbolicTangent, logarithm, multiplyAdd, sigmoid, sine,
} from "../wasm/math";
import { type ElementwiseName, GELU_CUBIC, GELU_SLOPE } from "./elementwiseTable";

type Row = (text: Text, a: V128, b: V128, c: V128) => V128;

const { of } = f32x4;
const truth = (mask: V128): V128 => bits.and(mask, of(1));
const square = (text: Text, given: V128): V128 => {
  const x = text.hold(given);
  return f32x4.mul(x, x);
};

/** x·(1 + c·x²)·s, whose sigmoid opens GELU's gate. */
function geluGate(text: Text, x: V128): V128 {
  const cubic = multiplyAdd(text.scope, f32x4.mul(x, x), of(GELU_CUBIC), of(1));
  return sigmoid(text, f32x4.mul(f32x4.mul(of(GELU_SLOPE), x), cubic));
}

function gelu(text: Text, given: V128): V128 {
  const x = text.hold(given);
  return f32x4.mul(x, geluGate(text, x));
}

/** d gelu/dx = s + x·s·(1 − s)·slope·(1 + 3c·x²). */
function geluSlope(text: Text, given: V128): V128 {
  const x = text.hold(given);
  const s = geluGate(text, x);
  const inner = multiplyAdd(text.scope, f32x4.mul(x, x), of(3 * GELU_CUBIC), of(1));
  return multiplyAdd(text.scope, f32x4.mul(f32x4.mul(x, s), f32x4.sub(of(1), s)), f32x4.mul(of(GELU_SLOPE), inner), s);
}

function siluSlope(text: Text, given: V128): V128 {
  const x = text.hold(given);
  const s = sigmoid(text, x);
  return f32x4.mul(s, multiplyAdd(text.scope, x, f32x4.sub(of(1), s), of(1)));
}

function sign(text: Text, given: V128): V128 {
  const x = text.hold(given);
  return f32x4.sub(truth(f32x4.gt(x, of(0))), truth(f32x4.lt(x, of(0))));
}

const EXPONENT_BITS = i32x4.of(0x7f800000, 0x7f800000, 0x7f800000, 0x7f800000);

export const VECTOR_TABLE: Readonly<Record<ElementwiseName, Row>> = {
  add: (_, a, b) => f32x4.add(a, b),
  subtract: (_, a, b) => f32x4.sub(a, b),
  multiply: (_, a, b) => f32x4.mul(a, b),
  divide: (_, a, b) => f32x4.div(a, b),
  maximum: (text, a, b) => f32x4.pmax(text.hold(a), b),
  minimum: (text, a, b) => f32x4.pmin(text.hold(a), b),
  negate: (_, a) => f32x4.neg(a),
  absolute: (_, a) => f32x4.abs(a),
  sign,
  square,
  squareRoot: (_, a) => f32x4.sqrt(a),
  inverseSquareRoot: (_, a) => f32x4.div(of(1), f32x4.sqrt(a)),
  exponential,
  exponentialMinusOne,
  logarithm,
  tanh: hyperbolicTangent,
  sigmoid,
  sine,
  cosine,
  relu: (_, a) => f32x4.pmax(a, of(0)),
  gelu,
  silu: (text, given) => {
    const x = text.hold(given);
    return f32x4.mul(x, sigmoid(text, x));
  },
  geluGradient: (text, a, b) => f32x4.mul(b, geluSlope(text, a)),
  siluGradient: (text, a, b) => f32x4.mul(b, siluSlope(text, a)),
  equal: (_, a, b) => truth(f32x4.eq(a, b)),
  less: (_, a, b) => truth(f32x4.lt(a, b)),
  atLeast: (_, a, b) => truth(f32x4.ge(a, b)),
  where: (_, condition, a, b) => bits.select(a, b, f32x4.ne(condition, of(0))),
  isFinite: (text, a) => truth(i32x4.gt(EXPONENT_BITS, text.hold(bits.and(a, EXPONENT_BITS)))),
  toFloat: (_, a) => a,
  broadcastTo: (_, a) => a,
};
