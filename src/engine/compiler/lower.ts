/**
 * Pass: kernels, before memory is planned because they say what scratch they need (`lowerNode`), and steps after it (`lowerSchedule`). In: the
 * schedule, the target, then the memory plan. Out: the steps of the program with their dispatches; a kernel text that several steps share is kept once. Operands are found by the names the op gives them; ops that take any
 * number of operands call them x0, x1 … and y0, y1 …; an epilogue's inputs are e0, e1 …, its results y0, y1 ….
 */
import { type Lowering, type Target, ownInputs } from "../graph/op";
import { type Node, type Value, sizeOf, typeOf } from "../graph/value";
import { EngineError } from "../graph/engineError";
import { type Kernel, codeWithLengths, itemKernel, read, write } from "../wgsl/kernel";
import { canWritePacked, withPackedOperands } from "../wgsl/packedOperands";
import { type Expression, outputShapes } from "../ops/expression";
import type { MemoryPlan } from "./planMemory";
import type { BufferRange, Dispatch, Operand, ProgramKernel, Step } from "./program";

export interface Lowered {
  readonly steps: readonly Step[];
  readonly kernels: readonly ProgramKernel[];
}

export function lowerNode(node: Node, target: Target, shareBytes: (input: Value, output: Value) => boolean, isValueRead: (value: Value) => boolean): Lowering {
  const inPlace = (input: number, output: number): boolean => shareBytes(node.inputs[input]!, node.outputs[output]!);
  const isRead = (output: number): boolean => isValueRead(node.outputs[output]!);
  const lowering = node.op.lower({ inputTypes: node.inputs, outputTypes: node.outputs, attributes: node.attributes, target, inPlace, isRead });
  return packLowering(node, lowering);
}

/** A value that is written packed by a kernel of its own is bound there under its operand's name with this in front. */
const PACKED = "packed_";

/**
 * Kernels that read and write the node's packed values as they are stored. One that cannot write them so (it does not write whole
 * vec4s, or reads them again) writes f32 to scratch memory, and a kernel behind it packs that.
 */
function packLowering(node: Node, { kernels, scratch = {} }: Lowering): Lowering {
  if (![...node.inputs, ...node.outputs].some(({ packed }) => packed)) return { kernels, scratch };
  const names = new Set(kernels.flatMap(({ operands }) => operands.map(({ name }) => name)));
  const packed = [...names].filter((name) => !(name in scratch) && valueNamed(node, name).packed);
  const apart = packed.filter((name) => !kernels.every((kernel) => canWritePacked(kernel, name)));
  const direct = new Set(packed.filter((name) => !apart.includes(name)));
  return {
    kernels: [...kernels.map((kernel) => withPackedOperands(kernel, direct)), ...apart.map((name) => packKernel(name, sizeOf(valueNamed(node, name).shape)))],
    scratch: { ...scratch, ...Object.fromEntries(apart.map((name) => [name, sizeOf(valueNamed(node, name).shape)])) },
  };
}

/** Numbers beyond the last are whatever lies in the last sixteen bytes; nobody reads them. */
function packKernel(name: string, size: number): Kernel {
  const copy = itemKernel({
    label: "pack",
    bindings: { [name]: read("vec4f"), [PACKED + name]: write("vec4f") },
    workgroupSize: 64,
    items: Math.ceil(size / 4),
    body: `  ${PACKED}${name}[item] = ${name}[item];`,
  });
  return withPackedOperands(copy, new Set([PACKED + name]));
}

export function lowerSchedule(schedule: readonly Node[], lowerings: ReadonlyMap<Node, Lowering>, plan: MemoryPlan, target: Target): Lowered {
  const kernels: ProgramKernel[] = [];
  const indexOf = new Map<string, number>();
  const steps = schedule.map((node): Step => {
    const dispatches = lowerings.get(node)!.kernels.map((kernel): Dispatch => {
      const ranges = kernel.operands.map(({ name }) => rangeOf(node, name, plan));
      const code = codeWithLengths(kernel, ranges.map(({ bytes }) => bytes));
      if (!indexOf.has(code)) {
        const access = kernel.operands.map((operand) => (operand.access === "read" ? "r" : "w")).join("");
        indexOf.set(code, kernels.push({ label: kernel.label, code, access }) - 1);
      }
      checkRanges(kernel.label, ranges, kernel.operands.map((operand) => operand.access), target);
      return { kernel: indexOf.get(code)!, ranges, workgroups: kernel.workgroups };
    });
    return { op: node.op.name, attributes: node.attributes, inputs: node.inputs.map(operand), outputs: node.outputs.map(operand), dispatches };
  });
  return { steps, kernels };

  function operand(value: Value): Operand {
    return { ...typeOf(value), ...plan.places.get(value)! };
  }
}

function rangeOf(node: Node, name: string, plan: MemoryPlan): BufferRange {
  return plan.scratch.get(node)?.[name] ?? plan.places.get(valueNamed(node, name.startsWith(PACKED) ? name.slice(PACKED.length) : name))!;
}

function valueNamed(node: Node, name: string): Value {
  const input = node.op.inputs.indexOf(name);
  const output = node.op.outputs.indexOf(name);
  const counted = /^([xey])(\d+)$/.exec(name);
  const index = Number(counted?.[2]);
  const first = node.op.epilogue?.output ?? 0;
  // Results of an epilogue stand where one output stood, so what comes after that output comes later.
  const expression = node.attributes["epilogue"] as Expression | undefined;
  const results = expression ? outputShapes(expression).length : 1;
  const value =
    input >= 0 ? node.inputs[input]
    : output >= 0 ? node.outputs[output > first ? output + results - 1 : output]
    : counted?.[1] === "x" ? node.inputs[index]
    : counted?.[1] === "e" ? node.inputs[ownInputs(node.op, node.attributes) + index]
    : counted?.[1] === "y" ? node.outputs[first + index]
    : undefined;
  if (!value) throw new Error(`The kernel of ${node.op.name} binds "${name}", which the op does not have.`);
  return value;
}

/** What WebGPU would refuse at run time is refused here, with names. */
function checkRanges(label: string, ranges: readonly BufferRange[], access: readonly string[], target: Target): void {
  ranges.forEach((range, index) => {
    if (range.bytes > target.bindingBytes) {
      throw new EngineError(
        "too-large",
        `One tensor of ${label} needs ${Math.round(range.bytes / 2 ** 20)} MiB in one piece; this device allows ${Math.round(target.bindingBytes / 2 ** 20)} MiB.`,
      );
    }
    ranges.forEach((other, at) => {
      if (at > index && other.buffer === range.buffer && (access[at] !== access[index] || (access[at] === "write" && other.offset === range.offset))) {
        throw new Error(`${label} would read and write the buffer "${range.buffer}" in one dispatch.`);
      }
    });
  });
  if (ranges.length > target.storageBuffers) throw new Error(`${label} binds ${ranges.length} buffers; this device allows ${target.storageBuffers}.`);
}
