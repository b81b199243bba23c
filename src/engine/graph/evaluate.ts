/**
 * What a graph means, on the CPU. In: values, data for their leaves, a precision. Out: one array per value. Every op has a
 * plain reference; a fused op's is the evaluation of its `meaning`. Tests run it in f64; the CPU runtime in f32.
 */
import { isLeaf, leafName } from "./leaf";
import type { NumericArray } from "./op";
import { roundToBfloat16 } from "../wgsl/bfloat16";
import { type TensorType, type Value, sizeOf, sortNodes } from "./value";

export type Precision = "f64" | "f32";

export function allocate(type: TensorType, precision: Precision): NumericArray {
  const size = sizeOf(type.shape);
  if (type.dtype === "u32") return new Uint32Array(size);
  return precision === "f64" ? new Float64Array(size) : new Float32Array(size);
}

/**
 * A graph prepared to be evaluated many times without allocating. `outputs` are written in place.
 */
export function prepare(
  roots: readonly Value[],
  leaves: readonly Value[],
  precision: Precision,
): (inputs: readonly NumericArray[], outputs: readonly NumericArray[]) => void {
  const nodes = sortNodes(roots).filter((node) => node.op.name !== "leaf");
  const arrays = new Map<Value, NumericArray>();
  for (const node of nodes) for (const value of node.outputs) arrays.set(value, allocate(value, precision));
  const lookUp = (value: Value): NumericArray => {
    const array = arrays.get(value);
    if (!array) throw new Error(`No data was given for the leaf "${leafName(value)}".`);
    return array;
  };
  return (inputs, outputs) => {
    leaves.forEach((value, index) => arrays.set(value, inputs[index]!));
    for (const node of nodes) {
      node.op.reference({
        inputs: node.inputs.map(lookUp),
        outputs: node.outputs.map(lookUp),
        inputTypes: node.inputs,
        outputTypes: node.outputs,
        attributes: node.attributes,
      });
      for (const output of node.outputs) if (output.packed) roundToBfloat16(lookUp(output));
    }
    roots.forEach((root, index) => outputs[index]!.set(lookUp(root)));
  };
}

/** Evaluates once. `data` maps leaf names to their contents. */
export function evaluate(
  roots: readonly Value[],
  data: Readonly<Record<string, ArrayLike<number>>>,
  precision: Precision = "f64",
): NumericArray[] {
  const leaves = sortNodes(roots).flatMap((node) => node.outputs.filter(isLeaf));
  const inputs = leaves.map((value) => {
    const given = data[leafName(value)];
    if (!given) throw new Error(`No data was given for the leaf "${leafName(value)}".`);
    const array = allocate(value, precision);
    if (given.length !== array.length) throw new Error(`Leaf "${leafName(value)}" holds ${array.length} numbers, not ${given.length}.`);
    array.set(given);
    return array;
  });
  const outputs = roots.map((root) => allocate(root, precision));
  prepare(roots, leaves, precision)(inputs, outputs);
  return outputs;
}
