/**
 * A kernel over operands that lie in memory as bf16, two numbers in a word. In: a kernel written for f32, the names of its packed
 * operands. Out: the same kernel, whose reads of these unpack and whose writes round. A kernel's text touches an operand
 * only as `name[index]`, so that its writer need not know. A word holds two numbers, so only a kernel that writes vec4s can write it.
 */
import { PACK_FOURS, UNPACK } from "./bfloat16";
import { type Kernel, type KernelOperand, declareOperand } from "./kernel";

/** Whether a kernel writes an operand in such a way that it could as well write it packed: whole vec4s, that it does not read again. */
export function canWritePacked({ code, operands }: Kernel, name: string): boolean {
  const operand = operands.find((one) => one.name === name);
  if (!operand || operand.access === "read") return true;
  return operand.element === "vec4f" && findAccesses(code, name).every(({ value }) => value !== undefined);
}

export function withPackedOperands(kernel: Kernel, packed: ReadonlySet<string>): Kernel {
  const found = kernel.operands.filter(({ name }) => packed.has(name));
  if (found.length === 0) return kernel;
  const operands = kernel.operands.map((operand) => (packed.has(operand.name) ? packOperand(operand) : operand));
  let { code } = kernel;
  for (const { name, access } of found) code = access === "read" ? replaceReads(code, name) : replaceWrites(code, name);
  const functions = [
    ...found.flatMap(({ name, access, element }) => (access === "read" ? [`fn ${loadName(name)}(index: u32) -> ${element} { ${UNPACK[element as keyof typeof UNPACK].load(name)} }`] : [])),
    ...(found.some(({ access }) => access === "write") ? [PACK_FOURS] : []),
  ];
  kernel.operands.forEach((operand, binding) => (code = code.replace(declareOperand(operand, binding), declareOperand(operands[binding]!, binding))));
  return { ...kernel, operands, code: code.replace("@compute ", `${functions.join("\n")}\n@compute `) };
}

function packOperand(operand: KernelOperand): KernelOperand {
  const packed = UNPACK[operand.element as keyof typeof UNPACK];
  if (!packed) throw new Error(`The operand "${operand.name}" holds ${operand.element}, which cannot be packed as bf16.`);
  return { ...operand, element: packed.element };
}

const loadName = (name: string): string => `unpacked_${name}`;

interface Access {
  /** Where `name[` begins, where its index does, and where its `]` is. */
  readonly start: number;
  readonly index: number;
  readonly close: number;
  /** Where it is the left side of a plain assignment: the assigned expression and the place of its semicolon. */
  readonly value: { readonly from: number; readonly to: number } | undefined;
}

function findAccesses(code: string, name: string): Access[] {
  return [...code.matchAll(new RegExp(`(?<![\\w.])${name}\\[`, "g"))].map(({ index: start }) => {
    const index = start + name.length + 1;
    let close = index;
    for (let depth = 1; depth > 0; close += 1) depth += code[close] === "[" ? 1 : code[close] === "]" ? -1 : 0;
    const assigned = /^\s*=(?!=)\s*/.exec(code.slice(close, close + 8));
    const from = close + (assigned?.[0].length ?? 0);
    return { start, index, close: close - 1, value: assigned ? { from, to: code.indexOf(";", from) } : undefined };
  });
}

/** From the last to the first, so that places found before stay right, and an index may itself read the operand. */
function replaceReads(code: string, name: string): string {
  return findAccesses(code, name).reduceRight(
    (text, { start }) => {
      const { index, close } = findAccesses(text.slice(start), name)[0]!;
      return `${text.slice(0, start)}${loadName(name)}(${text.slice(start + index, start + close)})${text.slice(start + close + 1)}`;
    },
    code,
  );
}

function replaceWrites(code: string, name: string): string {
  return findAccesses(code, name).reduceRight((text, { value }) => `${text.slice(0, value!.from)}packFours(${text.slice(value!.from, value!.to)})${text.slice(value!.to)}`, code);
}
