/**
 * Kernels that reduce each row of a matrix. In: rows, columns, a body that uses `row`, `rowSum(x)`, `rowMax(x)` and loops
 * `for (var c = lane; c < COLUMNS; c += LANES)`. Out: a kernel with one invocation a row (LANES = 1: no barrier, best where a
 * workgroup is a loop, as on a software adapter) or one workgroup a row (a fixed-order tree, so results are repeatable).
 */
import { type Binding, type Kernel, groupKernel, itemKernel } from "./kernel";

export interface RowKernelText {
  readonly label: string;
  readonly rows: number;
  /** Elements (scalars or vec4s) of a row as the body counts them. */
  readonly columns: number;
  readonly lanes: number;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly constants?: Readonly<Record<string, number>>;
  readonly declarations?: string;
  readonly body: string;
}

const ROWS_PER_GROUP = 32;

export function rowKernel(text: RowKernelText): Kernel {
  const constants = { ...text.constants, COLUMNS: text.columns, LANES: text.lanes };
  const shared = { label: text.label, bindings: text.bindings, constants };
  if (text.lanes === 1) {
    return itemKernel({
      ...shared,
      declarations: `${text.declarations ?? ""}\nfn rowSum(x: f32, l: u32) -> f32 { return x; }\nfn rowMax(x: f32, l: u32) -> f32 { return x; }`,
      workgroupSize: ROWS_PER_GROUP,
      items: text.rows,
      // `lane` is the first column of this invocation, so it is shadowed by 0.
      body: `  let row = item;\n  { let lane = 0u;\n${text.body}\n  }`,
    });
  }
  return groupKernel({
    ...shared,
    declarations: `${text.declarations ?? ""}\n${treeReduction("rowSum", "a + b", text.lanes)}\n${treeReduction("rowMax", "max(a, b)", text.lanes)}`,
    workgroupSize: text.lanes,
    groups: text.rows,
    body: `  let row = group;\n${text.body}`,
  });
}

/** A function that combines one value per lane over the workgroup and gives every lane the result. */
function treeReduction(name: string, combine: string, lanes: number): string {
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

/** `{T, W, sum}` for a row length: vec4 elements where the length allows them. */
export function rowElement(columns: number): { readonly T: "vec4f" | "f32"; readonly W: 4 | 1; readonly sum: (x: string) => string; readonly max: (x: string) => string } {
  return columns % 4 === 0
    ? { T: "vec4f", W: 4, sum: (x) => `dot(${x}, vec4f(1.0))`, max: (x) => `max(max(${x}.x, ${x}.y), max(${x}.z, ${x}.w))` }
    : { T: "f32", W: 1, sum: (x) => x, max: (x) => x };
}
