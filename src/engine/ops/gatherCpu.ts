/**
 * Rows by index on the CPU. In: a CpuCall. Out: kernels of one phase. A gathered row is read where it lies in the table by what is done to it.
 * Added rows are summed in the order of their positions, each number by one block: `embeddingBackward` follows the sorted order, four
 * columns to a vector and eight vectors side by side; `scatterAdd` passes over all rows for the columns of its block.
 */
import type { CpuCall } from "../graph/op";
import { sizeOf } from "../graph/value";
import {
  type I32, type Local, type Statement, addFloat, addInt, all, divInt, f32x4, float, forRange, less, loadFloat, loadInt, loadVector, minInt, mulInt, remInt, set, storeFloat, storeVector, subInt, when,
} from "../wasm/code";
import { type CpuKernel, roundUp } from "../wasm/kernel";
import type { Scope } from "../wasm/module";
import { finishOf, writeFinish } from "./finishCpu";

/** Numbers that a block moves or adds, about: some ten microseconds of memory traffic. */
const BLOCK_NUMBERS = 16384;
/** Groups of rows: enough to keep any number of threads busy until the end. */
const MOST_GROUPS = 64;
/** Columns of a block where rows are added. Where ids are few, one of them may be most of the work: several blocks share it. */
const COLUMNS = 64;
const FEW_IDS = 512;
/** Vectors of sums side by side: as many as hide how long an addition takes. */
const VECTORS = 8;

/** y[n] ← table[ids[n]]: table [V, C] and ids [N] are the first two inputs. */
export function lowerGatherCpu(call: CpuCall): CpuKernel {
  const [V, C] = call.inputTypes[0]!.shape as [number, number];
  const N = sizeOf(call.inputTypes[1]!.shape);
  const finish = finishOf(call);
  const rows = Math.ceil(N / groupsFor(N, N * C));
  return {
    phases: [
      {
        blocks: Math.ceil(N / rows),
        write: (scope, places) => {
          const [table, ids] = places.inputs as [I32, I32];
          const [n, first, from] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
          // An id that is none, as where no logit was a number, reads the last row; it must not read what others keep in this memory.
          const id = minInt(loadInt(addInt(ids, mulInt(n, 4))), V - 1);
          return all(
            set(first, mulInt(places.block, rows)),
            forRange(n, first, minInt(addInt(first, rows), N), 1, all(
              set(from, mulInt(n, C)),
              writeFinish(scope, finish, places, { at: addInt(table, mulInt(id, 4 * C)), from, to: addInt(from, C), unit: C }),
            )),
          );
        },
      },
    ],
  };
}

/** dTable[v] ← Σ dY[order[k]], k in starts[v] … starts[v + 1], in order. Inputs: ids, order [N], starts [V + 1], dY [N, C]. */
export function lowerEmbeddingBackwardCpu(call: CpuCall): CpuKernel {
  const [V, C] = call.outputTypes[0]!.shape as [number, number];
  const N = sizeOf(call.inputTypes[1]!.shape);
  const finish = finishOf(call);
  const columns = V < FEW_IDS ? Math.min(C, COLUMNS) : C;
  const stripes = Math.ceil(C / columns);
  const rows = Math.ceil(V / groupsFor(V, ((N + V) * C) / stripes));
  const unit = C % columns === 0 ? columns : C % 4 === 0 ? 4 : 1;
  return {
    ownBytes: roundUp(4 * columns, 16 * VECTORS),
    phases: [
      {
        blocks: Math.ceil(V / rows) * stripes,
        write: (scope, places) => {
          const [, order, starts, dY] = places.inputs as [I32, I32, I32, I32];
          const [v, first, from, to] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
          const start = addInt(starts, mulInt(v, 4));
          const row = mulInt(v, C);
          return all(
            set(first, mulInt(divInt(places.block, stripes), rows)),
            set(from, mulInt(remInt(places.block, stripes), columns)),
            set(to, minInt(addInt(from, columns), C)),
            forRange(v, first, minInt(addInt(first, rows), V), 1, all(
              sumRows(scope, { C, order, dY, sums: places.own, from, to, start: loadInt(start), end: loadInt(start, 4) }),
              writeFinish(scope, finish, places, { at: places.own, from: addInt(row, from), to: addInt(row, to), unit }),
            )),
          );
        },
      },
    ],
  };
}

interface SumRows {
  readonly C: number;
  readonly order: I32;
  readonly dY: I32;
  /** Where the sums of columns [from, to) go. */
  readonly sums: I32;
  readonly from: Local<"i32">;
  readonly to: Local<"i32">;
  /** Places in the order. */
  readonly start: I32;
  readonly end: I32;
}

/** What is read and summed behind the last column, nobody asks for. */
function sumRows(scope: Scope, { C, order, dY, sums, from, to, start, end }: SumRows): Statement {
  const vectors = Math.min(VECTORS, Math.ceil(C / 4));
  const [column, k, last, at] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const totals = Array.from({ length: vectors }, () => scope.local("v128"));
  return forRange(column, from, to, 4 * vectors, all(
    set(last, end),
    ...totals.map((total) => set(total, f32x4.of(0))),
    forRange(k, start, last, 1, all(
      set(at, addInt(addInt(dY, mulInt(column, 4)), mulInt(loadInt(addInt(order, mulInt(k, 4))), 4 * C))),
      ...totals.map((total, index) => set(total, f32x4.add(total, loadVector(at, 16 * index)))),
    )),
    ...totals.map((total, index) => storeVector(addInt(sums, mulInt(subInt(column, from), 4)), total, 16 * index)),
  ));
}

/** table[v] ← Σ of the rows n with ids[n] = v. Inputs: rows [N, C], ids [N]. */
export function lowerScatterAddCpu({ inputTypes, outputTypes }: CpuCall): CpuKernel {
  const [N, C] = inputTypes[0]!.shape as [number, number];
  const V = outputTypes[0]!.shape[0]!;
  const whole = C - (C % 4);
  return {
    phases: [
      {
        blocks: Math.ceil(C / COLUMNS),
        write: (scope, { block, inputs, outputs: [table] }) => {
          const [rows, ids] = inputs as [I32, I32];
          const [n, v, from, to, id] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
          const [source, target, column] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
          const rowOf = (base: I32, index: I32): I32 => addInt(base, mulInt(index, 4 * C));
          const [x, y] = [addInt(source, mulInt(column, 4)), addInt(target, mulInt(column, 4))];
          const overColumns = (four: Statement, one: Statement): Statement =>
            all(forRange(column, from, minInt(to, whole), 4, four), ...(whole === C ? [] : [when(less(whole, to), forRange(column, whole, C, 1, one))]));
          return all(
            set(from, mulInt(block, COLUMNS)),
            set(to, minInt(addInt(from, COLUMNS), C)),
            forRange(v, 0, V, 1, all(set(target, rowOf(table!, v)), overColumns(storeVector(y, f32x4.of(0)), storeFloat(y, float(0))))),
            forRange(n, 0, N, 1, all(
              set(id, loadInt(addInt(ids, mulInt(n, 4)))),
              when(less(id, V), all(
                set(source, rowOf(rows, n)),
                set(target, rowOf(table!, id)),
                overColumns(storeVector(y, f32x4.add(loadVector(y), loadVector(x))), storeFloat(y, addFloat(loadFloat(y), loadFloat(x)))),
              )),
            )),
          );
        },
      },
    ],
  };
}


/** Groups that so many rows are cut into when `numbers` are moved. */
const groupsFor = (rows: number, numbers: number): number => Math.max(1, Math.min(rows, MOST_GROUPS, Math.ceil(numbers / BLOCK_NUMBERS)));
