/**
 * Kernels that reduce each row of a matrix. In: rows, columns, a body that uses `row`, `rowSum(x, lane)`, `rowMax(x, lane)` and loops
 * `for (var c = lane; c < COLUMNS; c += LANES)`. Out: a kernel with one invocation a row (LANES = 1: no barrier, best where a
 * workgroup is a loop, as on a software adapter) or one workgroup a row. Results are repeatable: a tree of fixed order, or the
 * adapter's own order within a subgroup.
 */
import { type Binding, type ItemPart, type Kernel, groupKernel, itemKernel } from "./kernel";

/** Invocations that share a row, and how they combine what they found: over workgroup memory, or as one subgroup. */
export interface RowLanes {
  readonly count: number;
  readonly by: "tree" | "subgroup";
}

export interface RowKernelText {
  readonly label: string;
  readonly rows: number;
  /** Elements (scalars or vec4s) of a row as the body counts them. */
  readonly columns: number;
  readonly lanes: RowLanes;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly constants?: Readonly<Record<string, number>>;
  readonly declarations?: string;
  readonly body: string;
}

/** Rows of a workgroup whose invocations have one each. */
export const ROWS_PER_GROUP = 32;

export function rowKernel(text: RowKernelText): Kernel {
  const { label, lanes, rows } = text;
  if (lanes.count === 1) return itemKernel({ label, workgroupSize: ROWS_PER_GROUP, ...rowItems(text) });
  return groupKernel({ ...sharedText(text), workgroupSize: lanes.count, groups: rows, body: `  let row = group;\n${text.body}` });
}

/** The same where each row has one invocation, as a part of a kernel. */
export function rowItems(text: RowKernelText): ItemPart {
  // `lane` is the first column of this invocation, so it is shadowed by 0.
  return { ...sharedText(text), items: text.rows, body: `  let row = item;\n  { let lane = 0u;\n${text.body}\n  }` };
}

function sharedText({ label, bindings, constants, columns, lanes, declarations }: RowKernelText) {
  const reductions = rowReductions(lanes);
  return {
    label, bindings, enables: reductions.enables, constants: { ...constants, COLUMNS: columns, LANES: lanes.count }, declarations: `${declarations ?? ""}\n${reductions.declarations}`,
  };
}

/** `rowSum` and `rowMax`: each combines one number per lane and gives every lane the result. */
export function rowReductions({ count, by }: RowLanes): { readonly declarations: string; readonly enables: readonly "subgroups"[] } {
  const both = (write: (name: string, combine: string, subgroup: string) => string): string =>
    `${write("rowSum", "a + b", "subgroupAdd(x)")}\n${write("rowMax", "max(a, b)", "subgroupMax(x)")}`;
  if (count === 1) return { enables: [], declarations: both((name) => `fn ${name}(x: f32, l: u32) -> f32 { return x; }`) };
  if (by === "subgroup") return { enables: ["subgroups"], declarations: both((name, _, call) => `fn ${name}(x: f32, l: u32) -> f32 { return ${call}; }`) };
  return { enables: [], declarations: both((name, combine) => treeReduction(name, combine, count)) };
}

/** A function that combines one value per lane over the workgroup and gives every lane the result. */
export function treeReduction(name: string, combine: string, lanes: number): string {
  return `var<workgroup> ${name}Scratch: array<f32, ${lanes}>;
fn ${name}(x: f32, l: u32) -> f32 {
  workgroupBarrier();
  ${name}Scratch[l] = x;
  workgroupBarrier();
  for (var stride = ${lanes / 2}u; stride > 0u; stride >>= 1u) {
    if (l < stride) { let a = ${name}Scratch[l]; let b = ${name}Scratch[l + stride]; ${name}Scratch[l] = ${combine}; }
    workgroupBarrier();
  }
  return ${name}Scratch[0];
}`;
}

export interface RowElement {
  readonly T: "vec4f" | "f32";
  readonly W: 4 | 1;
  /** Sum and maximum of the parts of an element. */
  readonly sum: (x: string) => string;
  readonly max: (x: string) => string;
}

/** The elements of a row: vec4s where the length allows them. */
export function rowElement(columns: number): RowElement {
  return columns % 4 === 0
    ? { T: "vec4f", W: 4, sum: (x) => `dot(${x}, vec4f(1.0))`, max: (x) => `max(max(${x}.x, ${x}.y), max(${x}.z, ${x}.w))` }
    : { T: "f32", W: 1, sum: (x) => x, max: (x) => x };
}
