/**
 * The table of op cases again, over values that are stored as bf16. In: a case. Out: the same case where every f32 input is packed
 * before the op reads it (its data is rounded beforehand, so that not a bit may differ), or where the op's kernels pack its outputs.
 */
import { type Value, apply } from "../graph/value";
import { pack } from "../ops/pack";
import { roundToBfloat16 } from "../wgsl/bfloat16";
import type { CaseInput, OpCase } from "./opCase";

/** A cache that is changed in place stays as it is. */
const mayPack = ({ dtype, arena }: CaseInput): boolean => dtype === "f32" && arena === undefined;

export function withPackedInputs(one: OpCase): OpCase {
  const inputs = Object.entries(one.inputs).map(([name, input]): [string, CaseInput] => {
    if (!mayPack(input)) return [name, input];
    const data = Float64Array.from(input.data);
    roundToBfloat16(data);
    return [name, { ...input, data }];
  });
  const build = (given: Readonly<Record<string, Value>>): readonly Value[] =>
    one.build(Object.fromEntries(Object.entries(given).map(([name, value]) => [name, mayPack(one.inputs[name]!) ? pack(value) : value])));
  return { ...one, name: `${one.name}, packed inputs`, inputs: Object.fromEntries(inputs), build };
}

/** The most that rounding to bf16 can differ where the number before it differs in its last bits: one step. */
const STEP = 2 ** -7;

export function withPackedOutputs(one: OpCase): OpCase {
  const build = (given: Readonly<Record<string, Value>>): readonly Value[] => one.build(given).map(repacked);
  return { ...one, name: `${one.name}, packed outputs`, by: [], build, tolerance: { ...one.tolerance, relative: (one.tolerance.relative ?? 0) + STEP } };
}

/** The value as its own kernel stores it packed; bytes that are shared with another value stay as they are. */
function repacked(value: Value): Value {
  const { op, inputs, attributes, outputs } = value.node;
  if (op.name === "leaf" || op.view || op.updates || op.assembles || value.dtype !== "f32") return value;
  const packed = outputs.flatMap(({ dtype }, index) => (dtype === "f32" ? [index] : []));
  return apply(op, inputs, { ...attributes, packed })[value.index]!;
}
