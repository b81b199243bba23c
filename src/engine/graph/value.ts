/**
 * The graph: values made by nodes. In: an op, its input values and attributes (plain data). Out: the op's output values.
 * Nothing is computed here; the graph is walked backwards from the values somebody wants.
 */
import type { Op } from "./op";

export type DType = "f32" | "u32";

export interface TensorType {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Stored as bf16, two numbers in a word (wgsl/bfloat16.ts). Who reads it sees f32, so no op need know. */
  readonly packed?: true;
}

export interface Value extends TensorType {
  readonly node: Node;
  /** Which output of the node. */
  readonly index: number;
}

export interface Node {
  readonly op: Op;
  /** Counts up as nodes are made: inputs come before users, and a graph is run in about this order. */
  readonly order: number;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

/** Plain data, so that a program can be printed, compared and sent. */
export type Attribute = string | number | boolean | readonly Attribute[] | { readonly [name: string]: Attribute };
export type Attributes = Readonly<Record<string, Attribute>>;

/** Bindings start at multiples of this in every WebGPU implementation. */
export const ALIGNMENT = 256;

/** Where a value lives when it is not the planner's to place: a named arena and a byte offset (multiple of ALIGNMENT). */
export interface Storage {
  readonly arena: string;
  readonly offset: number;
}

/** The type alone, as plain data. */
export const typeOf = ({ shape, dtype, packed }: TensorType): TensorType => ({ shape, dtype, ...(packed ? { packed } : {}) });

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

export const f32 = (...shape: number[]): TensorType => ({ shape, dtype: "f32" });
export const u32 = (...shape: number[]): TensorType => ({ shape, dtype: "u32" });

let nodesMade = 0;

/**
 * Applies an op. Throws a `ShapeError` of the op's shape rule when the inputs do not fit. A pass that rewrites a node gives
 * the `order` of the node it replaces, so that the schedule stays where the author put it. Outputs that the attribute `packed`
 * numbers are stored as bf16.
 */
export function apply(op: Op, inputs: readonly Value[], attributes: Attributes = {}, order = ++nodesMade): readonly Value[] {
  const types = op.infer(inputs, attributes);
  const outputs: Value[] = [];
  const node: Node = { op, order, inputs, attributes, outputs };
  // A view has its input's bytes, however they are stored.
  const isPacked = (index: number): boolean => (op.view ? inputs[0]!.packed : (attributes["packed"] as readonly number[] | undefined)?.includes(index)) ?? false;
  types.forEach(({ shape, dtype }, index) => outputs.push({ shape, dtype, ...(isPacked(index) ? { packed: true } : {}), node, index }));
  return outputs;
}

/** The first output of an op, for the many that have one. */
export function applyOne(op: Op, inputs: readonly Value[], attributes: Attributes = {}): Value {
  return apply(op, inputs, attributes)[0]!;
}

/** A shape rule was broken; the message gives the op and the shapes. */
export class ShapeError extends Error {
  constructor(op: string, inputs: readonly TensorType[], reason: string) {
    super(`${op}(${inputs.map(({ shape, dtype }) => `${dtype}[${shape.join(", ")}]`).join(", ")}): ${reason}`);
    this.name = "ShapeError";
  }
}

/**
 * All nodes that the given values depend on, inputs before users, otherwise in the order they were made. `first` names further
 * nodes, all among those, that have to come before a node.
 */
export function sortNodes(roots: readonly Value[], first?: ReadonlyMap<Node, readonly Node[]>): Node[] {
  const reachable = new Set<Node>(roots.map((value) => value.node));
  for (const node of reachable) for (const input of node.inputs) reachable.add(input.node);
  const sorted: Node[] = [];
  const state = new Map<Node, "open" | "done">();
  // An explicit stack: a deep model would overflow the call stack.
  for (const start of [...reachable].sort((a, b) => a.order - b.order)) {
    const stack = [start];
    while (stack.length > 0) {
      const node = stack.at(-1)!;
      const waiting = state.has(node) ? [] : [...node.inputs.map((input) => input.node), ...(first?.get(node) ?? [])].filter((input) => state.get(input) !== "done");
      if (waiting.some((input) => state.get(input) === "open")) throw new Error(`The graph has a cycle through ${node.op.name}.`);
      if (!state.has(node)) state.set(node, "open");
      if (waiting.length > 0) {
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      if (state.get(node) !== "done") {
        state.set(node, "done");
        sorted.push(node);
      }
    }
  }
  return sorted;
}
