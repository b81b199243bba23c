/**
 * Reverse-mode differentiation. In: values with their gradients (the seeds), the values to differentiate by. Out: one
 * gradient value for each of those; gradients are more graph. A walk from the last node to the first asks each op for the
 * gradients of its inputs (its `vjp`) and adds up what arrives along several paths.
 */
import { accumulate, sumTo } from "./accumulate";
import { opNamed } from "./op";
import { type Node, type Value, applyOne, sameShape, sortNodes } from "./value";

export interface Seed {
  readonly value: Value;
  readonly gradient: Value;
}

/** Gradients of a scalar. Values that the scalar does not depend on get zeros. */
export function differentiate(scalar: Value, by: readonly Value[]): Value[] {
  return differentiateSeeds([{ value: scalar, gradient: constantOf(1, scalar.shape) }], by);
}

/** Each of `by` is taken as given: what it was made of, be it from another of them, adds nothing. */
export function differentiateSeeds(seeds: readonly Seed[], by: readonly Value[]): Value[] {
  const nodes = sortNodes(seeds.map((seed) => seed.value));
  const leading = nodesLeadingFrom(nodes, by);
  const ends = new Set(by);
  const gradients = new Map<Value, Value>();
  for (const { value, gradient } of seeds) gradients.set(value, accumulate(gradients.get(value), gradient));
  for (const node of nodes.reverse()) {
    const flowing = node.outputs.map((output) => (ends.has(output) ? undefined : gradients.get(output)));
    if (!node.inputs.some((input) => leading.has(input.node)) || !node.op.vjp || flowing.every((gradient) => gradient === undefined)) continue;
    const found = node.op.vjp({ inputs: node.inputs, outputs: node.outputs, attributes: node.attributes, gradients: flowing });
    node.inputs.forEach((input, index) => {
      const gradient = found[index];
      if (!gradient) return;
      const summed = sumTo(gradient, input.shape);
      if (!sameShape(summed.shape, input.shape)) {
        throw new Error(`${node.op.name} gave input ${index} of shape [${input.shape.join()}] a gradient of shape [${gradient.shape.join()}].`);
      }
      gradients.set(input, accumulate(gradients.get(input), summed));
    });
  }
  return by.map((value) => gradients.get(value) ?? constantOf(0, value.shape));
}

/** The nodes of the values and all that they flow into. Only a node with such an input has a gradient to pass on. */
function nodesLeadingFrom(nodes: readonly Node[], by: readonly Value[]): Set<Node> {
  const sources = new Set(by.map((value) => value.node));
  const leading = new Set<Node>();
  for (const node of nodes) {
    if (sources.has(node) || node.inputs.some((input) => leading.has(input.node))) leading.add(node);
  }
  return leading;
}

function constantOf(number: number, shape: readonly number[]): Value {
  const scalar = applyOne(opNamed("constant"), [], { value: number });
  return shape.length === 0 ? scalar : applyOne(opNamed("broadcastTo"), [scalar], { shape });
}
