/**
 * Sums and maxima on the CPU. In: a CpuCall, how two numbers become one. Out: one phase, or two where one result takes more numbers than a
 * block should: pieces into shared memory, then the pieces in their order. Numbers come out of an expression, the prologue or the
 * input itself, and are combined as they are made: four sums side by side along rows (inner = 1), a row of sums for columns.
 */
import type { CpuCall } from "../graph/op";
import type { TensorType } from "../graph/value";
import {
  type I32, type Statement, addInt, all, copyMemory, divInt, equal, f32x4, forRange, int, loadVector, minInt, mulInt, remInt, set, storeFloat, storeVector, subInt, when,
} from "../wasm/code";
import { type CpuKernel, type Phase, type Places, roundUp } from "../wasm/kernel";
import { type Text, textOf } from "../wasm/math";
import type { Expression } from "./expression";
import { type ExpressionRange, type Sink, unitOf, writeExpression } from "./expressionVector";
import { type Extents, reducedExtents, reducedShape } from "./reduceKernel";
import { type Combining, TURNS, accumulate, onlyFirst, rowAt, rowsPhase } from "./rowsCpu";

/** The numbers that are reduced: an expression over [outer, reduced, inner], however its shape is written. */
interface Source {
  readonly expression: Expression;
  readonly types: readonly TensorType[];
  readonly inputs: (places: Places) => readonly I32[];
}

/** Where results go, one for each of [outer, inner]. */
type Target = (places: Places) => I32;

/** Numbers of a piece, about: some microseconds. */
const PIECE = 32768;
const MOST_PIECES = 256;

export function lowerReduceCpu({ inputTypes, attributes }: CpuCall, combining: Combining): CpuKernel {
  const shape = reducedShape(inputTypes, attributes);
  const extents = reducedExtents(shape, attributes);
  const prologue = attributes["prologue"] as unknown as Expression | undefined;
  const source: Source = { expression: prologue ?? plain(shape), types: inputTypes, inputs: ({ inputs }) => inputs };
  const result: Target = ({ outputs }) => outputs[0]!;
  return extents.inner === 1 ? lowerRows(extents, source, combining, result) : lowerColumns(extents, source, combining, result);
}

const plain = (shape: readonly number[]): Expression => ({ shape, steps: [], results: ["x0"] });

/** Numbers that an earlier phase left in shared memory. */
const shared = (shape: readonly number[]): Source => ({ expression: plain(shape), types: [{ shape, dtype: "f32" }], inputs: (places) => [places.shared] });

/** Behind what is stored in scratch memory: whole vectors are read and written there. */
const SLACK = 64;

/** How a row is cut: its last `rest` numbers, which do not fill a vector, come by themselves where the row is in pieces. */
interface Cuts {
  readonly pieces: number;
  readonly piece: number;
  readonly unit: number;
  readonly rest: number;
}

function cutRow({ outer, reduced }: Extents, { expression, types }: Source): Cuts {
  const whole: Cuts = { pieces: 1, piece: reduced, unit: reduced, rest: 0 };
  const wanted = Math.min(MOST_PIECES, Math.ceil(reduced / PIECE));
  if (wanted === 1) return whole;
  const found = unitOf(expression, types, reduced);
  // Where rows do not come in fours, only the first one begins where a vector may.
  if (found === undefined && reduced % 4 !== 0 && outer > 1) return whole;
  const unit = found ?? 4;
  const piece = roundUp(Math.ceil(reduced / wanted), unit);
  const rest = found === undefined ? reduced % 4 : 0;
  return { pieces: Math.ceil((reduced - rest) / piece), piece, unit, rest };
}

function lowerRows(extents: Extents, source: Source, combining: Combining, result: Target): CpuKernel {
  const { outer, reduced } = extents;
  const { pieces, piece, unit, rest } = cutRow(extents, source);
  if (pieces === 1) return { phases: [reduceRows(extents, source, combining, result)] };
  const first: Phase = {
    blocks: outer * pieces,
    write: (scope, places) => {
      const { block } = places;
      return textOf(scope, (text) => {
        const index = text.hold(remInt(block, pieces));
        const row = text.hold(mulInt(divInt(block, pieces), reduced));
        const from = text.hold(addInt(row, mulInt(index, piece)));
        const to = minInt(addInt(from, piece), addInt(row, reduced - rest));
        writeReduction(text, source, combining, places, addInt(places.shared, mulInt(block, 4)), (make) => {
          const behind = rest === 0 ? all() : when(equal(index, pieces - 1), make({ from: reduced - rest, to: reduced, unit: 1 }));
          return all(make({ from, to, unit }), behind);
        });
      });
    },
  };
  const left = { outer, reduced: pieces, inner: 1 };
  return { phases: [first, reduceRows(left, shared([outer, pieces]), combining, result)], sharedBytes: 4 * outer * pieces + SLACK };
}

/** Whole rows. */
function reduceRows({ outer, reduced }: Extents, source: Source, combining: Combining, result: Target): Phase {
  return rowsPhase({
    rows: outer,
    columns: reduced,
    writeRow: (text, places, row) => {
      const from = text.hold(mulInt(row, reduced));
      writeReduction(text, source, combining, places, rowAt(result(places), row, 1), (make) => make({ from, to: addInt(from, reduced), unit: reduced }));
    },
  });
}

/** Longer expressions keep the processor busy one vector after another. */
const MOST_STEPS_IN_TURNS = 3;

/** Stores what the numbers of all ranges that are made come to. */
function writeReduction(
  text: Text, { expression, types, inputs }: Source, combining: Combining, places: Places, to: I32, write: (make: (range: ExpressionRange) => Statement) => Statement,
): void {
  const turns = expression.steps.length <= MOST_STEPS_IN_TURNS ? TURNS : 1;
  const result = accumulate(text.scope, combining, turns);
  const sink: Sink = { turns, take: (value, spot) => [result.take(value, spot)] };
  // Numbers that are combined as they are made are stored nowhere.
  const numbers = { inputs: inputs(places), outputs: [int(0)] };
  text.add(result.begin, write((range) => writeExpression(text.scope, expression, types, numbers, range, sink)));
  text.add(storeFloat(to, result.end(text)));
}

/** Columns of a block at most, where they can be halved: their sums stay in the first cache. */
const STRETCH = 1024;
/** Blocks that are worth cutting columns for. */
const WANTED_BLOCKS = 32;

function lowerColumns({ outer, reduced, inner }: Extents, source: Source, combining: Combining, result: Target): CpuKernel {
  const stretch = halve(inner);
  const wanted = Math.ceil((WANTED_BLOCKS * stretch) / (outer * inner));
  const height = Math.ceil(reduced / Math.max(1, Math.min(wanted, Math.ceil((reduced * stretch) / PIECE))));
  const pieces = Math.ceil(reduced / height);
  const ownBytes = 4 * stretch + SLACK;
  const columns = { outer, reduced, inner, stretch, height };
  if (pieces === 1) return { phases: [reduceColumns(columns, source, combining, result)], ownBytes };
  const first = reduceColumns(columns, source, combining, (places) => places.shared);
  const second = reduceColumns({ ...columns, reduced: pieces, height: pieces }, shared([outer, pieces, inner]), combining, result);
  return { phases: [first, second], sharedBytes: 4 * outer * pieces * inner + SLACK, ownBytes };
}

const halve = (length: number): number => (length > STRETCH && length % 8 === 0 ? halve(length / 2) : length);

interface Columns extends Extents {
  /** Columns and rows of a block. */
  readonly stretch: number;
  readonly height: number;
}

/** Results for [outer, piece, inner], a piece being `height` rows: they grow in own memory, row by row. */
function reduceColumns({ outer, reduced, inner, stretch, height }: Columns, { expression, types, inputs }: Source, combining: Combining, result: Target): Phase {
  const [stretches, pieces] = [inner / stretch, Math.ceil(reduced / height)];
  /** What does not belong to the stretch is combined with what changes nothing. */
  const sink: Sink = {
    turns: 1,
    take: (value, { to, count }) => [storeVector(to, combining.combine(loadVector(to), onlyFirst(value, count, combining.start)))],
  };
  return {
    blocks: outer * pieces * stretches,
    write: (scope, places) => {
      const { block, own } = places;
      const [column, piece, matrix, row, byte, from] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
      const addRow = writeExpression(
        scope, expression, types, { inputs: inputs(places), outputs: [subInt(own, mulInt(from, 4))] }, { from, to: addInt(from, stretch), unit: stretch }, sink,
      );
      const first = mulInt(remInt(piece, pieces), height);
      return all(
        set(column, mulInt(remInt(block, stretches), stretch)),
        set(piece, divInt(block, stretches)),
        set(matrix, mulInt(divInt(piece, pieces), reduced)),
        forRange(byte, 0, 4 * stretch, 16, storeVector(addInt(own, byte), f32x4.of(combining.start))),
        forRange(row, first, minInt(addInt(first, height), reduced), 1, all(set(from, addInt(mulInt(addInt(matrix, row), inner), column)), addRow)),
        copyMemory(addInt(result(places), mulInt(addInt(mulInt(piece, inner), column), 4)), own, 4 * stretch),
      );
    },
  };
}
