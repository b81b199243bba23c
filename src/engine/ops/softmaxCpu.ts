/**
 * Softmax and cross-entropy on the CPU; the formulas are those of softmax.ts and crossEntropy.ts. In: a CpuCall. Out: one phase of some rows a
 * block. A row is read once for its maximum and once for its powers, which are kept where the result will be and then made shares.
 */
import type { CpuCall } from "../graph/op";
import {
  type F32, type Local, addInt, choose, divFloat, f32x4, float, less, loadFloat, loadInt, minInt, mulFloat, mulInt, storeFloat, subFloat, when,
} from "../wasm/code";
import type { CpuKernel } from "../wasm/kernel";
import { type Text, exponentialOfNegative, logarithm } from "../wasm/math";
import { MAXIMUM, SUM, accumulate, combineOverRow, loadSpot, matrixOf, overRow, rowAt, rowsPhase, splat, storeSpot, sumOverRow } from "./rowsCpu";

/** Stores e^(x − max) of a row and gives their sum and the maximum. */
function writePowers(text: Text, columns: number, x: Local<"i32">, y: Local<"i32">): { readonly top: Local<"f32">; readonly total: Local<"f32"> } {
  const top = combineOverRow(text, columns, MAXIMUM, (_, spot) => loadSpot(x, spot));
  const tops = splat(text, top);
  const sums = accumulate(text.scope, SUM);
  text.add(sums.begin, overRow(text.scope, columns, (inner, spot) => {
    const power = exponentialOfNegative(inner, f32x4.sub(loadSpot(x, spot), tops));
    inner.add(storeSpot(y, inner.hold(power), spot), sums.take(power, spot));
  }));
  return { top, total: sums.end(text) };
}

/** Multiplies a row. */
function scaleRow(text: Text, columns: number, y: Local<"i32">, factor: F32): void {
  const factors = splat(text, factor);
  text.add(overRow(text.scope, columns, (inner, spot) => inner.add(storeSpot(y, inner.hold(f32x4.mul(loadSpot(y, spot), factors)), spot))));
}

export function lowerSoftmaxCpu({ inputTypes: [type] }: CpuCall): CpuKernel {
  const matrix = matrixOf(type!);
  const { columns } = matrix;
  const phase = rowsPhase({ ...matrix, writeRow: (text, { inputs, outputs }, row) => {
    const [x, y] = [text.hold(rowAt(inputs[0]!, row, columns)), text.hold(rowAt(outputs[0]!, row, columns))];
    const { total } = writePowers(text, columns, x, y);
    scaleRow(text, columns, y, divFloat(float(1), total));
  } });
  return { phases: [phase] };
}

/** Inputs: y, dY. */
export function lowerSoftmaxBackwardCpu({ inputTypes: [type] }: CpuCall): CpuKernel {
  const matrix = matrixOf(type!);
  const { columns } = matrix;
  const phase = rowsPhase({ ...matrix, writeRow: (text, { inputs, outputs }, row) => {
    const [y, dY, dX] = [inputs[0]!, inputs[1]!, outputs[0]!].map((operand) => text.hold(rowAt(operand, row, columns)));
    const average = splat(text, sumOverRow(text, columns, (_, spot) => f32x4.mul(loadSpot(y!, spot), loadSpot(dY!, spot))));
    text.add(overRow(text.scope, columns, (inner, spot) => {
      const slope = f32x4.mul(loadSpot(y!, spot), f32x4.sub(loadSpot(dY!, spot), average));
      inner.add(storeSpot(dX!, inner.hold(slope), spot));
    }));
  } });
  return { phases: [phase] };
}

/** Inputs: logits, targets. Outputs: loss, slope. A target beyond the columns is ignored. */
export function lowerCrossEntropyCpu({ inputTypes: [type], attributes }: CpuCall): CpuKernel {
  const matrix = matrixOf(type!);
  const { columns } = matrix;
  const phase = rowsPhase({ ...matrix, writeRow: (text, { inputs, outputs }, row) => {
    const [logits, slope] = [text.hold(rowAt(inputs[0]!, row, columns)), text.hold(rowAt(outputs[1]!, row, columns))];
    const target = text.hold(loadInt(rowAt(inputs[1]!, row, 1)));
    const isMeant = text.hold(less(target, columns));
    const weight = text.hold(choose(float(attributes["weight"] as number), float(0), isMeant));
    const ofTarget = text.hold(mulInt(minInt(target, columns - 1), 4));
    const wanted = text.hold(loadFloat(addInt(logits, ofTarget)));
    const { top, total } = writePowers(text, columns, logits, slope);
    const logSum = text.hold(logarithm(text, splat(text, total)));
    const loss = mulFloat(weight, subFloat(f32x4.lane(logSum, 0), subFloat(wanted, top)));
    text.add(storeFloat(rowAt(outputs[0]!, row, 1), choose(loss, float(0), isMeant)));
    scaleRow(text, columns, slope, divFloat(weight, total));
    const place = text.hold(addInt(slope, ofTarget));
    text.add(when(isMeant, storeFloat(place, subFloat(loadFloat(place), weight))));
  } });
  return { phases: [phase] };
}
