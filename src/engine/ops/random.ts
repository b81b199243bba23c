/**
 * Random numbers that a position makes, not a state: in: key u32 [2] = (seed, step) and a site (which place in the model).
 * Out: uniform numbers in [0, 1). Philox with counter (index / 4, step, site, 0) and key (seed, 0). CPU and GPU agree bit for bit.
 * An elementwise op: the compiler draws the numbers inside the kernel that uses them.
 */
import { type Op, defineOp } from "../graph/op";
import { ShapeError, type TensorType, type Value, applyOne, sizeOf } from "../graph/value";
import { expressionOf, lowerExpression } from "./elementwise";
import { expressionKernel } from "./expressionVector";
import { computeExpression } from "./expression";

function requireKey(key: TensorType, site: number): void {
  if (key.dtype !== "u32" || sizeOf(key.shape) !== 2) throw new ShapeError("randomUniform", [key], "takes a key u32 [2]: seed and step.");
  if (!Number.isInteger(site) || site < 0 || site > 0xffffffff) throw new ShapeError("randomUniform", [key], `site ${site} is not a u32.`);
}

const randomUniformOp: Op = defineOp({
  name: "randomUniform",
  inputs: ["key"],
  outputs: ["y"],
  infer: ([key], attributes) => {
    requireKey(key!, attributes["site"] as number);
    return [{ shape: attributes["shape"] as number[], dtype: "f32" }];
  },
  reference: ({ inputs, outputs, inputTypes, outputTypes, attributes }) =>
    computeExpression(expressionOf("randomUniform", outputTypes[0]!.shape, attributes)!, inputs, inputTypes, outputs),
  lower: (call) => lowerExpression(call, expressionOf("randomUniform", call.outputTypes[0]!.shape, call.attributes)!),
  lowerCpu: ({ outputTypes, attributes, inputTypes }) => expressionKernel(expressionOf("randomUniform", outputTypes[0]!.shape, attributes)!, inputTypes),
});

/** Uniform numbers in [0, 1) of any shape; `key` is u32 [2] = (seed, step). Different sites give independent numbers. */
export function randomUniform(key: Value, shape: readonly number[], site: number): Value {
  return applyOne(randomUniformOp, [key], { shape: [...shape], site });
}
