/**
 * The CPU kernel of one step. In: a step as the compiler left it, operands packed and epilogues folded. Out: the op's own kernel with phases
 * around it that unpack what it reads, apply the epilogue where the op does not, and pack what it leaves; undefined where the op has
 * none for this work, so that its reference has to run.
 */
import { type CpuCall, type Op, opNamed, ownInputs } from "../../graph/op";
import { type TensorType, sizeOf } from "../../graph/value";
import { type Expression, outputShapes } from "../../ops/expression";
import { expressionKernel } from "../../ops/expressionVector";
import type { Step } from "../../compiler/program";
import { type I32, addInt } from "../../wasm/code";
import { type CpuKernel, type Phase, type Places, roundUp } from "../../wasm/kernel";
import { packPhase, unpackPhase } from "./packing";

/** Scratch memory begins at multiples of this. */
const LINE = 64;

export function lowerStep({ op: name, inputs, outputs, attributes }: Pick<Step, "op" | "inputs" | "outputs" | "attributes">, fma: boolean): CpuKernel | undefined {
  const op = opNamed(name);
  const plain = (types: readonly TensorType[]): TensorType[] => types.map(({ shape, dtype }) => ({ shape, dtype }));
  const kernel = lowerPlain(op, { inputTypes: plain(inputs), outputTypes: plain(outputs), attributes, fma });
  return kernel && withPacking(kernel, inputs, outputs);
}

function lowerPlain(op: Op, { inputTypes, outputTypes, fma, ...given }: CpuCall): CpuKernel | undefined {
  const { epilogue: expression, packed: _, ...attributes } = given.attributes;
  if (!op.lowerCpu) return undefined;
  if (expression === undefined || !op.epilogue) return op.lowerCpu({ inputTypes, outputTypes, attributes, fma });
  const own = ownInputs(op, attributes);
  const epilogue = { expression, inputTypes: inputTypes.slice(own) };
  const { shape } = expression as unknown as Expression;
  const results = outputShapes(expression as unknown as Expression).length;
  const first = op.epilogue.output;
  const ownTypes = [...outputTypes.slice(0, first), { shape, dtype: "f32" as const }, ...outputTypes.slice(first + results)];
  const call: CpuCall = { inputTypes: inputTypes.slice(0, own), outputTypes: ownTypes, attributes, fma };
  if (op.finishesOnCpu) return op.lowerCpu({ ...call, epilogue });
  const made = op.lowerCpu(call);
  if (!made) return undefined;
  return finishAfter(made, { expression: expression as unknown as Expression, types: [ownTypes[first]!, ...epilogue.inputTypes], own, first, results });
}

interface Finish {
  readonly expression: Expression;
  /** Of what the expression reads: the op's output, then the epilogue's inputs. */
  readonly types: readonly TensorType[];
  /** Inputs that are the op's own. */
  readonly own: number;
  /** The output whose place the results take, and how many they are. */
  readonly first: number;
  readonly results: number;
}

/** The op leaves its output in scratch memory, and a pass over it makes the results. */
function finishAfter(kernel: CpuKernel, { expression, types, own, first, results }: Finish): CpuKernel {
  const at = roundUp(kernel.sharedBytes ?? 0, LINE);
  const replace = (phase: Phase): Phase => ({
    ...phase,
    write: (scope, places) => {
      const outputs = [...places.outputs.slice(0, first), addInt(places.shared, at), ...places.outputs.slice(first + results)];
      return phase.write(scope, { ...places, inputs: places.inputs.slice(0, own), outputs });
    },
  });
  const finish = expressionKernel(expression, types).phases.map((phase): Phase => ({
    ...phase,
    write: (scope, places) =>
      phase.write(scope, { ...places, inputs: [addInt(places.shared, at), ...places.inputs.slice(own)], outputs: places.outputs.slice(first, first + results) }),
  }));
  return { ...kernel, phases: [...kernel.phases.map(replace), ...finish], sharedBytes: at + 4 * sizeOf(types[0]!.shape) + LINE };
}

/** Packed operands are f32 in scratch memory while the kernel works. */
function withPacking(kernel: CpuKernel, inputs: readonly TensorType[], outputs: readonly TensorType[]): CpuKernel {
  let bytes = roundUp(kernel.sharedBytes ?? 0, LINE);
  const scratchFor = (types: readonly TensorType[]): (number | undefined)[] =>
    types.map(({ packed, shape }) => {
      if (!packed) return undefined;
      const at = bytes;
      bytes += roundUp(4 * sizeOf(shape) + 16, LINE);
      return at;
    });
  const [unpacked, made] = [scratchFor(inputs), scratchFor(outputs)];
  if ([...unpacked, ...made].every((at) => at === undefined)) return kernel;
  const moved = (places: readonly I32[], scratch: readonly (number | undefined)[], shared: I32): I32[] =>
    places.map((place, index) => (scratch[index] === undefined ? place : addInt(shared, scratch[index])));
  const unpackedPlaces = (places: Places): Places => ({
    ...places, inputs: moved(places.inputs, unpacked, places.shared), outputs: moved(places.outputs, made, places.shared),
  });
  const before = unpacked.flatMap((at, index) => (at === undefined ? [] : [unpackPhase(sizeOf(inputs[index]!.shape), (places) => [places.inputs[index]!, addInt(places.shared, at)])]));
  const after = made.flatMap((at, index) => (at === undefined ? [] : [packPhase(sizeOf(outputs[index]!.shape), (places) => [addInt(places.shared, at), places.outputs[index]!])]));
  const inner = kernel.phases.map((phase): Phase => ({ ...phase, write: (scope, places) => phase.write(scope, unpackedPlaces(places)) }));
  return { ...kernel, phases: [...before, ...inner, ...after], sharedBytes: bytes };
}
