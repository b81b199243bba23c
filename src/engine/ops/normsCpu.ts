/**
 * Both norms on the CPU, forward and backward; the formulas are those of layerNorm.ts, rmsNorm.ts and normBackward.ts. In: a CpuCall. Out: a
 * phase of some rows a block. The backward pass leaves each block's share of the parameters' sums in shared memory while its rows
 * are in the first cache; a second phase adds the shares up in the order of the blocks.
 */
import type { CpuCall } from "../graph/op";
import {
  type F32, type I32, type Local, type Statement, type V128, addFloat, addInt, all, copyMemory, divFloat, f32x4, fillMemory, float, forRange, loadSplat, loadVector, minInt, mulInt, set,
  sqrtFloat, storeFloat, storeVector, subInt,
} from "../wasm/code";
import { type CpuKernel, type Phase, type Places, roundUp } from "../wasm/kernel";
import { type Text, multiplyAdd } from "../wasm/math";
import { type Finish, finishOf } from "./finishCpu";
import {
  type Matrix, SUM, type Spot, accumulate, finishBytes, finishRow, loadSpot, madeAt, matrixOf, overRow, rowAt, rowsInBlock, rowsPhase, splat, storeSpot,
  storeWhole, sumOverRow,
} from "./rowsCpu";

export type NormKind = "layerNorm" | "rmsNorm";

interface Norm extends Matrix {
  /** Whether the mean of a row is subtracted first. */
  readonly isCentered: boolean;
  /** What the forward pass keeps of a row: the mean, where it is subtracted, and what is multiplied by. */
  readonly statistics: number;
  readonly finish: Finish;
}

function normOf(call: CpuCall, kind: NormKind): Norm {
  const isCentered = kind === "layerNorm";
  return { ...matrixOf(call.inputTypes[0]!), isCentered, statistics: isCentered ? 2 : 1, finish: finishOf(call) };
}

/** Inputs: x, gain, perhaps bias. Outputs: y, statistics. */
export function lowerNormCpu(call: CpuCall, kind: NormKind): CpuKernel {
  const norm = normOf(call, kind);
  const epsilon = call.attributes["epsilon"] as number;
  const hasBias = call.inputTypes.length === 3;
  const phase = rowsPhase({ ...norm, writeRow: (text, places, row) => writeNormalized(text, norm, { epsilon, hasBias }, places, row) });
  return { phases: [phase], ownBytes: finishBytes(norm.finish, norm.columns) };
}

interface NormForward {
  readonly epsilon: number;
  readonly hasBias: boolean;
}

function writeNormalized(text: Text, { columns, isCentered, statistics, finish }: Norm, { epsilon, hasBias }: NormForward, places: Places, row: Local<"i32">): void {
  const { scope } = text;
  const [, gain, bias] = places.inputs as [I32, I32, I32];
  const x = text.hold(rowAt(places.inputs[0]!, row, columns));
  const average = (sum: F32): Local<"f32"> => text.hold(divFloat(sum, float(columns)));
  const center = isCentered ? average(sumOverRow(text, columns, (_, spot) => loadSpot(x, spot))) : undefined;
  const centers = center && splat(text, center);
  const deviation = (spot: Spot): V128 => (centers ? f32x4.sub(loadSpot(x, spot), centers) : loadSpot(x, spot));
  const variance = average(sumOverRow(text, columns, (inner, spot) => {
    const z = inner.hold(deviation(spot));
    return f32x4.mul(z, z);
  }));
  const factor = text.hold(divFloat(float(1), sqrtFloat(addFloat(variance, float(epsilon)))));
  const factors = splat(text, factor);
  const made = text.hold(madeAt(finish, places, row, columns));
  text.add(overRow(scope, columns, (inner, spot) => {
    const z = f32x4.mul(deviation(spot), factors);
    const y = hasBias ? multiplyAdd(scope, z, loadSpot(gain, spot), loadSpot(bias, spot)) : f32x4.mul(z, loadSpot(gain, spot));
    inner.add(storeSpot(made, inner.hold(y), spot));
  }));
  const kept = text.hold(rowAt(places.outputs.at(-1)!, row, statistics));
  [...(center ? [center] : []), factor].forEach((number, index) => text.add(storeFloat(kept, number, 4 * index)));
  text.add(finishRow(scope, finish, places, row, columns));
}

/** Shares of the parameters' sums: few enough that adding them up is quick, enough for any number of threads. */
const MOST_SHARES = 32;

interface Shares {
  readonly blocks: number;
  readonly columns: number;
  readonly parameters: number;
  /** Of one parameter in one share. */
  readonly bytes: number;
}

/** Inputs: x, gain, statistics, dY. Outputs: dX, dGain, perhaps dBias. */
export function lowerNormBackwardCpu(call: CpuCall, kind: NormKind): CpuKernel {
  const norm = normOf(call, kind);
  const inBlock = rowsInBlock(norm, MOST_SHARES);
  const shares: Shares = { blocks: Math.ceil(norm.rows / inBlock), columns: norm.columns, parameters: call.outputTypes.length - 1, bytes: roundUp(4 * norm.columns, 64) };
  const { parameters, bytes } = shares;
  const shareOf = ({ shared, block }: Places): I32 => addInt(shared, mulInt(block, parameters * bytes));
  const rows = rowsPhase({
    ...norm,
    inBlock,
    begin: (_, places) => fillMemory(shareOf(places), 0, parameters * bytes),
    writeRow: (text, places, row) => writeGradients(text, norm, shares, text.hold(shareOf(places)), places, row),
  });
  return { phases: [rows, sumShares(shares)], sharedBytes: shares.blocks * parameters * bytes, ownBytes: finishBytes(norm.finish, norm.columns) };
}

/** dX of a row; what the row adds to the parameters' sums is added to the share. */
function writeGradients(text: Text, { columns, isCentered, statistics, finish }: Norm, { parameters, bytes }: Shares, dGain: I32, places: Places, row: Local<"i32">): void {
  const { scope } = text;
  const [x, dY] = [text.hold(rowAt(places.inputs[0]!, row, columns)), text.hold(rowAt(places.inputs[3]!, row, columns))];
  const [gain, dBias] = [places.inputs[1]!, addInt(dGain, bytes)];
  const kept = text.hold(rowAt(places.inputs[2]!, row, statistics));
  const center = isCentered ? text.hold(loadSplat(kept)) : undefined;
  const factor = text.hold(loadSplat(kept, 4 * (statistics - 1)));
  const normalized = (spot: Spot): V128 => f32x4.mul(center ? f32x4.sub(loadSpot(x, spot), center) : loadSpot(x, spot), factor);
  const [slopes, totals] = [accumulate(scope, SUM, 2), accumulate(scope, SUM, 2)];
  text.add(slopes.begin, totals.begin, overRow(scope, columns, (inner, spot) => {
    const z = inner.hold(normalized(spot));
    const dYs = inner.hold(loadSpot(dY, spot));
    const g = inner.hold(f32x4.mul(dYs, loadSpot(gain, spot)));
    inner.add(slopes.take(f32x4.mul(g, z), spot));
    if (isCentered) inner.add(totals.take(g, spot));
    inner.add(storeWhole(dGain, multiplyAdd(scope, dYs, z, loadSpot(dGain, spot)), spot));
    if (parameters > 1) inner.add(storeWhole(dBias, f32x4.add(dYs, loadSpot(dBias, spot)), spot));
  }));
  const slope = splat(text, divFloat(slopes.end(text), float(columns)));
  const average = isCentered ? splat(text, divFloat(totals.end(text), float(columns))) : undefined;
  const made = text.hold(madeAt(finish, places, row, columns));
  text.add(overRow(scope, columns, (inner, spot) => {
    const g = f32x4.mul(loadSpot(dY, spot), loadSpot(gain, spot));
    const slant = f32x4.sub(average ? f32x4.sub(g, average) : g, f32x4.mul(normalized(spot), slope));
    inner.add(storeSpot(made, inner.hold(f32x4.mul(slant, factor)), spot));
  }));
  text.add(finishRow(scope, finish, places, row, columns));
}

/** Columns of a block: a few microseconds. */
const STRETCH = 512;

/** The parameters' gradients: all shares added to the first, which is then stored. */
function sumShares({ blocks, columns, parameters, bytes }: Shares): Phase {
  return {
    blocks: Math.ceil(columns / STRETCH),
    write: (scope, { block, shared, outputs }) => {
      const [share, byte, begin, end] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
      const sums = outputs.slice(-parameters).map((gradient, parameter): Statement => {
        const first = addInt(shared, parameter * bytes);
        const other = addInt(first, mulInt(share, parameters * bytes));
        const addOther = storeVector(addInt(first, byte), f32x4.add(loadVector(addInt(first, byte)), loadVector(addInt(other, byte))));
        return all(forRange(share, 1, blocks, 1, forRange(byte, begin, end, 16, addOther)), copyMemory(addInt(gradient, begin), addInt(first, begin), subInt(end, begin)));
      });
      return all(set(begin, mulInt(block, 4 * STRETCH)), set(end, minInt(addInt(begin, 4 * STRETCH), 4 * columns)), ...sums);
    },
  };
}
