/**
 * Pass: a bias gradient beside its weight gradient. Both read dY: dW = dYᵀ·x is a TN product, db = Σ over the rows of dY. The product's
 * kernel passes over dY anyway, so it gives the sums as a last output (see ops/matmul). In: values. Out: equal values without
 * those reductions, wherever the product does not itself depend on the sums.
 */
import { type Node, type Value, apply, sameShape, sortNodes } from "../graph/value";
import { matmulOp } from "../ops/matmul/matmul";
import { reshape, reshapeOp } from "../ops/movement";
import { type Extents, reducedExtents } from "../ops/reduceKernel";

export function foldColumnSums(roots: readonly Value[]): Value[] {
  const nodes = sortNodes(roots);
  const products = new Map<Value, Node[]>();
  for (const node of nodes) {
    if (node.op !== matmulOp || node.attributes["layout"] !== "TN" || node.outputs.length > 1) continue;
    const read = base(node.inputs[0]!);
    products.set(read, [...(products.get(read) ?? []), node]);
  }
  // Which product gives each sum; with these as further edges the graph has to stay without circles.
  const givenBy = new Map<Node, Node>();
  for (const node of nodes) {
    const extents = node.op.name === "reduceSum" ? reducedExtents(node.inputs[0]!.shape, node.attributes) : undefined;
    const product = extents && products.get(base(node.inputs[0]!))?.find((one) => sumsColumns(one, extents) && !needs(one, node, givenBy));
    if (product) givenBy.set(node, product);
  }
  return givenBy.size === 0 ? [...roots] : rebuild(roots, givenBy);
}

const base = (value: Value): Value => (value.node.op === reshapeOp ? base(value.node.inputs[0]!) : value);

function sumsColumns(product: Node, { outer, reduced, inner }: Extents): boolean {
  const { shape } = product.inputs[0]!;
  return outer === 1 && sameShape(shape, [reduced, inner]);
}

/** Whether a node depends on another, also by way of the products that will give sums. */
function needs(from: Node, target: Node, givenBy: ReadonlyMap<Node, Node>): boolean {
  const seen = new Set<Node>([from]);
  for (const node of seen) {
    if (node === target) return true;
    for (const input of node.inputs) seen.add(input.node);
    const giver = givenBy.get(node);
    if (giver) seen.add(giver);
  }
  return false;
}

function rebuild(roots: readonly Value[], givenBy: ReadonlyMap<Node, Node>): Value[] {
  const giving = new Set(givenBy.values());
  const replaced = new Map<Value, Value>();
  for (const node of sortNodes(roots, new Map([...givenBy].map(([sum, product]) => [sum, [product]])))) {
    const giver = givenBy.get(node);
    if (giver) {
      const sums = replaced.get(giver.outputs[0]!)!.node.outputs[1]!;
      const { shape } = node.outputs[0]!;
      replaced.set(node.outputs[0]!, sameShape(sums.shape, shape) ? sums : reshape(sums, shape));
      continue;
    }
    const inputs = node.inputs.map((input) => replaced.get(input)!);
    const isSame = !giving.has(node) && inputs.every((input, index) => input === node.inputs[index]);
    const outputs = isSame ? node.outputs : apply(node.op, inputs, giving.has(node) ? { ...node.attributes, sums: true } : node.attributes, node.order);
    node.outputs.forEach((output, index) => replaced.set(output, outputs[index]!));
  }
  return roots.map((root) => replaced.get(root)!);
}
