/**
 * A step that its op's reference runs. In: the step, where its operands lie. Out: arrays over those bytes and what to call. A packed operand
 * is f32 in scratch memory meanwhile.
 */
import { type NumericArray, type Op, opNamed } from "../graph/op";
import { sizeOf } from "../graph/value";
import type { Operand, Step } from "../compiler/program";
import { packBfloat16, unpackBfloat16 } from "../wgsl/bfloat16";

export interface BoundStep {
  /** Index into the steps of the program. */
  readonly index: number;
  readonly op: Op;
  readonly call: Parameters<Op["reference"]>[0];
  /** Packed operands, and where the op finds and leaves them as f32. */
  readonly packedInputs: readonly Unpacked[];
  readonly packedOutputs: readonly Unpacked[];
}

interface Unpacked {
  readonly bits: Uint16Array;
  readonly numbers: Float32Array;
}

/** The bytes that an operand's first number begins at. */
export type Locate = (operand: Operand) => { readonly buffer: ArrayBufferLike; readonly offset: number };

export function bindStep(step: Step, index: number, scratch: readonly ArrayBuffer[], locate: Locate): BoundStep {
  const view = (operand: Operand, place: number): NumericArray => {
    const { shape, dtype, packed } = operand;
    if (packed) return new Float32Array(scratch[place]!, 0, sizeOf(shape));
    const { buffer, offset } = locate(operand);
    return dtype === "u32" ? new Uint32Array(buffer, offset, sizeOf(shape)) : new Float32Array(buffer, offset, sizeOf(shape));
  };
  const unpacked = (operands: readonly Operand[], arrays: readonly NumericArray[]): Unpacked[] =>
    operands.flatMap((operand, at) => {
      if (!operand.packed) return [];
      const { buffer, offset } = locate(operand);
      return [{ bits: new Uint16Array(buffer, offset, sizeOf(operand.shape)), numbers: arrays[at] as Float32Array }];
    });
  const inputs = step.inputs.map(view);
  const outputs = step.outputs.map((output, place) => view(output, step.inputs.length + place));
  return {
    index,
    op: opNamed(step.op),
    call: { inputs, outputs, inputTypes: step.inputs, outputTypes: step.outputs, attributes: step.attributes },
    packedInputs: unpacked(step.inputs, inputs),
    packedOutputs: unpacked(step.outputs, outputs),
  };
}

/** Room for packed operands as f32, by their place in a step: steps run one at a time, so all share it. */
export function scratchOf(steps: readonly Step[]): ArrayBuffer[] {
  const numbers: number[] = [];
  for (const { inputs, outputs } of steps) {
    [...inputs, ...outputs].forEach(({ packed, shape }, place) => (numbers[place] = Math.max(numbers[place] ?? 0, packed ? sizeOf(shape) : 0)));
  }
  return numbers.map((count) => new ArrayBuffer(count * 4));
}

export function runStep({ op, call, packedInputs, packedOutputs }: BoundStep): void {
  for (const { bits, numbers } of packedInputs) unpackBfloat16(bits, numbers);
  op.reference(call);
  for (const { bits, numbers } of packedOutputs) packBfloat16(numbers, bits);
}
