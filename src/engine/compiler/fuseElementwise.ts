/**
 * Second pass: chains of elementwise ops over as many numbers become one kernel, and a chain behind an op that takes an
 * epilogue (a matrix product, a norm's backward …) becomes its epilogue: bias, activation, residual, slope of an activation. In: values.
 * Out: equal values whose elementwise nodes are all `fusedElementwise` or in an epilogue. A node joins the group of one of its
 * inputs, and makes one of two such groups, unless something between depends on that group or the kernel would bind more buffers
 * than allowed. Reshapes are looked through: the bytes are the same.
 */
import { type Node, type Value, apply, sameShape, sizeOf, sortNodes } from "../graph/value";
import { expressionOf } from "../ops/elementwise";
import { reshapeOp } from "../ops/movement";
import { type Group, buildGroup, isConstant, isFull, isPackable } from "./fusedGroup";

export function fuseElementwise(roots: readonly Value[], storageBuffers: number): Value[] {
  const nodes = sortNodes(roots).filter((node) => node.op !== reshapeOp);
  const grouping = new Grouping(nodes, roots, storageBuffers);
  for (const node of nodes) grouping.place(node);
  return rebuild(nodes, roots, grouping);
}

/** The value whose bytes a value has: reshapes undone. */
const base = (value: Value): Value => (value.node.op === reshapeOp ? base(value.node.inputs[0]!) : value);

const isElementwise = (node: Node): boolean => expressionOf(node.op.name, [], node.attributes) !== undefined;

/** Whether a node means the same over any shape of as many numbers: all it reads is as large, or a single number. */
function isFlat(node: Node): boolean {
  const size = sizeOf(node.outputs[0]!.shape);
  return node.op.name !== "iota" && node.inputs.every((input) => sizeOf(input.shape) === size || sizeOf(input.shape) === 1);
}

class Grouping {
  readonly groups = new Map<Node, Group>();
  readonly #users = new Map<Value, (Node | "outside")[]>();
  readonly #places: ReadonlyMap<Node, number>;
  readonly #storageBuffers: number;

  constructor(nodes: readonly Node[], roots: readonly Value[], storageBuffers: number) {
    this.#places = new Map(nodes.map((node, place) => [node, place]));
    this.#storageBuffers = storageBuffers;
    const note = (value: Value, user: Node | "outside"): void => {
      const users = this.#users.get(base(value));
      if (users) users.push(user);
      else this.#users.set(base(value), [user]);
    };
    for (const node of nodes) for (const input of node.inputs) note(input, node);
    for (const root of roots) note(root, "outside");
  }

  /** Whether somebody outside a set of nodes reads a value, or a reshape of it. */
  readonly leaves = (value: Value, inside: ReadonlySet<Node>): boolean =>
    this.#users.get(value)?.some((user) => user === "outside" || !inside.has(user)) ?? false;

  readonly groupOf = (value: Value): Group => this.groups.get(base(value).node)!;

  place(node: Node): void {
    const joined = isElementwise(node) ? this.#groupToJoin(node) : undefined;
    if (!joined) {
      const head = node.op.epilogue ? node : undefined;
      const shape = node.outputs[node.op.epilogue?.output ?? 0]!.shape;
      this.groups.set(node, { kind: head ? "head" : isElementwise(node) ? "elementwise" : "other", members: [node], shape });
      return;
    }
    this.#add(joined, [node]);
    for (const input of node.inputs) this.#absorb(joined, this.groupOf(input), input);
  }

  #groupToJoin(node: Node): Group | undefined {
    const candidates = new Set<Group>();
    for (const input of node.inputs) {
      const group = this.groupOf(input);
      if (group.kind !== "other" && !isConstant(base(input).node) && shapeOfBoth(group, [node])) candidates.add(group);
    }
    const lastOrder = (group: Group): number => group.members.at(-1)!.order;
    const ranked = [...candidates].sort((a, b) => Number(b.kind === "head") - Number(a.kind === "head") || lastOrder(b) - lastOrder(a));
    return ranked.find((group) => {
      if (node.inputs.some((input) => this.#readsBeside(input, group))) return false;
      const outsideInputs = node.inputs.filter((input) => this.groupOf(input) !== group);
      if (outsideInputs.some((input) => this.#dependsOn(this.groupOf(input), group))) return false;
      return this.#fits([...group.members, node]);
    });
  }

  /** Where a node reads from two groups, as an optimizer's update does, it makes one of them if it can. */
  #absorb(group: Group, other: Group, through: Value): void {
    if (other === group || other.kind !== "elementwise" || isConstant(base(through).node) || !shapeOfBoth(group, other.members)) return;
    if (this.#needsThroughOthers(other, group) || this.#needsThroughOthers(group, other)) return;
    // What an epilogue is given has to be there before its op begins.
    if (group.kind === "head" && group.members[0]!.inputs.some((input) => this.#dependsOn(this.groupOf(input), other))) return;
    if (other.members.some((member) => member.inputs.some((input) => this.#readsBeside(input, group)))) return;
    if (this.#fits([...group.members, ...other.members])) this.#add(group, other.members);
  }

  #add(group: Group, members: readonly Node[]): void {
    group.shape = shapeOfBoth(group, members)!;
    const head = group.kind === "head" ? group.members.slice(0, 1) : [];
    const others = [...group.members.slice(head.length), ...members].sort((a, b) => this.#places.get(a)! - this.#places.get(b)!);
    group.members.splice(0, group.members.length, ...head, ...others);
    for (const member of members) this.groups.set(member, group);
  }

  /** Whether a value is an output of the group's head that its epilogue cannot read. */
  #readsBeside(value: Value, group: Group): boolean {
    const source = base(value);
    return group.kind === "head" && source.node === group.members[0] && source.index !== source.node.op.epilogue!.output;
  }

  /** Whether `from` needs a result of `target` by way of a group that is neither: then the two cannot be one kernel. */
  #needsThroughOthers(from: Group, target: Group): boolean {
    const others = new Set(from.members.flatMap((member) => member.inputs.map(this.groupOf)));
    others.delete(from);
    others.delete(target);
    return [...others].some((other) => this.#dependsOn(other, target));
  }

  /** Whether anything in `from` needs, directly or through other groups, a result of `target`. */
  #dependsOn(from: Group, target: Group): boolean {
    const seen = new Set<Group>([from]);
    for (const group of seen) {
      if (group === target) return true;
      for (const member of group.members) for (const input of member.inputs) seen.add(this.groupOf(input));
    }
    return false;
  }

  /** Whether one kernel for all of them binds no more buffers than allowed. */
  #fits(members: readonly Node[]): boolean {
    const inside = new Set(members);
    const slot = members[0]!.op.epilogue;
    const links = slot ? members.slice(1) : members;
    const inputs = new Set(links.flatMap((member) => member.inputs.filter((input) => !inside.has(base(input).node) && !isConstant(base(input).node))
      .map((input) => (isFull(input, links[0]!.outputs[0]!.shape) ? base(input) : input))));
    const outputs = members.filter((member) => this.leaves(member.outputs[member === members[0] && slot ? slot.output : 0]!, inside));
    const packed = sizeOf(links[0]!.outputs[0]!.shape) > 1 ? Math.max(0, [...inputs].filter(isPackable).length - 1) : 0;
    // A product that also gives sums has an output more than its op says.
    const bound = slot ? slot.buffers + Math.max(0, members[0]!.outputs.length - members[0]!.op.outputs.length) : 0;
    return bound + inputs.size - packed + outputs.length <= this.#storageBuffers;
  }
}

/** The shape that the group has with these members besides; undefined where they cannot be computed side by side. */
function shapeOfBoth(group: Group, members: readonly Node[]): readonly number[] | undefined {
  const bound = [...group.members.slice(group.kind === "head" ? 1 : 0), ...members].filter((member) => !isFlat(member));
  const shape = bound[0]?.outputs[0]!.shape ?? group.shape;
  const fits = bound.every((member) => sameShape(member.outputs[0]!.shape, shape)) && members.every((member) => sizeOf(member.outputs[0]!.shape) === sizeOf(group.shape));
  return fits ? shape : undefined;
}

function rebuild(nodes: readonly Node[], roots: readonly Value[], grouping: Grouping): Value[] {
  const replaced = new Map<Value, Value>();
  const built = new Set<Group>();
  const renamed = (value: Value): Value => {
    const known = replaced.get(value);
    if (known) return known;
    const source = renamed(base(value));
    const found = sameShape(source.shape, value.shape) ? source : apply(reshapeOp, [source], { shape: value.shape }, value.node.order)[0]!;
    replaced.set(value, found);
    return found;
  };
  const build = (group: Group): void => {
    if (built.has(group)) return;
    built.add(group);
    for (const member of group.members) for (const input of member.inputs) build(grouping.groupOf(input));
    buildGroup(group, { base, renamed, leaves: grouping.leaves }).forEach((value, output) => replaced.set(output, value));
  };
  for (const node of nodes) build(grouping.groups.get(node)!);
  return roots.map(renamed);
}
