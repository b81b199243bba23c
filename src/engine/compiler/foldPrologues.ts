/**
 * Pass: numbers that are made only to be reduced are made where they are read. In: values after fusing. Out: equal values where a
 * `fusedElementwise` with one result that only one reduction reads is that reduction's prologue (the squares of a norm are never
 * stored).
 */
import { type Attribute, type Node, type Value, apply, sortNodes } from "../graph/value";
import { fusedElementwise } from "../ops/elementwise";
import { reshapeOp } from "../ops/movement";

export function foldPrologues(roots: readonly Value[], storageBuffers: number): Value[] {
  const nodes = sortNodes(roots);
  const readers = new Map<Value, number>();
  const count = (value: Value): void => void readers.set(value, (readers.get(value) ?? 0) + 1);
  for (const node of nodes) for (const input of node.inputs) count(input);
  for (const root of roots) count(root);
  const isReadOnce = (value: Value): boolean => readers.get(value) === 1 && (value.node.op !== reshapeOp || isReadOnce(value.node.inputs[0]!));

  const replaced = new Map<Value, Value>();
  for (const node of nodes) {
    const made = node.op.prologue && isReadOnce(node.inputs[0]!) ? base(node.inputs[0]!).node : undefined;
    const folds = made && made.op === fusedElementwise && made.outputs.length === 1 && buffersOf(node) + made.inputs.length - 1 <= storageBuffers;
    const outputs = folds ? withPrologue(node, made, replaced) : again(node, replaced);
    node.outputs.forEach((output, index) => replaced.set(output, outputs[index]!));
  }
  return roots.map((root) => replaced.get(root)!);
}

const base = (value: Value): Value => (value.node.op === reshapeOp ? base(value.node.inputs[0]!) : value);

/** An epilogue's inputs and all results are bound by one kernel at worst. */
const buffersOf = (node: Node): number => node.inputs.length + node.outputs.length;

function again(node: Node, replaced: ReadonlyMap<Value, Value>): readonly Value[] {
  const inputs = node.inputs.map((input) => replaced.get(input)!);
  return inputs.every((input, index) => input === node.inputs[index]) ? node.outputs : apply(node.op, inputs, node.attributes, node.order);
}

function withPrologue(node: Node, made: Node, replaced: ReadonlyMap<Value, Value>): readonly Value[] {
  const inputs = [...made.inputs, ...node.inputs.slice(1)].map((input) => replaced.get(input)!);
  const prologue: Attribute = made.attributes["expression"]!;
  return apply(node.op, inputs, { ...node.attributes, shape: node.inputs[0]!.shape, prologue, ownInputs: made.inputs.length }, node.order);
}
