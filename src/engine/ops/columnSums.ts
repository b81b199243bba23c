/**
 * Sums down the columns of a matrix, for gradients that are Σ over rows (gains, biases): any number of sums in one kernel. In: a
 * term per sum. Out: a kernel with one invocation per column that walks all rows (lanes 1: no barrier), or workgroups of 8
 * columns by 32 rows whose partial sums meet in a fixed-order tree. Neighboring invocations read neighboring columns.
 */
import { type Binding, type ItemPart, type Kernel, groupKernel, itemKernel, write } from "../wgsl/kernel";

export interface ColumnSumsText {
  readonly label: string;
  readonly rows: number;
  /** Columns, in elements of type T (vec4f or f32). */
  readonly columns: number;
  readonly T: "vec4f" | "f32";
  readonly lanes: number;
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Statements at each row, before its terms. */
  readonly perRow?: string;
  /** For each output operand, the term it sums: an expression of `row`, `column` and `at` = row · columns + column. */
  readonly terms: Readonly<Record<string, string>>;
}

/** Few columns are still spread over a processor's threads. */
const COLUMNS_PER_ITEM_GROUP = 8;
const COLUMNS_PER_TREE = 8;
const ROWS_PER_TREE = 32;

export function columnSums(text: ColumnSumsText): Kernel {
  const label = `${text.label}(columns)`;
  return text.lanes === 1 ? itemKernel({ label, workgroupSize: COLUMNS_PER_ITEM_GROUP, ...columnItems(text) }) : columnTrees(label, text);
}

/** One invocation per column, as a part of a kernel. */
export function columnItems(text: ColumnSumsText): ItemPart {
  const body = `  let column = item;\n${accumulate(text, "0u", 1)}\n${eachSum(text, (name) => `${name}[column] = ${name}Total;`)}`;
  return { ...bound(text), items: text.columns, body };
}

const eachSum = ({ terms }: ColumnSumsText, line: (name: string) => string): string => Object.keys(terms).map((name) => `  ${line(name)}`).join("\n");

function bound({ rows, columns, T, bindings, terms }: ColumnSumsText) {
  return { bindings: { ...bindings, ...Object.fromEntries(Object.keys(terms).map((name) => [name, write(T)])) }, constants: { COLUMNS: columns, ROWS: rows } };
}

function accumulate(text: ColumnSumsText, first: string, step: number): string {
  return `${eachSum(text, (name) => `var ${name}Total = ${text.T}();`)}
  for (var row = ${first}; row < ROWS; row += ${step}u) {
    let at = row * COLUMNS + column;
    ${text.perRow ?? ""}
${eachSum(text, (name) => `  ${name}Total += ${text.terms[name]};`)}
  }`;
}

function columnTrees(label: string, text: ColumnSumsText): Kernel {
  return groupKernel({
    label,
    ...bound(text),
    declarations: Object.keys(text.terms).map((name) => `var<workgroup> ${name}Scratch: array<${text.T}, ${COLUMNS_PER_TREE * ROWS_PER_TREE}>;`).join("\n"),
    workgroupSize: COLUMNS_PER_TREE * ROWS_PER_TREE,
    groups: Math.ceil(text.columns / COLUMNS_PER_TREE),
    // Lanes beyond the last column add up the last one again and store nothing.
    body: `  let wanted = group * ${COLUMNS_PER_TREE}u + lane % ${COLUMNS_PER_TREE}u;
  let column = min(wanted, COLUMNS - 1u);
${accumulate(text, `lane / ${COLUMNS_PER_TREE}u`, ROWS_PER_TREE)}
${eachSum(text, (name) => `${name}Scratch[lane] = ${name}Total;`)}
  workgroupBarrier();
  for (var stride = ${(COLUMNS_PER_TREE * ROWS_PER_TREE) / 2}u; stride >= ${COLUMNS_PER_TREE}u; stride >>= 1u) {
    if (lane < stride) {
${eachSum(text, (name) => `  ${name}Scratch[lane] += ${name}Scratch[lane + stride];`)}
    }
    workgroupBarrier();
  }
  if (lane < ${COLUMNS_PER_TREE}u && wanted < COLUMNS) {
${eachSum(text, (name) => `  ${name}[column] = ${name}Scratch[lane];`)}
  }`,
  });
}
