/**
 * One step of a program as a program of its own. In: a step, a target with the choices to try. Out: a program whose kernel texts
 * are, to the letter, those that the step gets in a run with these choices, so that a pipeline compiled for a trial is the run's
 * too. Operands that share a place share a buffer here; each place has a buffer to itself.
 */
import { lowerNode, lowerSchedule } from "../compiler/lower";
import { ALIGNMENT } from "../compiler/planMemory";
import type { BufferRange, Operand, Program, Step } from "../compiler/program";
import { leaf } from "../graph/leaf";
import { type Target, opNamed } from "../graph/op";
import { type Node, type Value, apply, typeOf } from "../graph/value";

export function compileAlone(step: Step, target: Target): Program {
  const inputs = step.inputs.map((operand, index) => leaf(`x${index}`, typeOf(operand)));
  const node = apply(opNamed(step.op), inputs, step.attributes)[0]!.node;
  const operands = new Map<Value, Operand>();
  node.inputs.forEach((value, index) => operands.set(value, step.inputs[index]!));
  node.outputs.forEach((value, index) => operands.set(value, step.outputs[index]!));
  const places = placeApart(operands);
  const bound = new Set(step.dispatches.flatMap(({ ranges }) => ranges.map(placeOf)));
  // An output that nobody reads in the run is one that its kernels left out.
  const lowering = lowerNode(node, target, (input, output) => overlap(operands.get(input)!, operands.get(output)!), (value) => bound.has(placeOf(operands.get(value)!)));
  const scratch = Object.fromEntries(Object.entries(lowering.scratch ?? {}).map(([name, words]): [string, BufferRange] => [
    name, { buffer: `scratch.${name}`, offset: 0, bytes: Math.ceil((words * 4) / 16) * 16 },
  ]));
  const plan = { places, scratch: new Map<Node, Readonly<Record<string, BufferRange>>>([[node, scratch]]), slots: [] };
  const { steps, kernels } = lowerSchedule([node], new Map([[node, lowering]]), plan, target);
  const sizes = [...places.values(), ...Object.values(scratch)].map(({ buffer, bytes }) => [buffer, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT] as const);
  const operandOf = (value: Value): Operand => ({ ...typeOf(value), ...places.get(value)! });
  return {
    name: step.op,
    kernels,
    steps,
    slots: [],
    arenas: Object.fromEntries(sizes),
    leaves: Object.fromEntries(node.inputs.map((value, index) => [`x${index}`, operandOf(value)])),
    outputs: Object.fromEntries(node.outputs.map((value, index) => [`y${index}`, operandOf(value)])),
    flops: 0,
  };
}

const placeOf = ({ buffer, offset }: BufferRange): string => `${buffer}+${offset}`;

/** Operands of one step have bytes in common only where one is updated in place or is a part of the other. */
const overlap = (a: BufferRange, b: BufferRange): boolean => a.buffer === b.buffer && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

function placeApart(operands: ReadonlyMap<Value, Operand>): Map<Value, BufferRange> {
  const names = new Map<string, string>();
  for (const operand of operands.values()) {
    if (!names.has(placeOf(operand))) names.set(placeOf(operand), `place${names.size}`);
  }
  return new Map([...operands].map(([value, operand]) => [value, { buffer: names.get(placeOf(operand))!, offset: 0, bytes: operand.bytes }]));
}
