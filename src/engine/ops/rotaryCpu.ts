/**
 * Rotary on the CPU, forward (turned by the angles) and backward (turned back). In: a CpuCall, which input holds what. Out: one phase, each
 * block some tokens: both halves of a head are read before either is written, four pairs at once.
 */
import type { CpuCall } from "../graph/op";
import {
  type I32, type Statement, addFloat, addInt, all, copyMemory, f32x4, forRange, loadFloat, loadVector, minInt, mulFloat, mulInt, remInt, set, storeFloat, storeVector, subFloat,
} from "../wasm/code";
import type { CpuKernel } from "../wasm/kernel";
import { textOf } from "../wasm/math";
import type { Scope } from "../wasm/module";

/** Numbers of a block. */
const BLOCK_NUMBERS = 16384;

export interface Turn {
  readonly x: number;
  readonly cos: number;
  readonly sin: number;
  readonly direction: "forward" | "backward";
}

export function lowerTurnCpu({ outputTypes, attributes }: CpuCall, turn: Turn): CpuKernel {
  const { heads, headSize } = attributes as { heads: number; headSize: number };
  const [B, T, W] = outputTypes[0]!.shape as [number, number, number];
  const tokens = B * T;
  const inBlock = Math.max(1, Math.floor(BLOCK_NUMBERS / W));
  return {
    phases: [
      {
        blocks: Math.ceil(tokens / inBlock),
        write: (scope, { block, inputs, outputs }) => {
          const [token, end, head, x, y, cos, sin] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
          const first = mulInt(block, inBlock);
          const angle = mulInt(remInt(token, T), 2 * headSize);
          const rest = 4 * (W - heads * headSize);
          return all(
            set(end, minInt(addInt(first, inBlock), tokens)),
            forRange(token, first, end, 1, all(
              set(x, addInt(inputs[turn.x]!, mulInt(token, 4 * W))),
              set(y, addInt(outputs[0]!, mulInt(token, 4 * W))),
              set(cos, addInt(inputs[turn.cos]!, angle)),
              set(sin, addInt(inputs[turn.sin]!, angle)),
              forRange(head, 0, heads, 1, all(
                turnHead(scope, headSize / 2, turn.direction, { x, y, cos, sin }),
                set(x, addInt(x, 4 * headSize)),
                set(y, addInt(y, 4 * headSize)),
              )),
              rest > 0 ? copyMemory(y, x, rest) : all(),
            )),
          );
        },
      },
    ],
  };
}

/** Pairs (i, i + half) of a head: first·cos − second·sin, second·cos + first·sin; backward with −sin. */
function turnHead(scope: Scope, half: number, direction: Turn["direction"], { x, y, cos, sin }: { readonly [name in "x" | "y" | "cos" | "sin"]: I32 }): Statement {
  const byte = scope.local("i32");
  const whole = half - (half % 4);
  const at = (place: I32): I32 => addInt(place, byte);
  const [less, more] = direction === "forward" ? ([f32x4.sub, f32x4.add] as const) : ([f32x4.add, f32x4.sub] as const);
  const [lessOne, moreOne] = direction === "forward" ? ([subFloat, addFloat] as const) : ([addFloat, subFloat] as const);
  const four = textOf(scope, ({ add, hold }) => {
    const [first, second, c, s] = [hold(loadVector(at(x))), hold(loadVector(at(x), 4 * half)), hold(loadVector(at(cos))), hold(loadVector(at(sin)))];
    add(
      storeVector(at(y), less(f32x4.mul(first, c), f32x4.mul(second, s))),
      storeVector(at(y), more(f32x4.mul(second, c), f32x4.mul(first, s)), 4 * half),
    );
  });
  const one = textOf(scope, ({ add, hold }) => {
    const [first, second, c, s] = [hold(loadFloat(at(x))), hold(loadFloat(at(x), 4 * half)), hold(loadFloat(at(cos))), hold(loadFloat(at(sin)))];
    add(
      storeFloat(at(y), lessOne(mulFloat(first, c), mulFloat(second, s))),
      storeFloat(at(y), moreOne(mulFloat(second, c), mulFloat(first, s)), 4 * half),
    );
  });
  return all(forRange(byte, 0, 4 * whole, 16, four), forRange(byte, 4 * whole, 4 * half, 4, one));
}
