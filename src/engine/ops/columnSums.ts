/**
 * Sums down the columns of a matrix, as kernels for backward passes that need Σ over rows (gains, biases). Two rounds in
 * fixed order: blocks of about √rows rows into scratch, then the blocks. Neighboring invocations read neighboring columns.
 */
import { type Binding, type Kernel, itemKernel, read, write } from "../wgsl/kernel";
import type { Lowering } from "../graph/op";

interface ColumnSumsText {
  readonly label: string;
  readonly rows: number;
  /** Columns, in elements of type T (vec4f or f32). */
  readonly columns: number;
  readonly T: "vec4f" | "f32";
  readonly bindings: Readonly<Record<string, Binding>>;
  /** For each output operand, the term it sums: an expression of `row`, `column` and `at` = row · columns + column. */
  readonly terms: Readonly<Record<string, string>>;
}

export function columnSums({ label, rows, columns, T, bindings, terms }: ColumnSumsText): Lowering {
  const height = Math.max(16, Math.ceil(Math.sqrt(rows)));
  const blocks = Math.ceil(rows / height);
  const names = Object.keys(terms);
  const targetOf = (name: string): string => (blocks === 1 ? name : `${name}Partial`);
  const each = (line: (name: string) => string): string => names.map(line).join("\n");
  const first = itemKernel({
    label: `${label}(columns)`,
    bindings: { ...bindings, ...Object.fromEntries(names.map((name) => [targetOf(name), write(T)])) },
    constants: { COLUMNS: columns, ROWS: rows, HEIGHT: height },
    workgroupSize: 64,
    items: blocks * columns,
    body: `  let column = item % COLUMNS;
  let start = (item / COLUMNS) * HEIGHT;
${each((name) => `  var ${name}Total = ${T}();`)}
  for (var row = start; row < min(start + HEIGHT, ROWS); row++) {
    let at = row * COLUMNS + column;
${each((name) => `    ${name}Total += ${terms[name]};`)}
  }
${each((name) => `  ${targetOf(name)}[item] = ${name}Total;`)}`,
  });
  if (blocks === 1) return { kernels: [first] };
  const second = (name: string): Kernel =>
    itemKernel({
      label: `${label}(blocks)`,
      bindings: { [`${name}Partial`]: read(T), [name]: write(T) },
      workgroupSize: 64,
      items: columns,
      body: `  var total = ${T}();
  for (var b = 0u; b < ${blocks}u; b++) { total += ${name}Partial[b * ${columns}u + item]; }
  ${name}[item] = total;`,
    });
  const words = blocks * columns * (T === "vec4f" ? 4 : 1);
  return { kernels: [first, ...names.map(second)], scratch: Object.fromEntries(names.map((name) => [`${name}Partial`, words])) };
}
