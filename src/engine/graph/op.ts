/**
 * An op is one record with its faces together: shape rule, CPU reference, gradient, kernels. `defineOp` registers it by
 * name, so that a program (plain data) can find the reference again.
 */
import type { Kernel } from "../wgsl/kernel";
import type { KernelChoices } from "./kernelFamily";
import type { Attributes, TensorType, Value } from "./value";

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
  /** True where an output lives in the very bytes of an input (an update in place). */
  readonly inPlace: (input: number, output: number) => boolean;
}

/** Kernels run in order. Operands are named as the op names them, or as `scratch` does (sizes in 4-byte words). */
export interface Lowering {
  readonly kernels: readonly Kernel[];
  readonly scratch?: Readonly<Record<string, number>>;
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
  /** Set by fused ops: the graph of primitives this op promises to equal. */
  readonly meaning?: (inputs: readonly Value[], attributes: Attributes) => readonly Value[];
  /** Output k shares the bytes of input j: the op writes into its input (a cache) instead of making a copy. */
  readonly updates?: Readonly<Record<number, number>>;
}

const registry = new Map<string, Op>();

export function defineOp(op: Op): Op {
  if (registry.has(op.name)) throw new Error(`Op "${op.name}" is defined twice.`);
  registry.set(op.name, op);
  return op;
}

export function opNamed(name: string): Op {
  const op = registry.get(name);
  if (!op) throw new Error(`There is no op "${name}".`);
  return op;
}

export function allOps(): readonly Op[] {
  return [...registry.values()];
}
