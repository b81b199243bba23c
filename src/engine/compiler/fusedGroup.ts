/**
 * One node for a group of nodes that fuseElementwise put together. In: the group, what its inputs have become, who reads
 * outside. Out: for each value that is read outside, the new one: a result of a `fusedElementwise`, or of the group's head with the
 * others as its epilogue.
 */
import { type Attributes, type Node, type Value, apply, sameShape, sizeOf } from "../graph/value";
import { expressionOf, fusedElementwise } from "../ops/elementwise";
import { type Expression, type ExpressionStep, type Operand, reachOf } from "../ops/expression";
import { reshape, stack, stackOp } from "../ops/movement";

export interface Group {
  /** "head": the first member takes the others as its epilogue. "other": one node, kept as it is. */
  readonly kind: "elementwise" | "head" | "other";
  /** Inputs before users. */
  readonly members: Node[];
  /** What the elementwise members are computed over. */
  shape: readonly number[];
}

interface Surroundings {
  /** The value whose bytes a value has. */
  readonly base: (value: Value) => Value;
  /** What a value of the old graph is in the new one. */
  readonly renamed: (value: Value) => Value;
  readonly leaves: (value: Value, inside: ReadonlySet<Node>) => boolean;
}

/** Single numbers side by side: in a group of single numbers, one more result. */
export const isStack = (node: Node): boolean => node.op === stackOp;
/** What a member is computed over. */
export const extentOf = (node: Node): readonly number[] => (isStack(node) ? [] : node.outputs[0]!.shape);
export const isConstant = (node: Node): boolean => node.op.name === "constant";
export const isPackable = (value: Value): boolean => sizeOf(value.shape) === 1 && value.dtype === "f32";
/** Whether a value has a number of its own for every number of the shape, whatever its axes. */
export const isFull = (value: Value, shape: readonly number[]): boolean => sizeOf(value.shape) === sizeOf(shape);

export function buildGroup(group: Group, around: Surroundings): Map<Value, Value> {
  const [first] = group.members;
  if (group.kind === "other" || (group.kind === "head" && group.members.length === 1)) {
    const outputs = apply(first!.op, first!.inputs.map(around.renamed), first!.attributes, first!.order);
    return new Map(first!.outputs.map((output, index) => [output, outputs[index]!]));
  }
  return fuse(group, around);
}

function fuse({ kind, members, shape }: Group, { base, renamed, leaves }: Surroundings): Map<Value, Value> {
  const head = kind === "head" ? members[0]! : undefined;
  const slot = head?.op.epilogue;
  const inside = new Set(members);
  const outside: Value[] = [];
  const stacks = new Map<Value, Operand[]>();
  const stepOf = new Map<Value, Operand>(head && slot ? [[head.outputs[slot.output]!, "x0"]] : []);
  const operandOf = (value: Value): Operand => {
    const source = base(value);
    const known = stepOf.get(source);
    if (known !== undefined) return known;
    if (isConstant(source.node)) return source.node.attributes["value"] as number;
    const key = isFull(value, shape) ? source : value;
    if (!outside.includes(key)) outside.push(key);
    return `x${outside.indexOf(key) + (head ? 1 : 0)}`;
  };
  const steps: ExpressionStep[] = [];
  for (const member of head ? members.slice(1) : members) {
    if (isStack(member)) {
      stacks.set(member.outputs[0]!, member.inputs.map(operandOf));
      continue;
    }
    const own = expressionOf(member.op.name, shape, member.attributes)!;
    const [args, before] = [member.inputs.map(operandOf), steps.length];
    const placed = (operand: Operand): Operand => (typeof operand === "number" ? operand : operand.startsWith("x") ? args[Number(operand.slice(1))]! : `s${before + Number(operand.slice(1))}`);
    steps.push(...own.steps.map((step) => ({ ...step, args: step.args.map(placed) })));
    stepOf.set(member.outputs[0]!, placed(own.results[0]!));
  }
  const single = [...stepOf.keys()].filter((output) => leaves(output, inside));
  const leaving = [...single, ...stacks.keys()];
  // A constant is also written as a literal wherever an elementwise op reads it, so nobody may need its group at all.
  if (leaving.length === 0) return new Map();
  const results = single.map((output) => stepOf.get(output)!);
  const expression: Expression = { shape, steps, results, ...(stacks.size > 0 ? { stacks: [...stacks.values()] } : {}) };
  const order = Math.max(...members.map((member) => member.order));
  const inputs = outside.map((value) => readable(renamed(value), shape));
  const packed = packScalars(expression, inputs, head ? 1 : 0);
  const data = packed.expression as unknown as Attributes;
  if (!head || !slot) {
    const outputs = apply(fusedElementwise, packed.inputs, { expression: data }, order);
    return new Map(leaving.map((output, index) => [output, shaped(outputs[index]!, output.shape)]));
  }
  const outputs = apply(head.op, [...head.inputs.map(renamed), ...packed.inputs], { ...head.attributes, epilogue: data }, order);
  const untouched = head.outputs.filter((_, index) => index !== slot.output);
  const others = outputs.filter((_, index) => index < slot.output || index >= slot.output + leaving.length);
  return new Map([
    ...leaving.map((output, index) => [output, shaped(outputs[slot.output + index]!, output.shape)] as const),
    ...untouched.map((output, index) => [output, others[index]!] as const),
  ]);
}

const shaped = (value: Value, shape: readonly number[]): Value => (sameShape(value.shape, shape) ? value : reshape(value, shape));

/** An input as an expression over `shape` can read it: along the same axes where it is as large, perhaps without leading 1s. */
function readable(value: Value, shape: readonly number[]): Value {
  return !isFull(value, shape) || reachOf(value.shape, shape).kind === "full" || sizeOf(shape) === 1 ? value : shaped(value, shape);
}

/**
 * Several single numbers that a kernel over a tensor reads (learning rate, clipping factor, bias corrections …) become one stacked
 * input, because every buffer a kernel binds counts against a small limit. `first` is the expression's name for inputs[0].
 */
function packScalars(expression: Expression, inputs: readonly Value[], first: number): { expression: Expression; inputs: readonly Value[] } {
  const scalars = inputs.filter(isPackable);
  if (scalars.length < 2 || sizeOf(expression.shape) === 1) return { expression, inputs };
  const others = inputs.filter((input) => !isPackable(input));
  const rename = (operand: Operand): Operand => {
    const input = typeof operand === "string" && operand.startsWith("x") ? inputs[Number(operand.slice(1)) - first] : undefined;
    if (!input) return operand;
    return isPackable(input) ? `x${others.length + first}.${scalars.indexOf(input)}` : `x${others.indexOf(input) + first}`;
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
