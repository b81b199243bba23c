/**
 * The product of one row and a matrix on the CPU, as when tokens are written one at a time. In: extents, what is done to the row. Out: one
 * phase. "NT": y[n] is the dot product of x with row n of b, eight rows side by side. "NN": y is the sum of the rows of b, each times its number of x.
 */
import { type I32, type Local, type Statement, addFloat, addInt, all, f32x4, forRange, loadFloat, loadSplat, loadVector, minInt, mulFloat, mulInt, set, storeFloat, storeVector, subInt, sumLanes } from "../../wasm/code";
import { type CpuKernel, type Places, roundUp } from "../../wasm/kernel";
import { multiplyAdd } from "../../wasm/math";
import type { Scope } from "../../wasm/module";
import { type Finish, writeFinish } from "../finishCpu";
import type { MatmulExtents } from "./extents";

/** Columns of a block. */
const COLUMNS = 64;
/** Dot products that share each load of x. */
const ROWS_AT_ONCE = 4;
/** Vectors of columns that share each number of x. */
const VECTORS_AT_ONCE = 4;

export function lowerRow(extents: MatmulExtents, finish: Finish): CpuKernel {
  const { N, layout } = extents;
  const unit = N % 4 === 0 ? 4 : 1;
  return {
    ownBytes: 4 * roundUp(COLUMNS, 16),
    phases: [
      {
        blocks: Math.ceil(N / COLUMNS),
        write: (scope, places) => {
          const [from, to] = [scope.local("i32"), scope.local("i32")];
          const write = layout === "NT" ? writeDots : writeSums;
          return all(
            set(from, mulInt(places.block, COLUMNS)),
            set(to, minInt(addInt(from, COLUMNS), N)),
            write(scope, extents, places, from, to),
            writeFinish(scope, finish, places, { at: places.own, from, to, unit }),
          );
        },
      },
    ],
  };
}

/** Own memory ← columns [from, to). */
function writeDots(scope: Scope, { N, K }: MatmulExtents, { inputs: [x, b], own }: Places, from: Local<"i32">, to: Local<"i32">): Statement {
  const [column, byte] = [scope.local("i32"), scope.local("i32")];
  const numbers = scope.local("v128");
  const rows = Array.from({ length: ROWS_AT_ONCE }, () => ({ at: scope.local("i32"), sum: scope.local("v128"), rest: scope.local("f32") }));
  const whole = K - (K % 4);
  // Behind the last row it is multiplied again, and nobody reads it.
  const rowAt = (index: number): I32 => addInt(b!, mulInt(minInt(addInt(column, index), N - 1), 4 * K));
  return forRange(column, from, to, ROWS_AT_ONCE, all(
    ...rows.flatMap(({ at, sum }, index) => [set(at, rowAt(index)), set(sum, f32x4.of(0))]),
    forRange(byte, 0, 4 * whole, 16, all(
      set(numbers, loadVector(addInt(x!, byte))),
      ...rows.map(({ at, sum }) => set(sum, multiplyAdd(scope, numbers, loadVector(addInt(at, byte)), sum))),
    )),
    ...rows.map(({ sum, rest }) => set(rest, sumLanes(sum))),
    forRange(byte, 4 * whole, 4 * K, 4, all(
      ...rows.map(({ at, rest }) => set(rest, addFloat(rest, mulFloat(loadFloat(addInt(x!, byte)), loadFloat(addInt(at, byte)))))),
    )),
    ...rows.map(({ rest }, index) => storeFloat(addInt(own, mulInt(subInt(column, from), 4)), rest, 4 * index)),
  ));
}

function writeSums(scope: Scope, { N, K }: MatmulExtents, { inputs: [x, b], own }: Places, from: Local<"i32">, to: Local<"i32">): Statement {
  const [column, k, at] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const number = scope.local("v128");
  const sums = Array.from({ length: VECTORS_AT_ONCE }, () => scope.local("v128"));
  return forRange(column, from, to, 4 * VECTORS_AT_ONCE, all(
    ...sums.map((sum) => set(sum, f32x4.of(0))),
    set(at, addInt(b!, mulInt(column, 4))),
    forRange(k, 0, K, 1, all(
      set(number, loadSplat(addInt(x!, mulInt(k, 4)))),
      ...sums.map((sum, index) => set(sum, multiplyAdd(scope, number, loadVector(at, 16 * index), sum))),
      set(at, addInt(at, 4 * N)),
    )),
    // What lies behind the last column is overwritten or read by nobody.
    ...sums.map((sum, index) => storeVector(addInt(own, mulInt(subInt(column, from), 4)), sum, 16 * index)),
  ));
}
