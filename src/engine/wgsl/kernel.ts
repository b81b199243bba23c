/**
 * A kernel is WGSL text plus the operands it binds and the workgroups it needs. In: operand names with element types,
 * constants, a body. Out: complete WGSL; bindings are numbered here, by name, and nowhere else. Every size is baked in as a
 * constant, so Tint can prove bounds and loops have constant trip counts; what changes per step comes in buffers.
 */

export type Access = "read" | "write";

export interface Binding {
  readonly access: Access;
  /** WGSL element type of the array: "f32", "vec4f", "u32". */
  readonly element: string;
}

export interface KernelOperand extends Binding {
  readonly name: string;
}

export interface Kernel {
  readonly label: string;
  readonly code: string;
  /** In binding order. */
  readonly operands: readonly KernelOperand[];
  readonly workgroups: readonly [number, number, number];
}

export const read = (element: string): Binding => ({ access: "read", element });
export const write = (element: string): Binding => ({ access: "write", element });

/** The largest count of workgroups in one dimension that every WebGPU device has to accept. */
export const MAX_GROUPS = 65_535;

interface KernelText {
  readonly label: string;
  /** WGSL extensions; only where the target has them. With "subgroups" the body also sees `sublane` (index within the subgroup). */
  readonly enables?: readonly ("subgroups" | "f16")[];
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly constants?: Readonly<Record<string, number>>;
  /** Functions and workgroup variables. */
  readonly declarations?: string;
  readonly workgroupSize: number;
  readonly body: string;
}

/**
 * One invocation per item. The body sees `item` (0 ≤ item < items).
 */
export function itemKernel(text: KernelText & { readonly items: number }): Kernel {
  const groups = Math.ceil(text.items / text.workgroupSize);
  return assemble(text, groups, `  let item = group * ${text.workgroupSize}u + lane;\n  if (item >= ${text.items}u) { return; }`);
}

/** Work that does not depend on what stands beside it in one kernel. */
export interface ItemPart {
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly constants?: Readonly<Record<string, number>>;
  readonly declarations?: string;
  readonly items: number;
  readonly body: string;
}

/**
 * Independent works as one dispatch: the first workgroups do the first part, and so on. Operands and constants of one name are the
 * same in all parts. Each body sees its own `item`.
 */
export function itemParts({ label, workgroupSize, parts }: { readonly label: string; readonly workgroupSize: number; readonly parts: readonly ItemPart[] }): Kernel {
  let first = 0;
  const bodies = parts.map(({ items, body }) => {
    const before = first;
    first += Math.ceil(items / workgroupSize);
    return `  if (group < ${first}u) {\n  let item = (group - ${before}u) * ${workgroupSize}u + lane;\n  if (item >= ${items}u) { return; }\n${body}\n  return;\n  }`;
  });
  return groupKernel({
    label,
    bindings: Object.assign({}, ...parts.map((part) => part.bindings)) as Record<string, Binding>,
    constants: Object.assign({}, ...parts.map((part) => part.constants)) as Record<string, number>,
    declarations: parts.map((part) => part.declarations ?? "").filter((text) => text !== "").join("\n"),
    workgroupSize,
    groups: first,
    body: bodies.join("\n"),
  });
}

/**
 * One workgroup per group. The body sees `group` (0 ≤ group < groups) and `lane` (index within the workgroup); all lanes
 * of a group run the body, so it may use barriers.
 */
export function groupKernel(text: KernelText & { readonly groups: number }): Kernel {
  const overshoots = text.groups > MAX_GROUPS && text.groups % MAX_GROUPS !== 0;
  return assemble(text, text.groups, overshoots ? `  if (group >= ${text.groups}u) { return; }` : "");
}

function assemble(text: KernelText, groups: number, guard: string): Kernel {
  const names = Object.keys(text.bindings);
  const operands = names.map((name): KernelOperand => ({ name, ...text.bindings[name]! }));
  const bindings = operands.map((operand, index) => declareOperand(operand, index));
  const constants = Object.entries(text.constants ?? {}).map(([name, value]) => `const ${name} = ${literal(value)};`);
  const columns = Math.min(groups, MAX_GROUPS);
  const rows = Math.ceil(groups / MAX_GROUPS);
  const group = rows > 1 ? `workgroup.y * ${MAX_GROUPS}u + workgroup.x` : "workgroup.x";
  const sublane = text.enables?.includes("subgroups") ? ", @builtin(subgroup_invocation_id) sublane: u32" : "";
  const code = [
    ...(text.enables ?? []).map((name) => `enable ${name};`),
    ...bindings,
    ...constants,
    text.declarations ?? "",
    `@compute @workgroup_size(${text.workgroupSize})`,
    `fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32${sublane}) {`,
    `  let group = ${group};`,
    guard,
    text.body,
    "}",
  ];
  return {
    label: text.label,
    code: code.filter((line) => line !== "").join("\n"),
    operands,
    workgroups: [columns, rows, 1],
  };
}

/** The line that declares an operand. */
export const declareOperand = ({ name, access, element }: KernelOperand, binding: number, length?: number): string =>
  `@group(0) @binding(${binding}) var<storage, ${access === "read" ? "read" : "read_write"}> ${name}: array<${element}${length ? `, ${length}` : ""}>;`;

const ELEMENT_BYTES: Readonly<Record<string, number>> = { f32: 4, u32: 4, vec2f: 8, vec2u: 8, vec4f: 16, vec4u: 16 };

/**
 * The kernel's text with the length of every array. `bytes` are those of its bindings, in order. Tint guards an index into an
 * array of known length by a constant; the length of any other array it has to ask for at every access.
 */
export function codeWithLengths({ code, operands }: Kernel, bytes: readonly number[]): string {
  return operands.reduce((text, operand, binding) => {
    const elementBytes = ELEMENT_BYTES[operand.element];
    return elementBytes ? text.replace(declareOperand(operand, binding), declareOperand(operand, binding, Math.floor(bytes[binding]! / elementBytes))) : text;
  }, code);
}

/**
 * The kernel's text for a dispatch of some of its workgroups: those from `firstGroup` on, a number in a uniform buffer. Dispatched
 * in one dimension, so a piece has at most MAX_GROUPS of them.
 */
export function codeInPieces(code: string): string {
  const inPieces = code
    .replace("@compute ", "@group(1) @binding(0) var<uniform> firstGroup: u32;\n@compute ")
    .replace(/^  let group = .*;$/m, "  let group = firstGroup + workgroup.x;");
  if (inPieces.split("firstGroup").length !== 3) throw new Error("This kernel cannot be dispatched in pieces: its text is not that of itemKernel or groupKernel.");
  return inPieces;
}

/** A WGSL literal: whole numbers become u32, others f32 (use `f32Literal` for whole f32 constants). */
function literal(value: number): string {
  return Number.isInteger(value) && value >= 0 ? `${value}u` : f32Literal(value);
}

/** The shortest text that WGSL reads as this f32. Infinities and NaN have no literal; they never reach a kernel. */
export function f32Literal(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) throw new Error(`${value} cannot be written as an f32 constant.`);
  const shortest = String(rounded === value ? value : rounded);
  return `${shortest.includes(".") || shortest.includes("e") ? shortest : `${shortest}.0`}f`;
}
