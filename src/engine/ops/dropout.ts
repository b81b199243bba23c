/**
 * Dropout: each number is zeroed with probability `rate`, the others grow by 1 / (1 − rate). In: x of any shape, key u32 [2] =
 * (seed, step). Nothing is stored: the backward pass makes the same mask again from the key.
 * Source: Srivastava et al., JMLR 15 (2014), in its inverted form.
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering } from "../graph/op";
import { ShapeError, type Value, applyOne, sizeOf } from "../graph/value";
import { f32Literal, itemKernel, read, write } from "../wgsl/kernel";
import { PHILOX_WGSL } from "../wgsl/philox";
import { atLeast, multiply, scalar } from "./elementwise";
import { fourUniforms, randomUniform, storeFour } from "./random";

const dropoutOp = defineFusedOp({
  name: "dropout",
  inputs: ["x", "key"],
  outputs: ["y"],
  meaning: ({ x, key }, attributes) => {
    const { rate, site } = attributes as { rate: number; site: number };
    if (!(rate >= 0 && rate < 1)) throw new ShapeError("dropout", [x, key], `rate ${rate} is not in [0, 1).`);
    const kept = atLeast(randomUniform(key, x.shape, site), scalar(rate));
    return { y: multiply(multiply(x, kept), scalar(1 / (1 - rate))) };
  },
  lower: (call) => lowerMask(call, "dropout", "x", "y"),
  backward: { of: "y", needs: ["key"], gives: ["x"], lower: (call) => lowerMask(call, "dropoutBackward", "dY", "dX") },
});

/** Both directions are the same kernel: what comes in times the mask. */
function lowerMask({ outputTypes, attributes }: LowerCall, label: string, source: string, target: string): Lowering {
  const { rate, site } = attributes as { rate: number; site: number };
  const size = sizeOf(outputTypes[0]!.shape);
  const fours = size % 4 === 0;
  const element = fours ? "vec4f" : "f32";
  const one = (k: number): string => `${source}[min(item * 4u + ${k}u, ${size - 1}u)]`;
  const kernel = itemKernel({
    label,
    bindings: { [source]: read(element), key: read("u32"), [target]: write(element) },
    declarations: PHILOX_WGSL,
    workgroupSize: 64,
    items: Math.ceil(size / 4),
    body: `  let kept = ${fourUniforms(site)} >= vec4f(${f32Literal(rate)});
  let value = ${fours ? `${source}[item]` : `vec4f(${[0, 1, 2, 3].map(one).join(", ")})`};
  let masked = select(vec4f(0.0), value * ${f32Literal(1 / (1 - rate))}, kept);
${storeFour(target, "masked", size)}`,
  });
  return { kernels: [kernel] };
}

/** x with each number kept with probability 1 − rate and scaled by 1 / (1 − rate). Site: see `randomUniform`. */
export function dropout(x: Value, key: Value, rate: number, site: number): Value {
  // The rate as f32, so that the f64 reference and the kernel compare the same numbers.
  return applyOne(dropoutOp, [x, key], { rate: Math.fround(rate), site });
}
