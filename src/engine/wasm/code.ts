/**
 * WebAssembly as typed trees. In: expressions of expressions, checked by TypeScript (an `I32` where a `V128` is wanted is a type error).
 * Out: nested byte lists that module.ts flattens into a function's body. One function per instruction that the kernels use, named as
 * in the specification (https://webassembly.github.io/spec/core/, with the SIMD, relaxed SIMD and threads extensions).
 */
export type ValueType = "i32" | "f32" | "v128";
/** Bytes, or lists of bytes. */
export type Code = number | readonly Code[];
export interface Expression<T extends ValueType> {
  readonly type: T;
  readonly code: Code;
  /** Of an i32 that is known while the text is written. */
  readonly constant?: number;
}
export type I32 = Expression<"i32">;
export type F32 = Expression<"f32">;
export type V128 = Expression<"v128">;
/** Something that is done and leaves no value. */
export interface Statement {
  readonly code: Code;
}
/** A variable of a function. */
export interface Local<T extends ValueType> extends Expression<T> {
  readonly index: number;
}

// ------------------------------------------------------------------------------------------------ numbers as bytes

/** LEB128, 7 bits a byte, for a number in [0, 2³²). */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value >>> 0; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** LEB128 of a signed number in [−2³¹, 2³¹). */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 0x7f;
    const isLast = (rest >> 6 === 0 && (low & 0x40) === 0) || (rest >> 6 === -1 && (low & 0x40) !== 0);
    if (isLast) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** The same for a number in [0, 2³²) where 64 bits are read. */
function signed64(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    const low = rest % 128;
    if (rest < 64) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const floatBytes = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];

/** An instruction of the vector set: prefix 0xfd, then its number. */
const vector = (number: number): number[] => [0xfd, ...unsigned(number)];

// ------------------------------------------------------------------------------------------------ i32

const i32 = (...code: Code[]): I32 => ({ type: "i32", code });
export const int = (value: number): I32 => ({ type: "i32", code: [0x41, signed(value)], constant: value | 0 });

type Integer = I32 | number;
const asInt = (value: Integer): I32 => (typeof value === "number" ? int(value) : value);
type Fold = (a: number, b: number) => number;

/** Two known numbers are computed while the text is written. */
const binary = (opcode: number, fold: Fold) => (a: Integer, b: Integer): I32 => {
  const [left, right] = [asInt(a), asInt(b)];
  if (left.constant !== undefined && right.constant !== undefined) return int(fold(left.constant, right.constant));
  return i32(left.code, right.code, opcode);
};

const plus = binary(0x6a, (a, b) => a + b);
const times = binary(0x6c, Math.imul);
export const addInt = (a: Integer, b: Integer): I32 => (asInt(b).constant === 0 ? asInt(a) : asInt(a).constant === 0 ? asInt(b) : plus(a, b));
export const subInt = binary(0x6b, (a, b) => a - b);
export const mulInt = (a: Integer, b: Integer): I32 => {
  const factor = asInt(b).constant;
  if (factor === 1) return asInt(a);
  return factor !== undefined && factor > 0 && (factor & (factor - 1)) === 0 ? shiftLeft(a, Math.log2(factor)) : times(a, b);
};
/** Of numbers in [0, 2³²). */
export const divInt = (a: Integer, b: Integer): I32 => (asInt(b).constant === 1 ? asInt(a) : binary(0x6e, (x, y) => Math.floor((x >>> 0) / (y >>> 0)))(a, b));
export const remInt = (a: Integer, b: Integer): I32 => (asInt(b).constant === 1 ? int(0) : binary(0x70, (x, y) => (x >>> 0) % (y >>> 0))(a, b));
export const andInt = binary(0x71, (a, b) => a & b);
export const orInt = binary(0x72, (a, b) => a | b);
export const xorInt = binary(0x73, (a, b) => a ^ b);
export const shiftLeft = binary(0x74, (a, b) => a << b);
export const shiftRight = binary(0x76, (a, b) => a >>> b);
export const equal = binary(0x46, (a, b) => Number(a === b));
export const notEqual = binary(0x47, (a, b) => Number(a !== b));
/** Of numbers in [0, 2³²), as are the three that follow. */
export const less = binary(0x49, (a, b) => Number(a >>> 0 < b >>> 0));
export const greater = binary(0x4b, (a, b) => Number(a >>> 0 > b >>> 0));
export const atMost = binary(0x4d, (a, b) => Number(a >>> 0 <= b >>> 0));
export const atLeast = binary(0x4f, (a, b) => Number(a >>> 0 >= b >>> 0));
/** The upper 32 bits of the product of a number in [0, 2³²) and a known one. */
export const mulHighInt = (a: I32, factor: number): I32 => i32(a.code, 0xad, 0x42, signed64(factor), 0x7e, 0x42, 32, 0x88, 0xa7);
export const minInt = (a: Integer, b: Integer): I32 => choose(asInt(a), asInt(b), less(a, b));

/** `condition` ? yes : no; both are computed. */
export function choose<T extends ValueType>(yes: Expression<T>, no: Expression<T>, condition: I32): Expression<T> {
  if (condition.constant !== undefined) return condition.constant === 0 ? no : yes;
  // Vectors and numbers alike: the typed form, whatever the type.
  return { type: yes.type, code: [yes.code, no.code, condition.code, 0x1c, 1, TYPE_BYTES[yes.type]] };
}

export const TYPE_BYTES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

// ------------------------------------------------------------------------------------------------ f32

const f32 = (...code: Code[]): F32 => ({ type: "f32", code });
export const float = (value: number): F32 => f32(0x43, floatBytes(value));
const unaryFloat = (opcode: number) => (a: F32): F32 => f32(a.code, opcode);
const binaryFloat = (opcode: number) => (a: F32, b: F32): F32 => f32(a.code, b.code, opcode);
export const addFloat = binaryFloat(0x92);
export const subFloat = binaryFloat(0x93);
export const mulFloat = binaryFloat(0x94);
export const divFloat = binaryFloat(0x95);
export const maxFloat = binaryFloat(0x97);
export const sqrtFloat = unaryFloat(0x91);
/** Of a number in [0, 2³²). */
export const toFloat = (a: I32): F32 => f32(a.code, 0xb3);
export const bitsOfFloat = (a: F32): I32 => i32(a.code, 0xbc);
export const floatOfBits = (a: I32): F32 => f32(a.code, 0xbe);

// ------------------------------------------------------------------------------------------------ vectors of four

const v128 = (...code: Code[]): V128 => ({ type: "v128", code });
const unaryVector = (number: number) => (a: V128): V128 => v128(a.code, vector(number));
const binaryVector = (number: number) => (a: V128, b: V128): V128 => v128(a.code, b.code, vector(number));
const ternaryVector = (number: number) => (a: V128, b: V128, c: V128): V128 => v128(a.code, b.code, c.code, vector(number));

/** The namesakes of the specification, without their prefix. */
export const f32x4 = {
  of: (value: number): V128 => v128(vector(0x0c), Array.from({ length: 4 }, () => floatBytes(value))),
  splat: (a: F32): V128 => v128(a.code, vector(0x13)),
  lane: (a: V128, lane: number): F32 => f32(a.code, vector(0x1f), lane),
  add: binaryVector(0xe4),
  sub: binaryVector(0xe5),
  mul: binaryVector(0xe6),
  div: binaryVector(0xe7),
  /** b < a ? b : a, in one instruction; a where one is no number. */
  pmin: binaryVector(0xea),
  /** a < b ? b : a. */
  pmax: binaryVector(0xeb),
  abs: unaryVector(0xe0),
  neg: unaryVector(0xe1),
  sqrt: unaryVector(0xe3),
  nearest: unaryVector(0x6a),
  eq: binaryVector(0x41),
  ne: binaryVector(0x42),
  lt: binaryVector(0x43),
  gt: binaryVector(0x44),
  le: binaryVector(0x45),
  ge: binaryVector(0x46),
  /** Of whole numbers in [−2³¹, 2³¹). */
  fromInt: unaryVector(0xfa),
  fromUnsigned: unaryVector(0xfb),
  /** What is too large becomes the largest. */
  toInt: unaryVector(0xf8),
  /** a·b + c, rounded once; only where the engine has relaxed SIMD. */
  relaxedMadd: ternaryVector(0x105),
} as const;

export const i32x4 = {
  of: (...values: readonly [number, number, number, number]): V128 => v128(vector(0x0c), [...new Uint8Array(Int32Array.from(values).buffer)]),
  splat: (a: I32): V128 => v128(a.code, vector(0x11)),
  lane: (a: V128, lane: number): I32 => i32(a.code, vector(0x1b), lane),
  withLane: (a: V128, lane: number, value: I32): V128 => v128(a.code, value.code, vector(0x1c), lane),
  add: binaryVector(0xae),
  sub: binaryVector(0xb1),
  mul: binaryVector(0xb5),
  eq: binaryVector(0x37),
  lt: binaryVector(0x39),
  gt: binaryVector(0x3b),
  ltUnsigned: binaryVector(0x3a),
  shiftLeft: (a: V128, bits: number): V128 => v128(a.code, int(bits).code, vector(0xab)),
  shiftRight: (a: V128, bits: number): V128 => v128(a.code, int(bits).code, vector(0xac)),
  shiftRightUnsigned: (a: V128, bits: number): V128 => v128(a.code, int(bits).code, vector(0xad)),
} as const;


export const bits = {
  not: unaryVector(0x4d),
  and: binaryVector(0x4e),
  andNot: binaryVector(0x4f),
  or: binaryVector(0x50),
  xor: binaryVector(0x51),
  /** Bits of a where the mask has them, of b elsewhere. */
  select: ternaryVector(0x52),
} as const;

/** Words of a (0 to 3) and b (4 to 7) in any order. */
export const shuffleWords = (a: V128, b: V128, ...words: readonly [number, number, number, number]): V128 =>
  v128(a.code, b.code, vector(0x0d), words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte)));

/** Bytes of a (0 to 15) and b (16 to 31) in any order. */
export const shuffleBytes = (a: V128, b: V128, ...order: readonly number[]): V128 => v128(a.code, b.code, vector(0x0d), order);

/** The sum of the four numbers, always in the same order. */
export const sumLanes = (local: V128): F32 =>
  addFloat(addFloat(f32x4.lane(local, 0), f32x4.lane(local, 1)), addFloat(f32x4.lane(local, 2), f32x4.lane(local, 3)));
export const maxLanes = (local: V128): F32 =>
  maxFloat(maxFloat(f32x4.lane(local, 0), f32x4.lane(local, 1)), maxFloat(f32x4.lane(local, 2), f32x4.lane(local, 3)));

// ------------------------------------------------------------------------------------------------ memory

/** Alignment is a hint; what is not aligned works as well. */
const place = (log2: number, offset: number): Code => [log2, unsigned(offset)];
/** A known part of an address goes into the instruction. */
const at = (address: Integer, offset: number): { readonly address: I32; readonly offset: number } => {
  const base = asInt(address);
  return base.constant === undefined ? { address: base, offset } : { address: int(0), offset: (base.constant >>> 0) + offset };
};
const loading = <T extends ValueType>(type: T, opcode: Code, log2: number) => (address: Integer, offset = 0): Expression<T> => {
  const from = at(address, offset);
  return { type, code: [from.address.code, opcode, place(log2, from.offset)] };
};
const storing = (opcode: Code, log2: number) => (address: Integer, value: Expression<ValueType>, offset = 0): Statement => {
  const to = at(address, offset);
  return { code: [to.address.code, value.code, opcode, place(log2, to.offset)] };
};
export const loadInt = loading("i32", 0x28, 2);
export const loadFloat = loading("f32", 0x2a, 2);
export const loadVector = loading("v128", vector(0x00), 2);
/** One number in all four lanes. */
export const loadSplat = loading("v128", vector(0x09), 2);
/** Four 16-bit words, each the low half of a lane. */
export const loadHalfWords = loading("v128", vector(0x04), 3);
/** One number in lane 0, zero in the others. */
export const loadLane0 = loading("v128", vector(0x5c), 2);
const storeTyped = { i32: storing(0x36, 2), f32: storing(0x38, 2), v128: storing(vector(0x0b), 2) } as const;
export const storeInt = (address: Integer, value: I32, offset = 0): Statement => storeTyped.i32(address, value, offset);
export const storeFloat = (address: Integer, value: F32, offset = 0): Statement => storeTyped.f32(address, value, offset);
export const storeVector = (address: Integer, value: V128, offset = 0): Statement => storeTyped.v128(address, value, offset);
/** The lower 8 bytes. */
export const storeLow = (address: Integer, value: V128): Statement => {
  const to = at(address, 0);
  return { code: [to.address.code, value.code, vector(0x5b), place(3, to.offset), 0] };
};
export const copyMemory = (to: Integer, from: Integer, bytes: Integer): Statement => ({ code: [asInt(to).code, asInt(from).code, asInt(bytes).code, 0xfc, 10, 0, 0] });
export const fillMemory = (to: Integer, byte: number, bytes: Integer): Statement => ({ code: [asInt(to).code, int(byte).code, asInt(bytes).code, 0xfc, 11, 0] });

/** Of threads: each is one step that no other thread sees in part. */
export const atomic = {
  load: (address: Integer): I32 => i32(asInt(address).code, 0xfe, 0x10, place(2, 0)),
  store: (address: Integer, value: Integer): Statement => ({ code: [asInt(address).code, asInt(value).code, 0xfe, 0x17, place(2, 0)] }),
  /** The number that stood there before. */
  add: (address: Integer, value: Integer): I32 => i32(asInt(address).code, asInt(value).code, 0xfe, 0x1e, place(2, 0)),
  /** Sleeps while `expected` stands there, at most so many nanoseconds: 2 where nobody woke it. */
  wait: (address: Integer, expected: Integer, nanoseconds: number): I32 =>
    i32(asInt(address).code, asInt(expected).code, 0x42, signed64(nanoseconds), 0xfe, 0x01, place(2, 0)),
  notify: (address: Integer, count: Integer): I32 => i32(asInt(address).code, asInt(count).code, 0xfe, 0x00, place(2, 0)),
} as const;

// ------------------------------------------------------------------------------------------------ statements

export const drop = (value: Expression<ValueType>): Statement => ({ code: [value.code, 0x1a] });
export const all = (...statements: readonly Statement[]): Statement => ({ code: statements.map(({ code }) => code) });
export const set = <T extends ValueType>(local: Local<T>, value: Expression<T>): Statement => ({ code: [value.code, 0x21, unsigned(local.index)] });

export function when(condition: I32, then: Statement, otherwise?: Statement): Statement {
  if (condition.constant !== undefined) return condition.constant === 0 ? (otherwise ?? all()) : then;
  return { code: [condition.code, 0x04, 0x40, then.code, otherwise ? [0x05, otherwise.code] : [], 0x0b] };
}

/** Again and again while the condition, which is asked first, holds. */
export const whileTrue = (condition: I32, body: Statement): Statement => ({
  code: [0x02, 0x40, 0x03, 0x40, condition.code, 0x45, 0x0d, 1, body.code, 0x0c, 0, 0x0b, 0x0b],
});

/** For i = from, from + step … below `to`. Where the count is known to be one, or none, there is no loop. */
export function forRange(i: Local<"i32">, from: Integer, to: Integer, step: number, body: Statement): Statement {
  const [first, end] = [asInt(from), asInt(to)];
  const isKnown = first.constant !== undefined && end.constant !== undefined;
  if (isKnown && first.constant >= end.constant) return all();
  if (isKnown && first.constant + step >= end.constant) return all(set(i, first), body);
  const loop: Code = [0x03, 0x40, body.code, i.code, int(step).code, 0x6a, 0x22, unsigned(i.index), end.code, 0x49, 0x0d, 0, 0x0b];
  // The first turn needs no question where it is known to happen.
  return { code: [set(i, first).code, isKnown ? loop : [less(i, end).code, 0x04, 0x40, loop, 0x0b]] };
}

/** Calls function `index` of the module, which returns nothing. */
export const call = (index: number, ...values: readonly Expression<ValueType>[]): Statement => ({ code: [values.map(({ code }) => code), 0x10, unsigned(index)] });

/** Calls the function at a place of the module's table. */
export const callPlace = (place: I32, ...values: readonly Expression<ValueType>[]): Statement => ({ code: [values.map(({ code }) => code), place.code, 0x11, 0, 0] });
/** Ends everything: the engine throws a RuntimeError in the host. */
export const trap: Statement = { code: [0x00] };
export const done: Statement = { code: [0x0f] };

export function flatten(code: Code, into: number[] = []): number[] {
  if (typeof code === "number") into.push(code);
  else for (const part of code) flatten(part, into);
  return into;
}
