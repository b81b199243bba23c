/**
 * Dropout: each number is zeroed with probability `rate`, the others grow by 1 / (1 − rate). In: x of any shape, key u32 [2] =
 * (seed, step). An elementwise op, so it costs no kernel behind a product, a norm's backward or an embedding; and nothing is
 * stored, because the gradient is the same function of what arrives: the mask is drawn again from the key.
 * Source: Srivastava et al., JMLR 15 (2014), in its inverted form.
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { Op } from "../graph/op";
import { ShapeError, type Value, applyOne } from "../graph/value";
import { atLeast, expressionOf, lowerExpression, multiply, scalar } from "./elementwise";
import { expressionKernel } from "./expressionVector";
import { randomUniform } from "./random";

const dropoutOp: Op = defineFusedOp({
  name: "dropout",
  inputs: ["x", "key"],
  outputs: ["y"],
  meaning: ({ x, key }, attributes) => {
    const { rate, site } = attributes as { rate: number; site: number };
    if (!(rate >= 0 && rate < 1)) throw new ShapeError("dropout", [x, key], `rate ${rate} is not in [0, 1).`);
    const kept = atLeast(randomUniform(key, x.shape, site), scalar(rate));
    return { y: multiply(x, multiply(kept, scalar(1 / (1 - rate)))) };
  },
  lower: (call) => lowerExpression(call, expressionOf("dropout", call.outputTypes[0]!.shape, call.attributes)!),
  lowerCpu: ({ outputTypes, attributes, inputTypes }) => expressionKernel(expressionOf("dropout", outputTypes[0]!.shape, attributes)!, inputTypes),
  gradient: { of: "y", graph: ({ key }, dY, attributes) => ({ x: applyOne(dropoutOp, [dY, key], attributes) }) },
});

/** x with each number kept with probability 1 − rate and scaled by 1 / (1 − rate). Site: see `randomUniform`. */
export function dropout(x: Value, key: Value, rate: number, site: number): Value {
  // The rate as f32, so that the f64 reference and the kernel compare the same numbers.
  return applyOne(dropoutOp, [x, key], { rate: Math.fround(rate), site });
}
