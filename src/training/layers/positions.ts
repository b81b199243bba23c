/**
 * The tables of rotary positions: at position t, pair i of a head turns by t·base^(−2i/D). The pair is elements i and i + D/2
 * (half-split, as in Hugging Face's Llama). In: extents. Out: cosines and sines [Tmax, D/2], computed in f64, kept in f32.
 * Source: https://arxiv.org/abs/2104.09864.
 */
import { alignUp } from "../../engine/compiler/planMemory";
import { type TensorType, type Value, f32 } from "../../engine/graph/value";
import { leaf } from "../../engine/graph/leaf";

/** A table that a model needs and never changes. */
export interface ModelConstant {
  readonly name: string;
  readonly type: TensorType;
  readonly data: Float32Array;
}

export const ROTARY_COSINE = "rotary.cosine";
export const ROTARY_SINE = "rotary.sine";
export const CONSTANT_ARENA = "constants";

export function rotaryTables(contextLength: number, headSize: number, base: number): ModelConstant[] {
  const half = headSize / 2;
  const table = (name: string, turn: (angle: number) => number): ModelConstant => ({
    name,
    type: f32(contextLength, half),
    data: Float32Array.from({ length: contextLength * half }, (_, at) => turn(Math.floor(at / half) * base ** (-2 * (at % half) / headSize))),
  });
  return [table(ROTARY_COSINE, Math.cos), table(ROTARY_SINE, Math.sin)];
}

/** The leaves of the constants, one after the other in their arena. */
export function constantLeaves(constants: readonly ModelConstant[]): Record<string, Value> {
  let offset = 0;
  const leaves: Record<string, Value> = {};
  for (const { name, type, data } of constants) {
    leaves[name] = leaf(name, type, { arena: CONSTANT_ARENA, offset });
    offset += alignUp(data.byteLength);
  }
  return leaves;
}
