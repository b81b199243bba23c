/**
 * Moves of numbers on the CPU. In: which number goes where. Out: kernels of one phase whose blocks each fill a part of the output. Words are
 * moved as they are, so that f32 and u32 are alike. Neighbors that stay neighbors are copied in fours; others one by one.
 */
import { type TensorType, sizeOf } from "../graph/value";
import {
  type I32, type Statement, addInt, all, andInt, choose, divInt, f32x4, forRange, int, less, loadInt, loadVector, minInt, mulInt, notEqual, remInt, set, storeInt, storeVector, subInt, when,
} from "../wasm/code";
import type { CpuKernel } from "../wasm/kernel";
import type { Scope } from "../wasm/module";

/** y[i] = x[source(i)], where `source` is affine in the output's coordinates: Σ coordinate · stride + offset. */
export interface Gathering {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Numbers of a block: some ten microseconds of memory traffic. */
const BLOCK_NUMBERS = 16384;

/** Places of words, counted from an address of each side. */
interface Range {
  readonly from: I32;
  readonly to: I32;
}

/** Four words at a time and the rest one by one; nothing where the range is empty. */
function writeRange(scope: Scope, range: Range, four: (byte: I32) => Statement, one: (byte: I32) => Statement): Statement {
  const [byte, from, rest, to] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
  return all(
    set(from, mulInt(range.from, 4)),
    set(to, mulInt(range.to, 4)),
    when(less(from, to), all(
      set(rest, subInt(to, andInt(subInt(to, from), 15))),
      forRange(byte, from, rest, 16, four(byte)),
      forRange(byte, rest, to, 4, one(byte)),
    )),
  );
}

const copyRange = (scope: Scope, range: Range, x: I32, y: I32): Statement =>
  writeRange(scope, range, (byte) => storeVector(addInt(y, byte), loadVector(addInt(x, byte))), (byte) => storeInt(addInt(y, byte), loadInt(addInt(x, byte))));

const clearRange = (scope: Scope, range: Range, y: I32): Statement =>
  writeRange(scope, range, (byte) => storeVector(addInt(y, byte), f32x4.of(0)), (byte) => storeInt(addInt(y, byte), int(0)));

/** Axes of one number left out, and those that lie as one in the source joined: the last is as long as it can be. */
function joinAxes({ shape, strides }: Gathering): readonly { readonly length: number; readonly stride: number }[] {
  const joined: { length: number; stride: number }[] = [];
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const stride = strides[axis]!;
    const last = joined.at(-1);
    if (last && last.stride === stride * length) joined[joined.length - 1] = { length: last.length * length, stride };
    else joined.push({ length, stride });
  });
  return joined.length === 0 ? [{ length: 1, stride: 1 }] : joined;
}

export function lowerMoveCpu(gathering: Gathering): CpuKernel {
  const axes = joinAxes(gathering);
  const { length, stride } = axes.at(-1)!;
  const outer = axes.slice(0, -1);
  const rows = sizeOf(outer.map((axis) => axis.length));
  // A block is some rows, or a piece of one.
  const piece = Math.min(length, BLOCK_NUMBERS);
  const pieces = Math.ceil(length / piece);
  const rowsAtOnce = Math.max(1, Math.floor(BLOCK_NUMBERS / length));
  return {
    phases: [
      {
        blocks: Math.ceil(rows / rowsAtOnce) * pieces,
        write: (scope, { block, inputs: [x], outputs: [y] }) => {
          const [row, first, index, end] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
          const [source, target, at] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
          let inner = rows;
          const terms = outer.map((axis) => {
            inner /= axis.length;
            return mulInt(remInt(divInt(row, inner), axis.length), 4 * axis.stride);
          });
          const moveRow = stride === 1
            ? copyRange(scope, { from: index, to: end }, source, target)
            : forRange(at, index, end, 1, storeInt(addInt(target, mulInt(at, 4)), loadInt(addInt(source, mulInt(at, 4 * stride)))));
          return all(
            set(first, mulInt(divInt(block, pieces), rowsAtOnce)),
            forRange(row, first, minInt(addInt(first, rowsAtOnce), rows), 1, all(
              set(source, addInt(addInt(x!, 4 * gathering.offset), terms.reduce(addInt, int(0)))),
              set(target, addInt(y!, mulInt(row, 4 * length))),
              set(index, mulInt(remInt(block, pieces), piece)),
              set(end, minInt(addInt(index, piece), length)),
              moveRow,
            )),
          );
        },
      },
    ],
  };
}

/** The input in the middle of zeros: `length` long on an axis, from `start` on. */
export function lowerPadCpu({ shape }: TensorType, { axis, start, length }: { readonly axis: number; readonly start: number; readonly length: number }): CpuKernel {
  const inner = sizeOf(shape.slice(axis + 1));
  // What is next to each other on both sides, and where it begins in each row of the output.
  const [run, row, before] = [shape[axis]! * inner, length * inner, start * inner];
  const numbers = sizeOf(shape.slice(0, axis)) * row;
  return {
    phases: [
      {
        blocks: Math.ceil(numbers / BLOCK_NUMBERS),
        write: (scope, { block, inputs: [x], outputs: [y] }) => {
          const [first, end, index, at, source] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
          const inBlock = (from: I32, to: I32): Range => ({ from: maxInt(from, first), to: minInt(to, end) });
          const [begin, stop] = [addInt(at, before), addInt(at, before + run)];
          return all(
            set(first, mulInt(block, BLOCK_NUMBERS)),
            set(end, minInt(addInt(first, BLOCK_NUMBERS), numbers)),
            forRange(index, divInt(first, row), addInt(divInt(subInt(end, 1), row), 1), 1, all(
              set(at, mulInt(index, row)),
              // As if the input were as long as the output: both are counted alike.
              set(source, addInt(x!, mulInt(subInt(mulInt(index, run), begin), 4))),
              clearRange(scope, inBlock(at, begin), y!),
              copyRange(scope, inBlock(begin, stop), source, y!),
              clearRange(scope, inBlock(stop, addInt(at, row)), y!),
            )),
          );
        },
      },
    ],
  };
}

const maxInt = (a: I32, b: I32): I32 => choose(a, b, less(b, a));

/** The inputs one behind the other. One that was made in its place is there already. */
export function lowerJoinCpu(types: readonly TensorType[]): CpuKernel {
  let [numbers, blocks] = [0, 0];
  const parts = types.map(({ shape }) => {
    const part = { size: sizeOf(shape), start: numbers, firstBlock: blocks };
    numbers += part.size;
    blocks += Math.ceil(part.size / BLOCK_NUMBERS);
    return part;
  });
  return {
    phases: [
      {
        blocks,
        write: (scope, { block, inputs, outputs: [y] }) => {
          const [first, target] = [scope.local("i32"), scope.local("i32")];
          const copyPart = ({ size, start, firstBlock }: (typeof parts)[number], x: I32): Statement => all(
            set(target, addInt(y!, 4 * start)),
            set(first, mulInt(subInt(block, firstBlock), BLOCK_NUMBERS)),
            when(notEqual(x, target), copyRange(scope, { from: first, to: minInt(addInt(first, BLOCK_NUMBERS), size) }, x, target)),
          );
          // The last part that begins at or before the block.
          return parts.reduce((earlier, part, index) => (index === 0 ? copyPart(part, inputs[0]!) : when(less(block, part.firstBlock), earlier, copyPart(part, inputs[index]!))), all());
        },
      },
    ],
  };
}

/** Single numbers side by side. */
export const lowerStackCpu = (): CpuKernel => ({
  phases: [{ blocks: 1, write: (_, { inputs, outputs: [y] }) => all(...inputs.map((input, index) => storeInt(y!, loadInt(input), 4 * index))) }],
});
