/**
 * Second pass: chains of elementwise ops of one shape become one kernel, and a chain behind a matrix product becomes its
 * epilogue (bias, activation, residual, the slope of an activation in the backward). In: values. Out: equal values whose
 * elementwise nodes are all `fusedElementwise` or inside a matmul. A node joins the group of one of its inputs, and makes one
 * of two such groups, unless something between depends on that group or the kernel would bind more buffers than allowed.
 */
import { expressionOf, fusedElementwise } from "../ops/elementwise";
import type { Expression, ExpressionStep, Operand } from "../ops/expression";
import { matmulOp } from "../ops/matmul/matmul";
import { stack } from "../ops/movement";
import { type Attributes, type Node, type Value, apply, sameShape, sortNodes } from "../graph/value";

interface Group {
  readonly kind: "elementwise" | "matmul" | "other";
  readonly members: Node[];
  readonly shape: readonly number[];
}

export function fuseElementwise(roots: readonly Value[], storageBuffers: number): Value[] {
  const nodes = sortNodes(roots);
  const groups = groupNodes(nodes, roots, storageBuffers);
  return rebuildGroups(nodes, roots, groups);
}

const isScalar = (value: Value): boolean => value.shape.length === 0 && value.dtype === "f32";
/** Scalars that make a scalar are bound one by one: stacking them would cost a dispatch and save none. */
const canPackScalars = (shape: readonly number[]): boolean => shape.length > 0;
const isConstant = (node: Node): boolean => node.op.name === "constant";

function kindOf(node: Node): Group["kind"] {
  if (node.op === matmulOp) return "matmul";
  return expressionOf(node.op.name, [], node.attributes) ? "elementwise" : "other";
}

function groupNodes(nodes: readonly Node[], roots: readonly Value[], storageBuffers: number): Map<Node, Group> {
  const groups = new Map<Node, Group>();
  const users = usersOf(nodes, roots);
  const places = new Map(nodes.map((node, place) => [node, place]));
  for (const node of nodes) {
    const kind = kindOf(node);
    const shape = node.outputs[0]!.shape;
    const group = kind === "elementwise" ? groupToJoin(node, groups, users, storageBuffers) : undefined;
    if (group) group.members.push(node);
    groups.set(node, group ?? { kind, members: [node], shape });
    if (group?.kind === "elementwise") absorbInputs(node, group, groups, users, places, storageBuffers);
  }
  return groups;
}

/** Who reads each value; a root is also read by "outside". */
function usersOf(nodes: readonly Node[], roots: readonly Value[]): Map<Value, (Node | "outside")[]> {
  const users = new Map<Value, (Node | "outside")[]>();
  const note = (value: Value, user: Node | "outside"): void => void users.set(value, [...(users.get(value) ?? []), user]);
  for (const node of nodes) for (const input of node.inputs) note(input, node);
  for (const root of roots) note(root, "outside");
  return users;
}

function groupToJoin(node: Node, groups: Map<Node, Group>, users: ReturnType<typeof usersOf>, storageBuffers: number): Group | undefined {
  const candidates = new Set<Group>();
  for (const input of node.inputs) {
    const group = groups.get(input.node)!;
    if (!isConstant(input.node) && group.kind !== "other" && sameShape(group.shape, node.outputs[0]!.shape)) candidates.add(group);
  }
  const lastOrder = (group: Group): number => group.members.at(-1)!.order;
  const ranked = [...candidates].sort((a, b) => Number(b.kind === "matmul") - Number(a.kind === "matmul") || lastOrder(b) - lastOrder(a));
  return ranked.find((group) => {
    const outsideInputs = node.inputs.filter((input) => groups.get(input.node) !== group);
    if (outsideInputs.some((input) => dependsOn(groups.get(input.node)!, group, groups))) return false;
    return countBindings([...group.members, node], users) <= storageBuffers;
  });
}

/** Where a node reads from two groups, as an optimizer's update does, it makes one of them if it can. */
function absorbInputs(
  node: Node, group: Group, groups: Map<Node, Group>, users: ReturnType<typeof usersOf>, places: ReadonlyMap<Node, number>, storageBuffers: number,
): void {
  for (const input of node.inputs) {
    const other = groups.get(input.node)!;
    if (other === group || other.kind !== "elementwise" || isConstant(input.node) || !sameShape(other.shape, group.shape)) continue;
    if (needsThroughOthers(other, group, groups) || needsThroughOthers(group, other, groups)) continue;
    const members = [...other.members, ...group.members];
    if (countBindings(members, users) > storageBuffers) continue;
    group.members.splice(0, group.members.length, ...members.sort((a, b) => places.get(a)! - places.get(b)!));
    for (const member of other.members) groups.set(member, group);
  }
}

/** Whether `from` needs a result of `target` by way of a group that is neither: then the two cannot be one kernel. */
function needsThroughOthers(from: Group, target: Group, groups: Map<Node, Group>): boolean {
  const others = new Set(from.members.flatMap((member) => member.inputs.map((input) => groups.get(input.node)!)));
  others.delete(from);
  others.delete(target);
  return [...others].some((other) => dependsOn(other, target, groups));
}

/** Whether anything in `from` needs, directly or through other groups, a result of `target`. */
function dependsOn(from: Group, target: Group, groups: Map<Node, Group>): boolean {
  const seen = new Set<Group>([from]);
  for (const group of seen) {
    if (group === target) return true;
    for (const member of group.members) for (const input of member.inputs) seen.add(groups.get(input.node)!);
  }
  return false;
}

function countBindings(members: readonly Node[], users: ReturnType<typeof usersOf>): number {
  const inside = new Set<Node | "outside">(members);
  // A product binds both its matrices by themselves, also where they are one value or the epilogue reads them again.
  const [product, links] = members[0]!.op === matmulOp ? [members[0]!, members.slice(1)] : [undefined, members];
  const inputs = new Set(links.flatMap((member) => member.inputs.filter((input) => !inside.has(input.node) && !isConstant(input.node))));
  const outputs = members.filter((member) => users.get(member.outputs[0]!)?.some((user) => !inside.has(user)));
  const packed = canPackScalars(members[0]!.outputs[0]!.shape) ? Math.max(0, [...inputs].filter(isScalar).length - 1) : 0;
  return (product?.inputs.length ?? 0) + inputs.size - packed + outputs.length;
}

function rebuildGroups(nodes: readonly Node[], roots: readonly Value[], groups: Map<Node, Group>): Value[] {
  const users = usersOf(nodes, roots);
  const replaced = new Map<Value, Value>();
  const built = new Set<Group>();
  const build = (group: Group): void => {
    if (built.has(group)) return;
    built.add(group);
    for (const member of group.members) for (const input of member.inputs) build(groups.get(input.node)!);
    const renamed = (value: Value): Value => replaced.get(value)!;
    const first = group.members[0]!;
    if (group.kind === "other" || (group.kind === "matmul" && group.members.length === 1)) {
      const outputs = apply(first.op, first.inputs.map(renamed), first.attributes, first.order);
      first.outputs.forEach((output, index) => replaced.set(output, outputs[index]!));
    } else {
      fuse(group, users, renamed).forEach((value, output) => replaced.set(output, value));
    }
  };
  for (const node of nodes) build(groups.get(node)!);
  return roots.map((root) => replaced.get(root)!);
}

/** One node for the whole group; gives the new value of each member's output that is read outside. */
function fuse(group: Group, users: ReturnType<typeof usersOf>, renamed: (value: Value) => Value): Map<Value, Value> {
  const inside = new Set<Node | "outside">(group.members);
  const product = group.kind === "matmul" ? group.members[0]! : undefined;
  const links = product ? group.members.slice(1) : group.members;
  const outside: Value[] = [];
  const stepOf = new Map<Value, Operand>(product ? [[product.outputs[0]!, "x0"]] : []);
  const operandOf = (value: Value): Operand => {
    const known = stepOf.get(value);
    if (known !== undefined) return known;
    if (isConstant(value.node)) return value.node.attributes["value"] as number;
    if (!outside.includes(value)) outside.push(value);
    return `x${outside.indexOf(value) + (product ? 1 : 0)}`;
  };
  const steps: ExpressionStep[] = [];
  for (const member of links) {
    const own = expressionOf(member.op.name, group.shape, member.attributes)!;
    if (own.steps.length === 0) {
      stepOf.set(member.outputs[0]!, own.results[0]!);
      continue;
    }
    const step = own.steps[0]!;
    steps.push({ ...step, args: member.inputs.map(operandOf) });
    stepOf.set(member.outputs[0]!, `s${steps.length - 1}`);
  }
  const leaving = group.members.map((member) => member.outputs[0]!).filter((output) => users.get(output)?.some((user) => !inside.has(user)));
  // A constant is also written as a literal wherever an elementwise op reads it, so nobody may need its group at all.
  if (leaving.length === 0) return new Map();
  const expression: Expression = { shape: group.shape, steps, results: leaving.map((output) => stepOf.get(output)!) };
  const order = Math.max(...group.members.map((member) => member.order));
  const packed = packScalars(expression, outside.map(renamed), product ? 1 : 0);
  const data = packed.expression as unknown as Attributes;
  const outputs = product
    ? apply(matmulOp, [...product.inputs.map(renamed), ...packed.inputs], { ...product.attributes, epilogue: data }, order)
    : apply(fusedElementwise, packed.inputs, { expression: data }, order);
  return new Map(leaving.map((output, index) => [output, outputs[index]!]));
}

/**
 * Several scalars that a kernel over a tensor reads (learning rate, clipping factor, bias corrections …) become one stacked
 * input, because every buffer a kernel binds counts against a small limit. `first` is the expression's name for inputs[0].
 */
function packScalars(expression: Expression, inputs: readonly Value[], first: number): { expression: Expression; inputs: readonly Value[] } {
  const scalars = inputs.filter(isScalar);
  if (scalars.length < 2 || !canPackScalars(expression.shape)) return { expression, inputs };
  const others = inputs.filter((input) => !isScalar(input));
  const rename = (operand: Operand): Operand => {
    const input = typeof operand === "string" && operand.startsWith("x") ? inputs[Number(operand.slice(1)) - first] : undefined;
    if (!input) return operand;
    return isScalar(input) ? `x${others.length + first}.${scalars.indexOf(input)}` : `x${others.indexOf(input) + first}`;
  };
  return {
    inputs: [...others, stack(scalars)],
    expression: {
      shape: expression.shape,
      steps: expression.steps.map((step) => ({ ...step, args: step.args.map(rename) })),
      results: expression.results.map(rename),
    },
  };
}
