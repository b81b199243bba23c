/**
 * An op is one record with its faces together: shape rule, CPU reference, gradient, kernels. `defineOp` registers it by
 * name, so that a program (plain data) can find the reference again.
 */
import type { CpuKernel } from "../wasm/kernel";
import type { Kernel } from "../wgsl/kernel";
import type { KernelChoices } from "./kernelFamily";
import { type Attribute, type Attributes, type Node, type TensorType, type Value, sizeOf } from "./value";

export type NumericArray = Float64Array | Float32Array | Uint32Array;

export interface ReferenceCall {
  readonly inputs: readonly NumericArray[];
  readonly outputs: readonly NumericArray[];
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  readonly attributes: Attributes;
}

export interface GradientCall {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** Gradient of each output; undefined where none flows. */
  readonly gradients: readonly (Value | undefined)[];
}

/** What the kernel writer may rely on. */
export interface Target {
  /** Storage buffers one kernel may bind. */
  readonly storageBuffers: number;
  /** Largest bytes of one binding. */
  readonly bindingBytes: number;
  /** Bytes of workgroup memory and invocations that one workgroup may have. */
  readonly workgroupBytes: number;
  readonly workgroupInvocations: number;
  /** Invocations of every subgroup, where kernels may use subgroup operations; 0 where they may not, or sizes differ. */
  readonly subgroupSize: number;
  /** Whether kernels may compute in f16 (`enable f16`). */
  readonly f16: boolean;
  /** What the tuner found; see kernelFamily.ts. */
  readonly choices: KernelChoices;
}

export interface LowerCall {
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  readonly attributes: Attributes;
  readonly target: Target;
  /** True where an input and an output share bytes: an update in place, or a part that was made where it is wanted. */
  readonly inPlace: (input: number, output: number) => boolean;
  /** False where nobody reads an output: the kernel need not write it. */
  readonly isRead: (output: number) => boolean;
  /** What the compiler asks the kernel to do to one of its outputs; see ops/epilogue.ts. `outputTypes` are those without it. */
  readonly epilogue?: { readonly expression: Attribute; readonly inputTypes: readonly TensorType[] };
}

/**
 * An output of which the kernel writes each number once, at the end, so that it can as well write what an elementwise
 * chain makes of it: the chain's results take the output's place, and the chain's other inputs follow the op's own.
 */
export interface EpilogueSlot {
  readonly output: number;
  /** Buffers that the kernel which writes the output binds, that output not counted. */
  readonly buffers: number;
}

/** Kernels run in order. Operands are named as the op names them, or as `scratch` does (sizes in 4-byte words). */
export interface Lowering {
  readonly kernels: readonly Kernel[];
  readonly scratch?: Readonly<Record<string, number>>;
}

/** What a kernel on the CPU is asked for: f32 and u32 operands, none packed. */
export interface CpuCall {
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  readonly attributes: Attributes;
  /** Whether the engine multiplies and adds with one rounding. */
  readonly fma: boolean;
  /** As in LowerCall: what is done to the output, for an op that says `finishesOnCpu`. */
  readonly epilogue?: { readonly expression: Attribute; readonly inputTypes: readonly TensorType[] };
}

export interface Op {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly infer: (inputs: readonly TensorType[], attributes: Attributes) => readonly TensorType[];
  readonly reference: (call: ReferenceCall) => void;
  /** Gradient of each input, undefined where it has none. An op without `vjp` stops gradients. */
  readonly vjp?: (call: GradientCall) => readonly (Value | undefined)[];
  readonly lower: (call: LowerCall) => Lowering;
  /** Kernels for the CPU; an op without them runs its reference there. Undefined for what they cannot do. */
  readonly lowerCpu?: (call: CpuCall) => CpuKernel | undefined;
  /** Whether `lowerCpu` applies the epilogue itself; elsewhere a pass over the finished output does. */
  readonly finishesOnCpu?: true;
  /** Set by fused ops: the graph of primitives this op promises to equal. */
  readonly meaning?: (inputs: readonly Value[], attributes: Attributes) => readonly Value[];
  /** Outputs that must keep all their bits: statistics of rows, small, from which much is made. The others may be stored as bf16. */
  readonly exact?: readonly number[];
  /** Output k shares the bytes of input j: the op writes into its input (a cache) instead of making a copy. */
  readonly updates?: Readonly<Record<number, number>>;
  /** The output that can take an epilogue; `infer`, `reference` and `vjp` are written as if there were none. */
  readonly epilogue?: EpilogueSlot;
  /** The output is input 0's own bytes from this byte on (a multiple of ALIGNMENT): nothing runs. */
  readonly view?: (input: TensorType, attributes: Attributes) => number;
  /** The output is the inputs one after another: each may be made in its place there. Byte offset of each input. */
  readonly assembles?: (inputs: readonly TensorType[]) => readonly number[];
  /** It reads each number of its one input once: an expression may make them as they are read (attributes `prologue`, `shape`, `ownInputs`). */
  readonly prologue?: true;
}

/** How many of a node's inputs are the op's, before those of an epilogue: an op that takes any number notes it. */
export const ownInputs = (op: Op, attributes: Attributes): number => (attributes["ownInputs"] as number | undefined) ?? op.inputs.length;

/** Whether a node's output is one of its op's `exact` ones; the results of an epilogue stand where one output stood. */
export function isExact({ op, outputs, attributes }: Pick<Node, "op" | "outputs" | "attributes">, output: number): boolean {
  const results = attributes["epilogue"] === undefined ? 1 : 1 + outputs.length - op.outputs.length;
  const first = op.epilogue?.output ?? 0;
  const own = output < first ? output : Math.max(first, output - results + 1);
  return op.exact?.includes(own) ?? false;
}

const registry = new Map<string, Op>();

export function defineOp(definition: Op): Op {
  if (registry.has(definition.name)) throw new Error(`Op "${definition.name}" is defined twice.`);
  const op = definition.epilogue ? withEpilogue(definition, definition.epilogue) : definition;
  registry.set(op.name, op);
  return op;
}

/** An op whose attribute `epilogue`, if it is there, is an expression over the output and further inputs. What an expression means, its own op says. */
function withEpilogue(op: Op, slot: EpilogueSlot): Op {
  const ownAttributes = (attributes: Attributes): Attributes => Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== "epilogue"));
  const ownTypes = (types: readonly TensorType[], attributes: Attributes): readonly TensorType[] => op.infer(types.slice(0, ownInputs(op, attributes)), ownAttributes(attributes));
  const replace = <T>(all: readonly T[], results: readonly T[]): T[] => [...all.slice(0, slot.output), ...results, ...all.slice(slot.output + 1)];
  return {
    ...op,
    infer: (types, attributes) => {
      const found = ownTypes(types, attributes);
      const expression = attributes["epilogue"];
      return expression === undefined ? found : replace(found, opNamed("fusedElementwise").infer([found[slot.output]!, ...types.slice(ownInputs(op, attributes))], { expression }));
    },
    reference: (call) => {
      const expression = call.attributes["epilogue"];
      if (expression === undefined) return op.reference(call);
      const own = ownInputs(op, call.attributes);
      const outputTypes = ownTypes(call.inputTypes, call.attributes);
      const results = call.outputs.slice(slot.output, call.outputs.length - outputTypes.length + 1 + slot.output);
      const type = outputTypes[slot.output]!;
      const plain = new (results[0]!.constructor as Float32ArrayConstructor)(sizeOf(type.shape));
      const outputs = [...call.outputs.slice(0, slot.output), plain, ...call.outputs.slice(slot.output + results.length)];
      op.reference({
        inputs: call.inputs.slice(0, own), inputTypes: call.inputTypes.slice(0, own), outputs, outputTypes, attributes: ownAttributes(call.attributes),
      });
      opNamed("fusedElementwise").reference({
        inputs: [plain, ...call.inputs.slice(own)],
        // The chain may see the same numbers along other axes, as its results do.
        inputTypes: [call.outputTypes[slot.output]!, ...call.inputTypes.slice(own)],
        outputs: results,
        outputTypes: call.outputTypes.slice(slot.output, slot.output + results.length),
        attributes: { expression },
      });
    },
    lower: (call) => {
      const expression = call.attributes["epilogue"];
      if (expression === undefined) return op.lower(call);
      const outputTypes = ownTypes(call.inputTypes, call.attributes);
      const added = call.outputTypes.length - outputTypes.length;
      const isRead = (output: number): boolean => output === slot.output || call.isRead(output > slot.output ? output + added : output);
      return op.lower({ ...call, outputTypes, isRead, epilogue: { expression, inputTypes: call.inputTypes.slice(ownInputs(op, call.attributes)) } });
    },
  };
}

export function opNamed(name: string): Op {
  const op = registry.get(name);
  if (!op) throw new Error(`There is no op "${name}".`);
  return op;
}

export function allOps(): readonly Op[] {
  return [...registry.values()];
}
