/**
 * Rotary position embedding. In: x [B, T, W], whose first heads · D numbers per token are heads of width D; cos and sin
 * [T, D/2]. Out: x with each pair (i, i + D/2) of those heads turned by the position's angle; the rest passes through. The pairs are
 * the two halves of a head (as in GPT-NeoX and Llama), not neighbors. Source: Su et al., arXiv 2104.09864.
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering } from "../graph/op";
import { type Attributes, ShapeError, type TensorType, type Value, applyOne, sizeOf } from "../graph/value";
import { itemKernel, read, write } from "../wgsl/kernel";
import { add, multiply, subtract } from "./elementwise";
import { pad, reshape, slice } from "./movement";
import { lowerTurnCpu } from "./rotaryCpu";

const rotaryOp = defineFusedOp({
  name: "rotary",
  inputs: ["x", "cos", "sin"],
  outputs: ["y"],
  meaning: ({ x, cos, sin }, attributes) => {
    const { heads, headSize: D } = requireHeads([x, cos, sin], attributes);
    const [B, T, W] = x.shape as [number, number, number];
    const half = D / 2;
    const pairs = reshape(slice(x, 2, 0, heads * D), [B, T, heads, 2, half]);
    const [first, second] = [slice(pairs, 3, 0, 1), slice(pairs, 3, 1, 1)];
    const [c, s] = [reshape(cos, [T, 1, 1, half]), reshape(sin, [T, 1, 1, half])];
    const turned = add(
      pad(subtract(multiply(first, c), multiply(second, s)), 3, 0, 2),
      pad(add(multiply(second, c), multiply(first, s)), 3, 1, 2),
    );
    const flat = reshape(turned, [B, T, heads * D]);
    if (heads * D === W) return { y: flat };
    return { y: add(pad(flat, 2, 0, W), pad(slice(x, 2, heads * D, W - heads * D), 2, heads * D, W)) };
  },
  lower: (call) => lowerTurn(call, "rotary", "x", "y", call.inputTypes[1]!),
  lowerCpu: (call) => lowerTurnCpu(call, { x: 0, cos: 1, sin: 2, direction: "forward" }),
  // The angles are constants: only x has a gradient, turned back by the same angle.
  backward: {
    of: "y", needs: ["cos", "sin"], gives: ["x"],
    lower: (call) => lowerTurn(call, "rotaryBackward", "dY", "dX", call.inputTypes[0]!),
    lowerCpu: (call) => lowerTurnCpu(call, { x: 2, cos: 0, sin: 1, direction: "backward" }),
  },
});

function requireHeads(types: readonly TensorType[], attributes: Attributes): { heads: number; headSize: number } {
  const { heads, headSize } = attributes as { heads: number; headSize: number };
  const [x, cos, sin] = types as [TensorType, TensorType, TensorType];
  const isTable = ({ shape }: TensorType): boolean => shape.length === 2 && shape[0] === x.shape[1] && shape[1] === headSize / 2;
  if (x.shape.length !== 3 || heads < 1 || heads * headSize > x.shape[2]! || !isTable(cos) || !isTable(sin)) {
    throw new ShapeError("rotary", types, `takes x [B, T, W ≥ ${heads * headSize}] and cos, sin [T, ${headSize / 2}].`);
  }
  return { heads, headSize };
}

function lowerTurn({ outputTypes, attributes }: LowerCall, label: string, source: string, target: string, angles: TensorType): Lowering {
  const { heads, headSize: D } = attributes as { heads: number; headSize: number };
  const { shape } = outputTypes[0]!;
  const width = (D / 2) % 4 === 0 && shape[2]! % 4 === 0 ? 4 : 1;
  const element = width === 4 ? "vec4f" : "f32";
  // Forward turns by +angle: first·cos − second·sin, second·cos + first·sin. Backward swaps the signs.
  const [minus, plus] = target === "y" ? ["-", "+"] : ["+", "-"];
  const kernel = itemKernel({
    label,
    bindings: { [source]: read(element), cos: read(element), sin: read(element), [target]: write(element) },
    constants: { ROW: shape[2]! / width, TURNED: (heads * D) / width, HEAD: D / width, HALF: D / 2 / width, TIME: angles.shape[0]! },
    workgroupSize: 64,
    items: sizeOf(shape) / width,
    body: `  let column = item % ROW;
  var value = ${source}[item];
  if (column < TURNED) {
    let angle = ((item / ROW) % TIME) * HALF + column % HALF;
    let c = cos[angle];
    let s = sin[angle];
    if (column % HEAD < HALF) { value = value * c ${minus} ${source}[item + HALF] * s; } else { value = value * c ${plus} ${source}[item - HALF] * s; }
  }
  ${target}[item] = value;`,
  });
  return { kernels: [kernel] };
}

/** Turns the first `heads` heads of each token by its position's angles. */
export function rotary(x: Value, cos: Value, sin: Value, { heads, headSize }: { readonly heads: number; readonly headSize: number }): Value {
  return applyOne(rotaryOp, [x, cos, sin], { heads, headSize });
}
