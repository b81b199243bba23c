/**
 * The elementwise part of attention's gradient. In: scores q·k and dy·v of a tile's rows. Out: in their places the powers p = e^(score − lse)
 * and the slopes p·(dy·v − delta)/√D, 0 where a row does not see a key; delta is made here, from dy and y.
 */
import {
  type F32, type I32, type Statement, addFloat, addInt, all, choose, f32x4, float, forRange, less, loadFloat, loadVector, minInt, mulFloat, mulInt, set, storeVector, subFloat, subInt, sumLanes,
} from "../../wasm/code";
import { exponentialOfNegative, multiplyAdd, textOf } from "../../wasm/math";
import type { Scope } from "../../wasm/module";
import { PANEL_ROW_BYTES } from "../../wasm/product";
import { type BackwardPlan, type CpuPlan, hideBehind, resultAt, rowNumberAt, scoreBytes } from "./cpuPlan";

export interface SlopePlaces {
  readonly given: { readonly y: I32; readonly lse: I32; readonly dY: I32 };
  readonly batch: I32;
  readonly head: I32;
  /** The tile's first row, and its rows. */
  readonly row: I32;
  readonly count: I32;
  /** The block's first key and how many it has; panels of keys that the tile sees. */
  readonly first: I32;
  readonly keys: I32;
  readonly panels: I32;
  readonly length: I32;
  readonly powers: I32;
  readonly slopes: I32;
}

/** The lse of a row that does not exist: e to any score less this is 0. */
const NEVER = 1e30;

export function writeSlopes(scope: Scope, plan: BackwardPlan, places: SlopePlaces): Statement {
  const { causal, padded, scale } = plan;
  const { given, batch, head, row, count, first, keys, panels, length, powers, slopes } = places;
  const [index, at, end, other, seen] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const [minusLse, delta] = [scope.local("v128"), scope.local("v128")];
  const token = addInt(row, index);
  const lse = loadFloat(rowNumberAt(plan, given.lse, batch, head, token));
  const from = addInt(powers, mulInt(index, scoreBytes(plan.keys)));
  const body = textOf(scope, (text) => {
    for (const half of [0, 16]) {
      const power = exponentialOfNegative(text, multiplyAdd(scope, loadVector(at, half), f32x4.of(scale), minusLse));
      const slope = f32x4.mul(f32x4.mul(power, f32x4.of(scale)), f32x4.sub(loadVector(other, half), delta));
      text.add(storeVector(at, power, half), storeVector(other, slope, half));
    }
    text.add(set(other, addInt(other, PANEL_ROW_BYTES)));
  });
  const dot = dotOf(scope, plan, resultAt(plan, given.y, batch, token, head), resultAt(plan, given.dY, batch, token, head));
  return forRange(index, 0, count, 1, all(
    dot.statement,
    set(delta, f32x4.splat(dot.sum)),
    set(minusLse, f32x4.splat(subFloat(float(0), padded ? choose(lse, float(NEVER), less(token, length)) : lse))),
    set(at, from),
    set(other, addInt(slopes, mulInt(index, scoreBytes(plan.keys)))),
    set(end, addInt(at, mulInt(panels, PANEL_ROW_BYTES))),
    forRange(at, from, end, PANEL_ROW_BYTES, body),
    causal ? all(
      set(seen, mulInt(minInt(subInt(addInt(token, 1), first), keys), 4)),
      hideBehind(addInt(from, seen), 0),
      hideBehind(addInt(addInt(slopes, mulInt(index, scoreBytes(plan.keys))), seen), 0),
    ) : all(),
  ));
}

/** Σ a·b over a head's numbers. */
function dotOf(scope: Scope, { headSize }: CpuPlan, fromA: I32, fromB: I32): { readonly statement: Statement; readonly sum: F32 } {
  const [a, b, byte] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const sums = scope.local("v128");
  const sum = scope.local("f32");
  const whole = headSize - (headSize % 4);
  const statement = all(
    set(a, fromA),
    set(b, fromB),
    set(sums, f32x4.of(0)),
    forRange(byte, 0, 4 * whole, 16, set(sums, multiplyAdd(scope, loadVector(addInt(a, byte)), loadVector(addInt(b, byte)), sums))),
    set(sum, sumLanes(sums)),
    forRange(byte, 4 * whole, 4 * headSize, 4, set(sum, addFloat(sum, mulFloat(loadFloat(addInt(a, byte)), loadFloat(addInt(b, byte)))))),
  );
  return { statement, sum };
}
