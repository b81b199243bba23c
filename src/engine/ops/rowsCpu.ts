/**
 * What kernels on the CPU share that work on whole rows. In: rows, columns, what is done to a row. Out: a phase whose blocks are some rows
 * each, loops over a row in vectors of four, sums and maxima of a row. Where four does not divide the columns, the last vector
 * reads beyond the row's end: what it has there counts for nothing and is not stored.
 */
import { type TensorType, sizeOf } from "../graph/value";
import {
  type F32, type I32, type Local, type Statement, type V128, addInt, all, bits, f32x4, forRange, i32x4, int, loadVector, maxLanes, minInt, mulInt, set, storeFloat, storeVector,
  sumLanes,
} from "../wasm/code";
import type { Phase, Places } from "../wasm/kernel";
import { type Text, textOf } from "../wasm/math";
import type { Scope } from "../wasm/module";
import { type Finish, writeFinish } from "./finishCpu";

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
}

/** The last axis, and all others as one. */
export const matrixOf = ({ shape }: TensorType): Matrix => ({ rows: sizeOf(shape.slice(0, -1)), columns: shape.at(-1)! });

/** Numbers of a block: some microseconds. */
const BLOCK_NUMBERS = 8192;

/** Rows of a block where there may be at most so many blocks. */
export const rowsInBlock = ({ rows, columns }: Matrix, mostBlocks = Infinity): number => Math.max(Math.ceil(BLOCK_NUMBERS / columns), Math.ceil(rows / mostBlocks));

export interface RowsPhase extends Matrix {
  /** Rows of a block, where it matters. */
  readonly inBlock?: number;
  /** What a block begins with. */
  readonly begin?: Phase["write"];
  readonly writeRow: (text: Text, places: Places, row: Local<"i32">) => void;
}

export function rowsPhase({ rows, columns, inBlock = rowsInBlock({ rows, columns }), begin, writeRow }: RowsPhase): Phase {
  return {
    blocks: Math.ceil(rows / inBlock),
    write: (scope, places) => {
      const [row, first] = [scope.local("i32"), scope.local("i32")];
      return all(
        begin?.(scope, places) ?? all(),
        set(first, mulInt(places.block, inBlock)),
        forRange(row, first, minInt(addInt(first, inBlock), rows), 1, textOf(scope, (text) => writeRow(text, places, row))),
      );
    },
  };
}

/** The address of a row. */
export const rowAt = (operand: I32, row: I32, columns: number): I32 => addInt(operand, mulInt(row, 4 * columns));

/** One vector of a row. */
export interface Spot {
  /** Where it begins, in bytes behind the row's begin: what changes from turn to turn, and what is known. */
  readonly byte: I32;
  readonly offset: number;
  /** Numbers of the vector that belong to the row. */
  readonly count: number;
  /** Which of the vectors of one turn of the loop this is. */
  readonly turn: number;
}

/** Vectors that one turn of a loop over a row takes: as many sums run side by side, since an addition takes as many cycles. */
export const TURNS = 4;

/** The vectors of a row in order, TURNS of them a turn. */
export function overRow(scope: Scope, columns: number, write: (text: Text, spot: Spot) => void): Statement {
  const byte = scope.local("i32");
  const whole = columns - (columns % 4);
  const inTurns = whole - (whole % (4 * TURNS));
  const vectors = Array.from({ length: TURNS }, (_, turn) => turn);
  const turn = textOf(scope, (text) => vectors.forEach((index) => write(text, { byte, offset: 16 * index, count: 4, turn: index })));
  return textOf(scope, (text) => {
    text.add(forRange(byte, 0, 4 * inTurns, 16 * TURNS, turn));
    for (let column = inTurns; column < columns; column += 4) {
      write(text, { byte: int(0), offset: 4 * column, count: Math.min(4, columns - column), turn: ((column - inTurns) / 4) % TURNS });
    }
  });
}

const address = (base: I32, { byte }: Spot): I32 => addInt(base, byte);
/** The vector of the row that begins at `base`. */
export const loadSpot = (base: I32, spot: Spot): V128 => loadVector(address(base, spot), spot.offset);
/** Stores no more than belongs to the row; a local, since single numbers are taken out of it. */
export function storeSpot(base: I32, value: Local<"v128">, spot: Spot): Statement {
  if (spot.count === 4) return storeVector(address(base, spot), value, spot.offset);
  return all(...Array.from({ length: spot.count }, (_, lane) => storeFloat(address(base, spot), f32x4.lane(value, lane), spot.offset + 4 * lane)));
}
/** Also stores beside the row, into scratch memory that has room for it. */
export const storeWhole = (base: I32, value: V128, spot: Spot): Statement => storeVector(address(base, spot), value, spot.offset);

/** How many numbers become one. */
export interface Combining {
  /** Changes nothing that it is combined with. */
  readonly start: number;
  readonly combine: (a: V128, b: V128) => V128;
  readonly across: (vector: V128) => F32;
}

export const SUM: Combining = { start: 0, combine: f32x4.add, across: sumLanes };
export const MAXIMUM: Combining = { start: -Infinity, combine: f32x4.pmax, across: maxLanes };

/** Several results that grow side by side, and one in the end. */
export interface Accumulation {
  readonly begin: Statement;
  /** Takes the first `count` numbers of a vector. */
  readonly take: (value: V128, at: { readonly count: number; readonly turn: number }) => Statement;
  /** All of them as one number: `text` has to hold what is taken before. */
  readonly end: (text: Text) => Local<"f32">;
}

export function accumulate(scope: Scope, { start, combine, across }: Combining, count = TURNS): Accumulation {
  const parts = Array.from({ length: count }, () => scope.local("v128"));
  return {
    begin: all(...parts.map((part) => set(part, f32x4.of(start)))),
    take: (value, at) => {
      const part = parts[at.turn % count]!;
      return set(part, combine(part, onlyFirst(value, at.count, start)));
    },
    end: (text) => text.hold(across(text.hold(parts.slice(1).reduce<V128>(combine, parts[0]!)))),
  };
}

/** Numbers of a vector behind the first `count` are replaced. */
export function onlyFirst(value: V128, count: number, otherwise = 0): V128 {
  if (count >= 4) return value;
  const mask = i32x4.of(...([0, 1, 2, 3].map((lane) => (lane < count ? -1 : 0)) as [number, number, number, number]));
  return otherwise === 0 ? bits.and(value, mask) : bits.select(value, f32x4.of(otherwise), mask);
}

/** The sum over a row of what `term` gives for each vector. */
export function sumOverRow(text: Text, columns: number, term: (text: Text, spot: Spot) => V128): Local<"f32"> {
  return combineOverRow(text, columns, SUM, term);
}

/** The same for any way of combining. */
export function combineOverRow(text: Text, columns: number, combining: Combining, term: (text: Text, spot: Spot) => V128): Local<"f32"> {
  const result = accumulate(text.scope, combining, Math.min(TURNS, Math.ceil(columns / 4)));
  text.add(result.begin, overRow(text.scope, columns, (inner, spot) => inner.add(result.take(term(inner, spot), spot))));
  return result.end(text);
}

/** Bytes of own memory that a finished row takes. */
export const finishBytes = ({ isPlain }: Finish, columns: number): number => (isPlain ? 0 : 4 * columns + 16);

/** Where a row is made: in own memory where it is yet to be finished, or among the outputs. */
export const madeAt = ({ isPlain }: Finish, { own, outputs }: Places, row: I32, columns: number): I32 => (isPlain ? rowAt(outputs[0]!, row, columns) : own);

/** The results of the epilogue for a row out of own memory. */
export function finishRow(scope: Scope, finish: Finish, places: Places, row: I32, columns: number): Statement {
  if (finish.isPlain) return all();
  const first = scope.local("i32");
  return all(set(first, mulInt(row, columns)), writeFinish(scope, finish, places, { at: places.own, from: first, to: addInt(first, columns), unit: columns }));
}

/** One number in all lanes of a vector. */
export const splat = (text: Text, value: F32): Local<"v128"> => text.hold(f32x4.splat(value));
