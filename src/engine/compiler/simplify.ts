/**
 * Pass: the same numbers with fewer nodes. In: values. Out: equal values where common subexpressions are computed
 * once, arithmetic on constants is done, reshapes of reshapes, broadcasts that the consumer does anyway, +0 and ×1 are gone.
 * Dead nodes vanish by themselves: nothing reaches them.
 */
import { type Expression, computeExpression } from "../ops/expression";
import { expressionOf, scalar } from "../ops/elementwise";
import { reshape } from "../ops/movement";
import { type Node, type Value, apply, sameShape, sortNodes } from "../graph/value";

export function simplify(roots: readonly Value[]): Value[] {
  const replaced = new Map<Value, Value>();
  const known = new Map<string, readonly Value[]>();
  const numbers = new Map<Value, number>();
  const numberOf = (value: Value): number => {
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return numbers.get(value)!;
  };
  for (const node of sortNodes(roots)) {
    const rebuilt = rebuild(node, node.inputs.map((input) => replaced.get(input)!));
    // A leaf is data from outside, and an update writes in place: two that look alike are still two.
    const unique = rebuilt[0]!.node.inputs.length === 0 && rebuilt[0]!.node.op.name === "leaf";
    const { op, inputs, attributes } = rebuilt[0]!.node;
    const key = unique || op.updates ? `#${numberOf(rebuilt[0]!)}` : JSON.stringify([op.name, inputs.map(numberOf), attributes]);
    const outputs = known.get(key) ?? rebuilt[0]!.node.outputs;
    known.set(key, outputs);
    node.outputs.forEach((output, index) => replaced.set(output, outputs[rebuilt[index]!.index]!));
  }
  return roots.map((root) => replaced.get(root)!);
}

function rebuild(node: Node, inputs: readonly Value[]): readonly Value[] {
  const simpler = algebra(node, inputs);
  if (simpler) return [simpler];
  const direct = withoutBroadcasts(node, inputs);
  if (direct.every((input, index) => input === node.inputs[index])) return node.outputs;
  return apply(node.op, direct, node.attributes, node.order);
}

/** The number that all of a value's elements are, if it was made of a constant. */
function constantIn(value: Value | undefined): number | undefined {
  const { op, attributes, inputs } = value?.node ?? {};
  if (op?.name === "constant") return attributes!["value"] as number;
  return op?.name === "reshape" || op?.name === "broadcastTo" ? constantIn(inputs![0]) : undefined;
}

/** A cheaper value equal to the node's only output, if there is one. */
function algebra(node: Node, inputs: readonly Value[]): Value | undefined {
  const [a, b] = inputs;
  const shape = node.outputs[0]!.shape;
  const same = (value: Value): Value | undefined => (sameShape(value.shape, shape) ? value : undefined);
  switch (node.op.name) {
    case "reshape":
      if (sameShape(a!.shape, shape)) return a;
      return a!.node.op.name === "reshape" ? reshape(a!.node.inputs[0]!, shape) : undefined;
    case "broadcastTo":
      return same(a!);
    // These have done their work when gradients were made.
    case "withGradients":
    case "recomputed":
      return a!;
    case "stack":
      return inputs.length === 1 ? reshape(a!, shape) : undefined;
    case "where": {
      const condition = constantIn(a);
      const chosen = condition === undefined ? undefined : same(inputs[condition === 0 ? 2 : 1]!);
      if (chosen) return chosen;
      break;
    }
    case "add":
      return (constantIn(a) === 0 ? same(b!) : undefined) ?? (constantIn(b) === 0 ? same(a!) : undefined);
    case "subtract":
      if (constantIn(b) === 0 && same(a!)) return a;
      break;
    case "multiply":
      if (constantIn(a) === 1 && same(b!)) return b;
      if (constantIn(b) === 1 && same(a!)) return a;
      break;
    default:
  }
  const expression = shape.length === 0 && inputs.length > 0 ? expressionOf(node.op.name, shape, node.attributes) : undefined;
  const constants = inputs.map(constantIn);
  return expression && constants.every((number) => number !== undefined) ? foldConstants(expression, constants) : undefined;
}

function foldConstants(expression: Expression, constants: readonly number[]): Value | undefined {
  const output = new Float64Array(1);
  computeExpression(expression, constants.map((number) => Float64Array.of(number)), constants.map(() => ({ shape: [], dtype: "f32" })), [output]);
  return Number.isFinite(Math.fround(output[0]!)) ? scalar(output[0]!) : undefined;
}

/** Elementwise ops broadcast their inputs themselves: an explicit broadcast is only needed where it sets the shape. */
function withoutBroadcasts(node: Node, inputs: readonly Value[]): readonly Value[] {
  if (node.op.name === "broadcastTo" || !expressionOf(node.op.name, [], node.attributes)) return inputs;
  const direct = [...inputs];
  direct.forEach((input, index) => {
    if (input.node.op.name !== "broadcastTo") return;
    const trial = direct.map((other, at) => (at === index ? input.node.inputs[0]! : other));
    const [inferred] = node.op.infer(trial, node.attributes);
    if (sameShape(inferred!.shape, node.outputs[0]!.shape)) direct[index] = trial[index]!;
  });
  return direct;
}
