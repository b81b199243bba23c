/**
 * The next token of a text, chosen on the device, so that it feeds the next step without a round trip. In: logits [1, V], a request
 * (choose.ts), and in place: token u32 [1], position u32 [1] (where the token that gave the logits stands), written u32 [T]. Out: the
 * chosen token, the position after, and the token noted at written[position].
 */
import { type KernelFamily, chooseVariant, defineFamily } from "../../graph/kernelFamily";
import { type Op, defineOp } from "../../graph/op";
import { ShapeError, type Value, apply, sizeOf } from "../../graph/value";
import type { RowLanes } from "../../wgsl/rows";
import { REQUEST, chooseToken } from "./choose";
import { sampleKernel } from "./kernel";
import { MOST_TOKENS } from "./weights";

const sizeOfLogits = (types: readonly { readonly shape: readonly number[] }[]): number => sizeOf(types[0]!.shape);
/** Logits from which it pays to have many lanes even where each one is cheap. */
const LONG = 1024;

/** By the number of lanes, or a subgroup. */
const samplingFamily: KernelFamily = defineFamily({
  name: "sampling",
  ops: ["sampleToken"],
  classOf: ({ inputTypes }) => (sizeOfLogits(inputTypes) < LONG ? "short" : "long"),
  variants: ({ inputTypes }, { subgroupSize, workgroupInvocations, workgroupBytes }) => {
    const isNarrow = subgroupSize > 0 && subgroupSize <= 4;
    if (isNarrow) return ["subgroup", "1"];
    const isWide = sizeOfLogits(inputTypes) >= LONG && workgroupInvocations >= 256 && workgroupBytes >= 16_384;
    return [...(isWide ? ["256"] : []), "64", ...(subgroupSize > 0 ? ["subgroup"] : []), "1"];
  },
});

const sampleTokenOp: Op = defineOp({
  name: "sampleToken",
  inputs: ["logits", "request", "token", "position", "written"],
  outputs: ["nextToken", "nextPosition", "nowWritten"],
  updates: { 0: 2, 1: 3, 2: 4 },
  infer: (types) => {
    const [logits, request, token, position, written] = types;
    const V = sizeOfLogits(types);
    const areWords = [request, token, position, written].every((type) => type!.dtype === "u32");
    const fits = sizeOf(request!.shape) === REQUEST.length && sizeOf(token!.shape) === 1 && sizeOf(position!.shape) === 1 && V >= 1 && V <= MOST_TOKENS;
    if (!areWords || !fits || logits!.dtype !== "f32") {
      throw new ShapeError("sampleToken", types, `takes logits of 1 to ${MOST_TOKENS} tokens and words: a request [${REQUEST.length}], a token [1], a position [1], what is written [T].`);
    }
    return [token!, position!, written!];
  },
  reference: ({ inputs, outputs }) => {
    const [logits, request, , position, written] = inputs;
    const at = position![0]!;
    const token = chooseToken(Float32Array.from(logits!), Uint32Array.from(request!), at);
    outputs[2]!.set(written!);
    if (at < written!.length) outputs[2]![at] = token;
    outputs[0]![0] = token;
    outputs[1]![0] = at + 1;
  },
  lower: (call) => {
    const V = sizeOfLogits(call.inputTypes);
    const variant = chooseVariant(samplingFamily, call, call.target);
    const lanes: RowLanes = variant === "subgroup" ? { count: call.target.subgroupSize, by: "subgroup" } : { count: Number(variant), by: "tree" };
    return { kernels: [sampleKernel(V, sizeOf(call.inputTypes[4]!.shape), lanes)], scratch: { weights: V } };
  },
});

export interface Sampled {
  readonly token: Value;
  readonly position: Value;
  readonly written: Value;
}

/** Token, position and what is written keep their bytes and change. */
export function sampleToken(logits: Value, request: Value, { token, position, written }: Sampled): Sampled {
  const [nextToken, nextPosition, nowWritten] = apply(sampleTokenOp, [logits, request, token, position, written]);
  return { token: nextToken!, position: nextPosition!, written: nowWritten! };
}
