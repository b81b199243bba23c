import { setFlagsFromString } from "node:v8";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasFusedMultiplyAdd } from "../runtime/cpu/features";
import { buildRun } from "../testing/runWasm";
import {
  type Expression, type F32, type I32, type Local, type Statement, type V128, addFloat, addInt, all, andInt, atLeast, atMost, atomic, bits, bitsOfFloat, call, callPlace, choose, copyMemory,
  divFloat, divInt, done, drop, equal, f32x4, fillMemory, float, floatOfBits, forRange, greater, i32x4, int, less, loadFloat, loadHalfWords, loadInt, loadLane0, loadSplat, loadVector, maxFloat,
  maxLanes, minInt, mulFloat, mulHighInt, mulInt, notEqual, orInt, remInt, set, shiftLeft, shiftRight, shuffleBytes, shuffleWords, signed, sqrtFloat, storeFloat, storeInt, storeLow, storeVector,
  subFloat, subInt, sumLanes, toFloat, trap, unsigned, when, whileTrue, xorInt,
} from "./code";
import { type WasmFunction, defineFunction, encodeModule } from "./module";

// Node 20 has relaxed vectors, but not by itself.
if (!hasFusedMultiplyAdd()) setFlagsFromString("--experimental-wasm-relaxed-simd");

/** Any 32 bits, the edges of signs and of bytes often. */
const word = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 2, 63, 64, -64, -65, 127, 128, 255, 256, 0x7fffffff, -0x80000000));
const nonzero = word.filter((value) => value !== 0);

describe("numbers as bytes", () => {
  test.each([[0, [0]], [127, [0x7f]], [128, [0x80, 1]], [16383, [0xff, 0x7f]], [16384, [0x80, 0x80, 1]], [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]]])("%d without a sign", (value, bytes) => {
    expect(unsigned(value)).toEqual(bytes);
  });
  test.each([
    [0, [0]], [-1, [0x7f]], [63, [0x3f]], [64, [0xc0, 0]], [-64, [0x40]], [-65, [0xbf, 0x7f]],
    [0x7fffffff, [0xff, 0xff, 0xff, 0xff, 7]], [-0x80000000, [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])("%d with its sign", (value, bytes) => {
    expect(signed(value)).toEqual(bytes);
  });

  /** What a reader makes of LEB128, by the definition: digits of base 128, the top bit of each but the last set. */
  const readUnsigned = (bytes: readonly number[]): bigint => bytes.reduce((sum, byte, index) => sum + (BigInt(byte & 0x7f) << BigInt(7 * index)), 0n);
  const isWellFormed = (bytes: readonly number[]): boolean => bytes.length <= 5 && bytes.every((byte, index) => byte >> 7 === Number(index < bytes.length - 1));
  test("any number is read again", () => {
    fc.assert(fc.property(word, (value) => {
      const [plain, withSign] = [unsigned(value), signed(value)];
      expect(isWellFormed(plain) && isWellFormed(withSign)).toBe(true);
      expect(Number(readUnsigned(plain))).toBe(value >>> 0);
      expect(Number(BigInt.asIntN(7 * withSign.length, readUnsigned(withSign)))).toBe(value);
    }));
  });
});

const bool = (truth: boolean): number => Number(truth);
const INTEGERS: readonly (readonly [string, (a: I32 | number, b: I32 | number) => I32, (a: number, b: number) => number])[] = [
  ["addInt", addInt, (a, b) => a + b], ["subInt", subInt, (a, b) => a - b], ["mulInt", mulInt, Math.imul],
  ["andInt", andInt, (a, b) => a & b], ["orInt", orInt, (a, b) => a | b], ["xorInt", xorInt, (a, b) => a ^ b],
  ["shiftLeft", shiftLeft, (a, b) => a << b], ["shiftRight", shiftRight, (a, b) => a >>> b],
  ["divInt", divInt, (a, b) => Math.floor((a >>> 0) / (b >>> 0))], ["remInt", remInt, (a, b) => (a >>> 0) % (b >>> 0)],
  ["equal", equal, (a, b) => bool(a === b)], ["notEqual", notEqual, (a, b) => bool(a !== b)],
  ["less", less, (a, b) => bool(a >>> 0 < b >>> 0)], ["greater", greater, (a, b) => bool(a >>> 0 > b >>> 0)],
  ["atMost", atMost, (a, b) => bool(a >>> 0 <= b >>> 0)], ["atLeast", atLeast, (a, b) => bool(a >>> 0 >= b >>> 0)],
  ["minInt", minInt, (a, b) => Math.min(a >>> 0, b >>> 0)],
];

describe("whole numbers", () => {
  test.each(INTEGERS)("%s computes the same of variables, of a variable and a constant, and while the text is written", (_, instruction, twin) => {
    const ofVariables = buildRun((_scope, a, b) => storeInt(0, instruction(a!, b!)), { parameters: 2 });
    fc.assert(fc.property(word, nonzero, (a, b) => {
      const expected = twin(a, b) | 0;
      ofVariables.call(a, b);
      expect(ofVariables.words[0]).toBe(expected);
      expect(instruction(int(a), int(b)).constant).toBe(expected);
      const [byConstant, ofConstant] = [(given: I32) => instruction(given, b), (given: I32) => instruction(a, given)].map((write) => buildRun((_scope, given) => storeInt(0, write(given!)), { parameters: 1 }));
      byConstant!.call(a);
      ofConstant!.call(b);
      expect([byConstant!.words[0], ofConstant!.words[0]]).toEqual([expected, expected]);
    }), { numRuns: 60 });
  });

  test("mulHighInt gives the upper half of a product", () => {
    fc.assert(fc.property(word, word, (a, b) => {
      const factor = b >>> 0;
      const run = buildRun((_scope, given) => storeInt(0, mulHighInt(given!, factor)), { parameters: 1 });
      run.call(a);
      expect(run.words[0]! >>> 0).toBe(Number((BigInt(a >>> 0) * BigInt(factor)) >> 32n));
    }));
  });

  test("choose takes one of two numbers of any kind", () => {
    const run = buildRun((scope, condition) => {
      const sum = scope.local("v128");
      return all(
        storeInt(0, choose(int(7), int(9), condition!)), storeFloat(4, choose(float(0.5), float(2), condition!)),
        set(sum, choose(f32x4.of(3), f32x4.of(4), condition!)), storeVector(16, sum),
      );
    }, { parameters: 1 });
    run.call(5);
    expect([run.words[0], run.floats[1], run.floats[7]]).toEqual([7, 0.5, 3]);
    run.call(0);
    expect([run.words[0], run.floats[1], run.floats[7]]).toEqual([9, 2, 4]);
    expect([choose(int(7), int(9), int(1)).constant, choose(int(7), int(9), int(0)).constant]).toEqual([7, 9]);
  });
});

/** Numbers that f32 has, the unusual ones often. */
const number = fc.oneof(fc.float(), fc.constantFrom(0, -0, 1, -1, NaN, Infinity, -Infinity, 2 ** -149, -(2 ** -130), 2 ** 31, 3e38, 0.5, 1.5, 2.5, -2.5).map(Math.fround));
const { fround } = Math;

test("single numbers of f32", () => {
  const table: readonly (readonly [(a: F32, b: F32) => F32, (a: number, b: number) => number])[] = [
    [addFloat, (a, b) => a + b], [subFloat, (a, b) => a - b], [mulFloat, (a, b) => a * b], [divFloat, (a, b) => a / b], [maxFloat, Math.max], [(a) => sqrtFloat(a), Math.sqrt],
    [(_, b) => b, (_, b) => b], [() => float(-0.1), () => -0.1], [(a) => toFloat(bitsOfFloat(a)), (a) => new Uint32Array(Float32Array.of(a).buffer)[0]!],
    [(a) => floatOfBits(xorInt(bitsOfFloat(a), 0x80000000)), (a) => -a],
  ];
  const run = buildRun(() => all(...table.map(([instruction], index) => storeFloat(8 + 4 * index, instruction(loadFloat(0), loadFloat(4))))));
  fc.assert(fc.property(number, number, (a, b) => {
    run.floats.set([a, b]);
    run.call();
    expect([...run.floats.subarray(2, 2 + table.length)]).toEqual(table.map(([, twin]) => fround(twin(a, b))));
  }));
});

const ALL = 0xffffffff | 0;
const mask = (truth: boolean): number => (truth ? ALL : 0);
/** To the nearest whole number, of two the even one. */
const nearest = (a: number): number => (Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.abs(a) < 2 ** 23 ? Math.round(a) : a);
const bounded = (a: number): number => (Number.isNaN(a) ? 0 : Math.max(-0x80000000, Math.min(0x7fffffff, Math.trunc(a))) | 0);

type Lanes<T> = { readonly [name: string]: readonly [instruction: (a: V128, b: V128, c: V128) => V128, twin: (a: number, b: number, c: number) => T] };

/** By lane: numbers to numbers; what is not here takes or gives whole numbers. */
const FLOAT_LANES: Lanes<number> = {
  of: [() => f32x4.of(0.3), () => fround(0.3)], splat: [(a) => f32x4.splat(f32x4.lane(a, 0)), (a) => a], lane: [(a) => f32x4.splat(f32x4.lane(a, 0)), (a) => a],
  add: [f32x4.add, (a, b) => fround(a + b)], sub: [f32x4.sub, (a, b) => fround(a - b)], mul: [f32x4.mul, (a, b) => fround(a * b)], div: [f32x4.div, (a, b) => fround(a / b)],
  pmin: [f32x4.pmin, (a, b) => (b < a ? b : a)], pmax: [f32x4.pmax, (a, b) => (a < b ? b : a)],
  abs: [f32x4.abs, Math.abs], neg: [f32x4.neg, (a) => -a], sqrt: [f32x4.sqrt, (a) => fround(Math.sqrt(a))], nearest: [f32x4.nearest, nearest],
};
const COMPARISONS: Lanes<number> = {
  eq: [f32x4.eq, (a, b) => mask(a === b)], ne: [f32x4.ne, (a, b) => mask(a !== b)], lt: [f32x4.lt, (a, b) => mask(a < b)], gt: [f32x4.gt, (a, b) => mask(a > b)],
  le: [f32x4.le, (a, b) => mask(a <= b)], ge: [f32x4.ge, (a, b) => mask(a >= b)], toInt: [f32x4.toInt, bounded],
};
const FROM_INTEGERS: Lanes<number> = { fromInt: [f32x4.fromInt, fround], fromUnsigned: [f32x4.fromUnsigned, (a) => fround(a >>> 0)] };
const INTEGER_LANES: Lanes<number> = {
  of: [() => i32x4.of(-5, -5, -5, -5), () => -5], splat: [(a) => i32x4.splat(i32x4.lane(a, 0)), (a) => a], lane: [(a) => i32x4.splat(i32x4.lane(a, 0)), (a) => a],
  withLane: [(a, b) => i32x4.withLane(a, 0, i32x4.lane(b, 0)), (_, b) => b],
  add: [i32x4.add, (a, b) => (a + b) | 0], sub: [i32x4.sub, (a, b) => (a - b) | 0], mul: [i32x4.mul, Math.imul],
  eq: [i32x4.eq, (a, b) => mask(a === b)], lt: [i32x4.lt, (a, b) => mask(a < b)], gt: [i32x4.gt, (a, b) => mask(a > b)], ltUnsigned: [i32x4.ltUnsigned, (a, b) => mask(a >>> 0 < b >>> 0)],
  shiftLeft: [(a) => i32x4.shiftLeft(a, 9), (a) => a << 9], shiftRight: [(a) => i32x4.shiftRight(a, 9), (a) => a >> 9],
  shiftRightUnsigned: [(a) => i32x4.shiftRightUnsigned(a, 9), (a) => (a >>> 9) | 0],
};
const BITS: Lanes<number> = {
  not: [bits.not, (a) => ~a], and: [bits.and, (a, b) => a & b], andNot: [bits.andNot, (a, b) => a & ~b], or: [bits.or, (a, b) => a | b], xor: [bits.xor, (a, b) => a ^ b],
  select: [bits.select, (a, b, c) => (a & c) | (b & ~c)],
};

describe("vectors of four", () => {
  /** Lane 0 of each instruction over three numbers side by side with three others, so that a lane that takes its neighbor's number is seen. */
  function checkLanes(table: Lanes<number>, given: fc.Arbitrary<number>, from: "floats" | "words", to: "floats" | "words"): void {
    const rows = Object.values(table);
    const run = buildRun(() => all(...rows.map(([instruction], index) => storeVector(64 + 16 * index, instruction(loadVector(0), loadVector(16), loadVector(32))))));
    const four = fc.tuple(given, given, given, given);
    fc.assert(fc.property(four, four, four, (a, b, c) => {
      run[from].set([...a, ...b, ...c]);
      run.call();
      Object.entries(table).forEach(([name, [, twin]], index) => {
        const single = ["splat", "lane", "withLane"].includes(name);
        const found = [...run[to].subarray(16 + 4 * index, 20 + 4 * index)];
        const expected = [0, 1, 2, 3].map((lane) => twin(a[lane]!, b[lane]!, c[lane]!));
        expect([name, ...found.slice(0, single ? 1 : 4)]).toEqual([name, ...expected.slice(0, single ? 1 : 4)]);
      });
    }));
  }
  test("f32", () => checkLanes(FLOAT_LANES, number, "floats", "floats"));
  test("comparisons, and whole numbers of f32", () => checkLanes(COMPARISONS, number, "floats", "words"));
  test("f32 of whole numbers", () => checkLanes(FROM_INTEGERS, word, "words", "floats"));
  test("i32", () => checkLanes(INTEGER_LANES, word, "words", "words"));
  test("bits", () => checkLanes(BITS, word, "words", "words"));

  test("none is left out", () => {
    expect(Object.keys(f32x4).toSorted()).toEqual([...Object.keys({ ...FLOAT_LANES, ...COMPARISONS, ...FROM_INTEGERS }), "relaxedMadd"].toSorted());
    expect(Object.keys(i32x4).toSorted()).toEqual(Object.keys(INTEGER_LANES).toSorted());
    expect(Object.keys(bits).toSorted()).toEqual(Object.keys(BITS).toSorted());
  });

  test.runIf(hasFusedMultiplyAdd())("relaxedMadd is a·b + c", () => {
    const run = buildRun(() => storeVector(48, f32x4.relaxedMadd(loadVector(0), loadVector(16), loadVector(32))));
    const small = fc.tuple(...Array.from({ length: 12 }, () => fc.integer({ min: -1000, max: 1000 })));
    fc.assert(fc.property(small, (given) => {
      run.floats.set(given);
      run.call();
      expect([...run.floats.subarray(12, 16)]).toEqual([0, 1, 2, 3].map((lane) => given[lane]! * given[4 + lane]! + given[8 + lane]! + 0));
    }));
  });

  test("every lane can be taken and replaced; sums and maxima are over all four", () => {
    const lanes = [0, 1, 2, 3];
    const run = buildRun((scope) => {
      const held = scope.local("v128");
      return all(
        set(held, loadVector(0)),
        ...lanes.flatMap((lane) => [
          storeFloat(16 + 4 * lane, f32x4.lane(held, lane)), storeInt(32 + 4 * lane, i32x4.lane(held, lane)), storeVector(64 + 16 * lane, i32x4.withLane(held, lane, int(99))),
        ]),
        storeFloat(48, sumLanes(held)), storeFloat(52, maxLanes(held)),
      );
    });
    run.floats.set([1.5, -8, 32, 4]);
    run.call();
    expect([...run.floats.subarray(4, 8), ...run.floats.subarray(12, 14)]).toEqual([1.5, -8, 32, 4, 29.5, 32]);
    expect([...run.words.subarray(8, 12)]).toEqual([...run.words.subarray(0, 4)]);
    for (const lane of lanes) {
      expect([...run.words.subarray(16 + 4 * lane, 20 + 4 * lane)]).toEqual([...run.words.subarray(0, 4)].map((old, index) => (index === lane ? 99 : old)));
    }
  });

  test("words and bytes of two vectors in any order", () => {
    fc.assert(fc.property(fc.tuple(fc.nat(7), fc.nat(7), fc.nat(7), fc.nat(7)), fc.array(fc.nat(31), { minLength: 16, maxLength: 16 }), (words, order) => {
      const run = buildRun(() => all(storeVector(32, shuffleWords(loadVector(0), loadVector(16), ...words)), storeVector(48, shuffleBytes(loadVector(0), loadVector(16), ...order))));
      const bytes = new Uint8Array(run.words.buffer);
      bytes.set(Array.from({ length: 32 }, (_, index) => 3 * index + 1));
      run.call();
      expect([...run.words.subarray(8, 12)]).toEqual(words.map((index) => run.words[index]));
      expect([...bytes.subarray(48, 64)]).toEqual(order.map((index) => 3 * index + 1));
    }));
  });
});

describe("memory", () => {
  test("loads and stores of every kind, at known and unknown addresses, aligned or not", () => {
    const run = buildRun((_scope, at) => all(
      storeInt(100, loadInt(at!, 4)), storeFloat(addInt(at!, 200), loadFloat(4, 0)), storeVector(at!, loadVector(at!, 3), 300), storeVector(400, loadSplat(at!, 8)),
      storeVector(416, loadHalfWords(at!)), storeVector(432, loadLane0(at!)), storeLow(500, loadVector(at!)), storeLow(addInt(at!, 600), loadVector(16)),
      copyMemory(addInt(at!, 700), 0, 9), fillMemory(800, 0xab, at!),
    ), { parameters: 1 });
    const bytes = new Uint8Array(run.words.buffer);
    const before = bytes.fill(0).map((_, index) => (index < 64 ? 5 * index + 3 : 0));
    bytes.set(before);
    run.call(4);
    const part = (from: number, count: number): number[] => [...before.subarray(from, from + count)];
    const zeros = (count: number): number[] => Array<number>(count).fill(0);
    const expected: readonly (readonly [number, readonly number[]])[] = [
      [100, part(8, 4)], [204, part(4, 4)], [304, part(7, 16)], [400, [...part(12, 4), ...part(12, 4), ...part(12, 4), ...part(12, 4)]],
      [416, [4, 6, 8, 10].flatMap((from) => [...part(from, 2), 0, 0])], [432, [...part(4, 4), ...zeros(12)]], [500, [...part(4, 8), ...zeros(4)]],
      [604, [...part(16, 8), ...zeros(4)]], [704, [...part(0, 9), 0]], [800, [0xab, 0xab, 0xab, 0xab, 0]],
    ];
    for (const [from, wanted] of expected) expect([from, ...bytes.subarray(from, from + wanted.length)]).toEqual([from, ...wanted]);
  });

  test("an address may be anywhere in 32 bits", () => {
    const beyond = buildRun(() => storeInt(0, loadInt(-4)));
    expect(() => beyond.call()).toThrow(WebAssembly.RuntimeError);
  });

  test("atomic steps, as far as one thread can tell", () => {
    const run = buildRun((_scope, at) => all(
      atomic.store(at!, 7), storeInt(4, atomic.add(at!, 5)), storeInt(8, atomic.load(at!)), storeInt(12, atomic.notify(at!, 3)), drop(atomic.add(at!, -1)),
    ), { parameters: 1 });
    run.call(64);
    expect([run.words[16], ...run.words.subarray(1, 4)]).toEqual([11, 7, 12, 0]);
  });
});

describe("statements", () => {
  /** The values a variable takes are noted one after another. */
  const noteAll = (write: (note: (value: I32) => Statement, i: Local<"i32">, given: I32) => Statement) => {
    const run = buildRun((scope, given) => {
      const [at, i] = [scope.local("i32"), scope.local("i32")];
      return all(set(at, int(4)), write((value) => all(storeInt(at, value), set(at, addInt(at, 4))), i, given!), storeInt(0, at));
    }, { parameters: 1 });
    return (given: number): number[] => {
      run.call(given);
      return [...run.words.subarray(1, run.words[0]! / 4)];
    };
  };
  const counted = (from: number, to: number, step: number): number[] => {
    const values: number[] = [];
    for (let i = from; i < to; i += step) values.push(i);
    return values;
  };
  test("forRange counts, whether its ends are known or not", () => {
    fc.assert(fc.property(fc.nat(20), fc.nat(40), fc.integer({ min: 1, max: 7 }), (from, to, step) => {
      const expected = counted(from, to, step);
      expect(noteAll((note, i) => forRange(i, from, to, step, note(i)))(0)).toEqual(expected);
      expect(noteAll((note, i, given) => forRange(i, from, given, step, note(i)))(to)).toEqual(expected);
      expect(noteAll((note, i, given) => forRange(i, given, to, step, note(i)))(from)).toEqual(expected);
    }));
  });
  test("when and whileTrue ask first", () => {
    const sevens = noteAll((note, i, given) => all(set(i, given), whileTrue(less(i, 7), all(when(equal(andInt(i, 1), 0), note(i), note(int(-1))), set(i, addInt(i, 1))))));
    expect([sevens(4), sevens(7)]).toEqual([[4, -1, 6], []]);
    expect(noteAll((note) => all(when(int(1), note(int(1)), note(int(2))), when(int(0), note(int(3)), note(int(4))), when(int(0), note(int(5)))))(0)).toEqual([1, 4]);
  });
  test("done leaves the function, trap ends everything", () => {
    const run = buildRun((_scope, given) => all(when(equal(given!, 1), done), when(equal(given!, 2), trap), storeInt(0, given!)), { parameters: 1 });
    run.call(1);
    expect(run.words[0]).toBe(0);
    expect(() => run.call(2)).toThrow(WebAssembly.RuntimeError);
    run.call(3);
    expect(run.words[0]).toBe(3);
  });
  test("functions call each other, by number and by place in the table", () => {
    const note = (at: number): WasmFunction => defineFunction({ parameters: 2, fma: false }, (_scope, a, b) => storeInt(at, subInt(a!, b!)));
    const start = defineFunction({ parameters: 1, fma: false, name: "run" }, (_scope, place) => all(call(0, int(9), int(2)), callPlace(place!, int(20), int(5))));
    const memory = new WebAssembly.Memory({ initial: 1 });
    const bytes = encodeModule([note(0), note(4), note(8), start], { isShared: false, maximumPages: 1 }, [2, 1]);
    const run = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports["run"] as (place: number) => void;
    const words = new Int32Array(memory.buffer);
    run(1);
    expect([...words.subarray(0, 3)]).toEqual([7, 15, 0]);
    run(0);
    expect([...words.subarray(0, 3)]).toEqual([7, 15, 15]);
    const mixed: readonly Expression<"i32">[] = [int(1)];
    expect(() => encodeModule([note(0), defineFunction({ parameters: 0, fma: false }, () => drop(mixed[0]!))], { isShared: false, maximumPages: 1 }, [0, 1])).toThrow("same parameters");
  });
});
