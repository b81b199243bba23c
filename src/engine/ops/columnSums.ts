/**
 * Sums down the columns of a matrix, for gradients that are Σ over rows (gains, biases): any number of sums in one kernel. In: a
 * term per sum. Out: a kernel with one invocation per column that walks all rows (lanes 1: no barrier), or workgroups of 8
 * columns by 32 rows whose partial sums meet in a fixed-order tree. Neighboring invocations read neighboring columns.
 */
import { type Binding, type Kernel, groupKernel, itemKernel, write } from "../wgsl/kernel";

export interface ColumnSumsText {
  readonly label: string;
  readonly rows: number;
  /** Columns, in elements of type T (vec4f or f32). */
  readonly columns: number;
  readonly T: "vec4f" | "f32";
  readonly lanes: number;
  readonly bindings: Readonly<Record<string, Binding>>;
  /** For each output operand, the term it sums: an expression of `row`, `column` and `at` = row · columns + column. */
  readonly terms: Readonly<Record<string, string>>;
}

/** Few columns are still spread over a processor's threads. */
const COLUMNS_PER_ITEM_GROUP = 8;
const COLUMNS_PER_TREE = 8;
const ROWS_PER_TREE = 32;

export function columnSums({ label, rows, columns, T, lanes, bindings, terms }: ColumnSumsText): Kernel {
  const names = Object.keys(terms);
  const each = (line: (name: string) => string): string => names.map((name) => `  ${line(name)}`).join("\n");
  const shared = {
    label: `${label}(columns)`,
    bindings: { ...bindings, ...Object.fromEntries(names.map((name) => [name, write(T)])) },
    constants: { COLUMNS: columns, ROWS: rows },
  };
  const accumulate = (first: string, step: number): string => `${each((name) => `var ${name}Total = ${T}();`)}
  for (var row = ${first}; row < ROWS; row += ${step}u) {
    let at = row * COLUMNS + column;
${each((name) => `  ${name}Total += ${terms[name]};`)}
  }`;
  if (lanes === 1) {
    return itemKernel({
      ...shared,
      workgroupSize: COLUMNS_PER_ITEM_GROUP,
      items: columns,
      body: `  let column = item;\n${accumulate("0u", 1)}\n${each((name) => `${name}[column] = ${name}Total;`)}`,
    });
  }
  return groupKernel({
    ...shared,
    declarations: names.map((name) => `var<workgroup> ${name}Scratch: array<${T}, ${COLUMNS_PER_TREE * ROWS_PER_TREE}>;`).join("\n"),
    workgroupSize: COLUMNS_PER_TREE * ROWS_PER_TREE,
    groups: Math.ceil(columns / COLUMNS_PER_TREE),
    // Lanes beyond the last column add up the last one again and store nothing.
    body: `  let wanted = group * ${COLUMNS_PER_TREE}u + lane % ${COLUMNS_PER_TREE}u;
  let column = min(wanted, COLUMNS - 1u);
${accumulate(`lane / ${COLUMNS_PER_TREE}u`, ROWS_PER_TREE)}
${each((name) => `${name}Scratch[lane] = ${name}Total;`)}
  workgroupBarrier();
  for (var stride = ${(COLUMNS_PER_TREE * ROWS_PER_TREE) / 2}u; stride >= ${COLUMNS_PER_TREE}u; stride >>= 1u) {
    if (lane < stride) {
${each((name) => `  ${name}Scratch[lane] += ${name}Scratch[lane + stride];`)}
    }
    workgroupBarrier();
  }
  if (lane < ${COLUMNS_PER_TREE}u && wanted < COLUMNS) {
${each((name) => `  ${name}[column] = ${name}Scratch[lane];`)}
  }`,
  });
}
