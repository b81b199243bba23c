/**
 * Both norms on the CPU, forward and backward; the formulas are those of layerNorm.ts, rmsNorm.ts and normBackward.ts. In: a CpuCall. Out: a
 * phase of some rows a block. The backward pass leaves each block's share of the parameters' sums in shared memory while its rows
 * are in the first cache; a second phase adds the shares up in the order of the blocks.
 */
import type { CpuCall } from "../graph/op";
import { sizeOf } from "../graph/value";
import {
  type F32, type I32, type V128, addFloat, addInt, all, copyMemory, divFloat, f32x4, fillMemory, float, forRange, loadSplat, loadVector, minInt, mulInt, set, sqrtFloat, storeFloat, storeVector, subInt,
} from "../wasm/code";
import { type CpuKernel, type Phase, roundUp } from "../wasm/kernel";
import { type Text, multiplyAdd, textOf } from "../wasm/math";
import {
  type Matrix, type Spot, SUM, finishBytes, finishRow, gather, loadSpot, madeAt, overRow, rowAt, rowFinishOf, rowsInBlock, rowsPhase, splat, storeSpot, storeWhole, sumOverRow,
} from "./rowsCpu";

/** What the forward pass keeps of a row: mean and 1/deviation, or 1/root alone. */
export type NormKind = "layerNorm" | "rmsNorm";

const matrixOf = ({ inputTypes }: CpuCall): Matrix => ({ rows: sizeOf(inputTypes[0]!.shape.slice(0, -1)), columns: inputTypes[0]!.shape.at(-1)! });
const statisticsBytes = (kind: NormKind): number => (kind === "layerNorm" ? 8 : 4);

/** Inputs: x, gain, perhaps bias. Outputs: y, statistics. */
export function lowerNormCpu(call: CpuCall, kind: NormKind): CpuKernel {
  const matrix = matrixOf(call);
  const { columns } = matrix;
  const finish = rowFinishOf(call);
  const isCentered = kind === "layerNorm";
  const hasBias = call.inputTypes.length === 3;
  const epsilon = call.attributes["epsilon"] as number;
  const average = (sum: F32): F32 => divFloat(sum, float(columns));
  const phase = rowsPhase(matrix, (scope, places, row) => textOf(scope, (text) => {
    const [, gain, bias] = places.inputs as [I32, I32, I32];
    const x = text.hold(rowAt(places.inputs[0]!, row, columns));
    const made = text.hold(madeAt(finish, places, row, columns));
    const center = isCentered ? text.hold(average(sumOverRow(text, columns, (_, spot) => loadSpot(x, spot)))) : undefined;
    const centers = center && splat(text, center);
    const deviation = (inner: Text, spot: Spot): V128 => (centers ? inner.hold(f32x4.sub(loadSpot(x, spot), centers)) : inner.hold(loadSpot(x, spot)));
    const squares = sumOverRow(text, columns, (inner, spot) => {
      const z = deviation(inner, spot);
      return f32x4.mul(z, z);
    });
    const factor = text.hold(divFloat(float(1), sqrtFloat(addFloat(average(squares), float(epsilon)))));
    const factors = splat(text, factor);
    text.add(overRow(scope, columns, (inner, spot) => {
      const z = inner.hold(f32x4.mul(deviation(inner, spot), factors));
      const y = hasBias ? multiplyAdd(scope, z, loadSpot(gain, spot), loadSpot(bias, spot)) : f32x4.mul(z, loadSpot(gain, spot));
      inner.add(storeSpot(made, inner.hold(y), spot));
    }));
    const statistics = text.hold(addInt(places.outputs.at(-1)!, mulInt(row, statisticsBytes(kind))));
    text.add(...(center ? [storeFloat(statistics, center), storeFloat(statistics, factor, 4)] : [storeFloat(statistics, factor)]));
    text.add(finishRow(scope, finish, places, row, columns));
  }));
  return { phases: [phase], ownBytes: finishBytes(finish, columns) };
}

/** Shares of the parameters' sums: few enough that adding them up is quick, enough for any number of threads. */
const MOST_SHARES = 32;

/** Inputs: x, gain, statistics, dY. Outputs: dX, dGain, perhaps dBias. */
export function lowerNormBackwardCpu(call: CpuCall, kind: NormKind): CpuKernel {
  const matrix = matrixOf(call);
  const { columns } = matrix;
  const finish = rowFinishOf(call);
  const inBlock = rowsInBlock(matrix, MOST_SHARES);
  const parameters = call.outputTypes.length - 1;
  const shareBytes = roundUp(4 * columns, 64);
  const blockBytes = parameters * shareBytes;
  const isCentered = kind === "layerNorm";
  const shareOf = (places: { readonly shared: I32; readonly block: I32 }): I32 => addInt(places.shared, mulInt(places.block, blockBytes));
  const writeRow: Parameters<typeof rowsPhase>[1] = (scope, places, row) => textOf(scope, (text) => {
    const gain = places.inputs[1]!;
    const [x, dY] = [text.hold(rowAt(places.inputs[0]!, row, columns)), text.hold(rowAt(places.inputs[3]!, row, columns))];
    const statistics = text.hold(addInt(places.inputs[2]!, mulInt(row, statisticsBytes(kind))));
    const center = isCentered ? text.hold(loadSplat(statistics)) : undefined;
    const factor = text.hold(loadSplat(statistics, isCentered ? 4 : 0));
    const share = text.hold(shareOf(places));
    const normalized = (inner: Text, spot: Spot): V128 => inner.hold(f32x4.mul(center ? f32x4.sub(loadSpot(x, spot), center) : loadSpot(x, spot), factor));
    const [slopes, totals] = [gather(scope, SUM, 2), gather(scope, SUM, 2)];
    text.add(slopes.begin, ...(isCentered ? [totals.begin] : []), overRow(scope, columns, (inner, spot) => {
      const z = normalized(inner, spot);
      const dYs = inner.hold(loadSpot(dY, spot));
      const g = inner.hold(f32x4.mul(dYs, loadSpot(gain, spot)));
      inner.add(slopes.take(f32x4.mul(g, z), spot), ...(isCentered ? [totals.take(g, spot)] : []));
      inner.add(storeWhole(share, multiplyAdd(scope, dYs, z, loadSpot(share, spot)), spot));
      if (parameters > 1) inner.add(storeWhole(addInt(share, shareBytes), f32x4.add(loadSpot(addInt(share, shareBytes), spot), dYs), spot));
    }));
    const slope = splat(text, divFloat(slopes.end(text), float(columns)));
    const average = isCentered ? splat(text, divFloat(totals.end(text), float(columns))) : undefined;
    const made = text.hold(madeAt(finish, places, row, columns));
    text.add(overRow(scope, columns, (inner, spot) => {
      const z = normalized(inner, spot);
      const g = f32x4.mul(loadSpot(dY, spot), loadSpot(gain, spot));
      const slant = f32x4.sub(average ? f32x4.sub(g, average) : g, f32x4.mul(z, slope));
      inner.add(storeSpot(made, inner.hold(f32x4.mul(slant, factor)), spot));
    }));
    text.add(finishRow(scope, finish, places, row, columns));
  });
  const rows = rowsPhase(matrix, writeRow, inBlock, (_, places) => fillMemory(shareOf(places), 0, blockBytes));
  return {
    phases: [rows, sumShares({ shares: rows.blocks, columns, parameters, shareBytes })],
    sharedBytes: rows.blocks * blockBytes,
    ownBytes: finishBytes(finish, columns),
  };
}

interface Shares {
  readonly shares: number;
  readonly columns: number;
  readonly parameters: number;
  /** Of one parameter in one share. */
  readonly shareBytes: number;
}

/** Columns of a block: a few microseconds. */
const STRETCH = 512;

/** The parameters' gradients: all shares added to the first, which is then stored. */
function sumShares({ shares, columns, parameters, shareBytes }: Shares): Phase {
  return {
    blocks: Math.ceil(columns / STRETCH),
    write: (scope, { block, shared, outputs }) => {
      const [share, byte, begin, end] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
      const gradients = outputs.slice(-parameters).map((gradient, parameter) => {
        const first = addInt(shared, parameter * shareBytes);
        const from = addInt(addInt(shared, parameter * shareBytes), mulInt(share, parameters * shareBytes));
        const addShare = forRange(byte, begin, end, 16, storeVector(addInt(first, byte), f32x4.add(loadVector(addInt(first, byte)), loadVector(addInt(from, byte)))));
        return all(forRange(share, 1, shares, 1, addShare), copyMemory(addInt(gradient, begin), addInt(first, begin), subInt(end, begin)));
      });
      return all(set(begin, mulInt(block, 4 * STRETCH)), set(end, minInt(addInt(begin, 4 * STRETCH), 4 * columns)), ...gradients);
    },
  };
}
