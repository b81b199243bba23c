/**
 * Products with few rows where b's rows run along K (a token against a linear layer's weight): bound by reading b. A subgroup makes
 * a strip of neighboring columns. Its lanes read neighboring fours along K, a's once for the whole strip, and at the end their
 * sums are added by the subgroup; one lane finishes each column. In: product, variant, store. Out: one kernel.
 */
import { type Kernel, groupKernel, read } from "../../wgsl/kernel";
import { type Product, loadFunctions, placeText, range, rowStart } from "./product";
import type { Store } from "./store";
import type { Variant } from "./variant";

/** Invocations of a workgroup where a subgroup has no more: few, because a small product makes few workgroups. */
const GROUP = 32;

export function stripKernel(label: string, product: Product, { block: { columns } }: Variant, store: Store, subgroupSize: number): Kernel {
  const { M, N, K, batch, aFours, bFours } = product;
  const lanes = Math.max(GROUP, subgroupSize);
  const strips = lanes / subgroupSize;
  const groupsAcross = Math.ceil(N / (columns * strips));
  // Rows and k are counted in fours where they can be: on a software adapter the arithmetic of an index costs as much as the load.
  const W = aFours && bFours ? 4 : 1;
  const startOf = (rows: number, row: string): string => `(${rowStart(rows, K, row)}) / ${W}u`;
  const four = (name: "a" | "b", start: string): string => (W === 4 ? `${name}[${start} + k]` : `${name}Four(${start}, k)`);
  const each = (line: (i: number, j: number) => string): string[] => range(M).flatMap((i) => range(columns).map((j) => line(i, j)));
  return groupKernel({
    label,
    enables: ["subgroups"],
    bindings: { a: read(aFours ? "vec4f" : "f32"), b: read(bFours ? "vec4f" : "f32"), ...store.bindings },
    declarations: [...(W === 1 ? [loadFunctions(product)] : []), store.declarations].join("\n"),
    workgroupSize: lanes,
    groups: groupsAcross * batch,
    body: [
      placeText(product, groupsAcross, 1),
      `  let column0 = (across * ${strips}u + lane / ${subgroupSize}u) * ${columns}u;`,
      // Columns beyond the last one read the last one's row and are not kept.
      ...range(columns).map((j) => `  let row_${j} = ${startOf(N, `min(column0 + ${j}u, ${N - 1}u)`)};`),
      ...each((i, j) => `  var acc_${i}_${j} = vec4f();`),
      `  for (var k = sublane * ${4 / W}u; k < ${K / W}u; k += ${(4 / W) * subgroupSize}u) {`,
      ...range(M).map((i) => `    let a_${i} = ${four("a", startOf(M, `${i}u`))};`),
      ...range(columns).flatMap((j) => [`    let b_${j} = ${four("b", `row_${j}`)};`, ...range(M).map((i) => `    acc_${i}_${j} += a_${i} * b_${j};`)]),
      "  }",
      // The lanes of a subgroup have one column0, and none has returned.
      "  @diagnostic(off, subgroup_uniformity) {",
      ...each((i, j) => `  let sum_${i}_${j} = subgroupAdd(dot(acc_${i}_${j}, vec4f(1.0)));`),
      ...range(M).flatMap((i) => [
        `  var sums_${i} = array<f32, ${columns}>(${range(columns).map((j) => `sum_${i}_${j}`).join(", ")});`,
        `  for (var j = sublane; j < ${columns}u; j += ${subgroupSize}u) {`,
        `    let column = column0 + j;`,
        `    if (column < ${N}u) { ${store.finish(`sums_${i}[j]`, `(batch * ${M}u + ${i}u) * ${N}u + column`)} }`,
        "  }",
      ]),
      "  }",
    ].join("\n"),
  });
}
