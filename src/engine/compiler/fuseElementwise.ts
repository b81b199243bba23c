/**
 * Pass: chains of elementwise ops over as many numbers become one kernel, and a chain behind an op that takes an
 * epilogue (a matrix product, a norm's backward …) becomes its epilogue: bias, activation, residual, slope of an activation. In: values.
 * Out: equal values whose elementwise nodes are all `fusedElementwise` or in an epilogue. A node joins the group of one of its
 * inputs, and makes one of two such groups, unless something between depends on that group or the kernel would bind more buffers
 * than allowed. Reshapes are looked through: the bytes are the same.
 *
 * Tensors come first. What they read of single numbers is then stacked, and single numbers are fused with the stacks they end in: one
 * kernel makes the learning rate, the clipping factor and what else an update needs, and writes them side by side.
 */
import { type Node, type Value, apply, sameShape, sizeOf, sortNodes } from "../graph/value";
import { expressionOf } from "../ops/elementwise";
import { keysOf } from "../ops/expression";
import { reshapeOp } from "../ops/movement";
import { type Group, buildGroup, extentOf, isConstant, isFull, isPackable, isStack } from "./fusedGroup";

export type Stage = "tensors" | "scalars";

export function fuseElementwise(roots: readonly Value[], storageBuffers: number, stage: Stage): Value[] {
  const nodes = sortNodes(roots).filter((node) => node.op !== reshapeOp);
  const group = (counting: Counting): Grouping => {
    const grouping = new Grouping(nodes, roots, { stage, storageBuffers, counting });
    for (const node of nodes) grouping.place(node);
    return grouping;
  };
  const hopeful = group("stacks will join");
  return rebuild(nodes, roots, hopeful.holdsLimit() ? hopeful : group("as it is"));
}

/**
 * Scalars are placed before the stack that reads them, and until it joins each of them is an output. So those are counted as the one
 * output they will be; should a stack find no place in the end, all is done again without that hope.
 */
type Counting = "stacks will join" | "as it is";

interface Conditions {
  readonly stage: Stage;
  readonly storageBuffers: number;
  readonly counting: Counting;
}

/** The value whose bytes a value has: reshapes undone. */
const base = (value: Value): Value => (value.node.op === reshapeOp ? base(value.node.inputs[0]!) : value);

function isElementwise(node: Node, stage: Stage): boolean {
  const isScalar = sizeOf(extentOf(node)) === 1;
  if (isScalar !== (stage === "scalars")) return false;
  return isStack(node) || expressionOf(node.op.name, [], node.attributes) !== undefined;
}

function isHead({ op, attributes, outputs }: Node, stage: Stage): boolean {
  if (!op.epilogue || attributes["epilogue"] !== undefined) return false;
  return stage === "tensors" || (op.prologue === true && sizeOf(outputs[op.epilogue.output]!.shape) === 1);
}

/** Whether a node means the same over any shape of as many numbers: all it reads is as large, a single number or a key. */
function isFlat(node: Node): boolean {
  const size = sizeOf(extentOf(node));
  const expression = expressionOf(node.op.name, extentOf(node), node.attributes);
  const keys = expression ? keysOf(expression) : new Set();
  return node.op.name !== "iota" && node.inputs.every((input, index) => keys.has(index) || sizeOf(input.shape) === size || sizeOf(input.shape) === 1);
}

class Grouping {
  readonly groups = new Map<Node, Group>();
  readonly #users = new Map<Value, (Node | "outside")[]>();
  readonly #places: ReadonlyMap<Node, number>;
  readonly #conditions: Conditions;

  constructor(nodes: readonly Node[], roots: readonly Value[], conditions: Conditions) {
    this.#places = new Map(nodes.map((node, place) => [node, place]));
    this.#conditions = conditions;
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

  /** Whether every group's kernel binds no more buffers than allowed, all told. */
  holdsLimit(): boolean {
    return [...new Set(this.groups.values())].every(({ kind, members }) => kind === "other" || this.#buffersOf(members, "as it is") <= this.#conditions.storageBuffers);
  }

  place(node: Node): void {
    const { stage } = this.#conditions;
    if (isElementwise(node, stage) && isStack(node)) this.#gather(node);
    const joined = isElementwise(node, stage) ? this.#groupToJoin(node) : undefined;
    if (!joined) {
      const kind = isHead(node, stage) ? "head" : isElementwise(node, stage) && !isStack(node) ? "elementwise" : "other";
      this.groups.set(node, { kind, members: [node], shape: kind === "head" ? node.outputs[node.op.epilogue!.output]!.shape : extentOf(node) });
      return;
    }
    this.#add(joined, [node]);
    for (const input of node.inputs) this.#absorb(joined, this.groupOf(input));
  }

  /** What ends in one stack is made by one kernel as far as it can. */
  #gather(stack: Node): void {
    const [first, ...others] = this.#ranked(new Set(stack.inputs.map(this.groupOf).filter((group) => group.kind !== "other" && !isConstant(group.members[0]!))));
    for (const other of others) if (first) this.#absorb(first, other);
  }

  /** Heads first, then what comes latest. */
  #ranked(candidates: ReadonlySet<Group>): Group[] {
    const lastOrder = (group: Group): number => group.members.at(-1)!.order;
    return [...candidates].sort((a, b) => Number(b.kind === "head") - Number(a.kind === "head") || lastOrder(b) - lastOrder(a));
  }

  #groupToJoin(node: Node): Group | undefined {
    const candidates = new Set<Group>();
    for (const input of node.inputs) {
      const group = this.groupOf(input);
      if (group.kind !== "other" && !isConstant(base(input).node) && shapeOfBoth(group, [node])) candidates.add(group);
    }
    return this.#ranked(candidates).find((group) => {
      if (node.inputs.some((input) => this.#readsBeside(input, group))) return false;
      const outsideInputs = node.inputs.filter((input) => this.groupOf(input) !== group);
      if (outsideInputs.some((input) => this.#dependsOn(this.groupOf(input), group))) return false;
      return this.#fits([...group.members, node]);
    });
  }

  /** Where a node reads from two groups, as an optimizer's update does, it makes one of them if it can. */
  #absorb(group: Group, other: Group): void {
    if (other === group || other.kind !== "elementwise" || isConstant(other.members[0]!) || !shapeOfBoth(group, other.members)) return;
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

  #fits(members: readonly Node[]): boolean {
    return this.#buffersOf(members, this.#conditions.counting) <= this.#conditions.storageBuffers;
  }

  /** Buffers that one kernel for all of them binds; the first may be a head. */
  #buffersOf(members: readonly Node[], counting: Counting): number {
    const inside = new Set(members);
    const slot = isHead(members[0]!, this.#conditions.stage) ? members[0]!.op.epilogue : undefined;
    const links = slot ? members.slice(1) : members;
    const shape = links[0] ? extentOf(links[0]) : [];
    const inputs = new Set(links.flatMap((member) => member.inputs.filter((input) => !inside.has(base(input).node) && !isConstant(base(input).node))
      .map((input) => (isFull(input, shape) ? base(input) : input))));
    const leaving = members.map((member) => member.outputs[member === members[0] && slot ? slot.output : 0]!).filter((output) => this.leaves(output, inside));
    const packed = sizeOf(shape) > 1 ? Math.max(0, [...inputs].filter(isPackable).length - 1) : 0;
    return (slot ? slot.buffers + extraBuffers(members[0]!) : 0) + inputs.size - packed + this.#countOutputs(leaving, inside, counting);
  }

  #countOutputs(leaving: readonly Value[], inside: ReadonlySet<Node>, counting: Counting): number {
    if (counting === "as it is" || this.#conditions.stage === "tensors") return leaving.length;
    const results = new Set<Value | Node>();
    for (const value of leaving) {
      const outside = this.#users.get(value)!.filter((user) => user === "outside" || !inside.has(user));
      for (const user of outside) results.add(user !== "outside" && isStack(user) ? user : value);
    }
    return results.size;
  }
}

/** A product that also gives sums has an output more than its op says; a reduction with a prologue may have more inputs. */
function extraBuffers({ op, inputs, outputs, attributes }: Node): number {
  return Math.max(0, outputs.length - op.outputs.length) + (attributes["epilogue"] === undefined ? inputs.length - op.inputs.length : 0);
}

/** The shape that the group has with these members besides; undefined where they cannot be computed side by side. */
function shapeOfBoth(group: Group, members: readonly Node[]): readonly number[] | undefined {
  const bound = [...group.members.slice(group.kind === "head" ? 1 : 0), ...members].filter((member) => !isFlat(member));
  const shape = bound[0] ? extentOf(bound[0]) : group.shape;
  const fits = bound.every((member) => sameShape(extentOf(member), shape)) && members.every((member) => sizeOf(extentOf(member)) === sizeOf(group.shape));
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
