/**
 * Products with few rows (a token or a handful, in generation): they read b once and are bound by that. A four of columns (or, where
 * b's rows run along K, one column) is made for all rows at once by `lanes` invocations, each of which takes every so many k;
 * their sums are added by a tree of fixed order. In: product, variant, store. Out: one kernel.
 */
import { type Kernel, groupKernel, read } from "../../wgsl/kernel";
import { type Product, clampFour, loadFunctions, part, placeText, range, rowStart } from "./product";
import type { Store } from "./store";
import type { Variant } from "./variant";

/** Invocations of a workgroup. */
const GROUP = 64;

export function vectorKernel(label: string, product: Product, { lanes: wanted }: Variant, store: Store): Kernel {
  const { M, N, K, batch, layout, bFours } = product;
  const lanes = wanted!;
  const turned = layout === "NT";
  const width = turned ? 1 : 4;
  const perGroup = GROUP / lanes;
  const groupsAcross = Math.ceil(N / width / perGroup);
  // Neighbors read neighboring memory: along K where b's rows run along K, else along N.
  const place = turned ? { unit: `lane / ${lanes}u`, slice: `lane % ${lanes}u` } : { unit: `lane % ${perGroup}u`, slice: `lane / ${perGroup}u` };
  const stride = turned ? 1 : perGroup;
  const rows = range(M);
  return groupKernel({
    label,
    bindings: { a: read(product.aFours ? "vec4f" : "f32"), b: read(bFours ? "vec4f" : "f32"), ...store.bindings },
    declarations: [...(lanes > 1 ? [`var<workgroup> sums: array<vec4f, ${GROUP * M}>;`] : []), loadFunctions(product), store.declarations].join("\n"),
    workgroupSize: GROUP,
    groups: groupsAcross * batch,
    body: [
      placeText(product, groupsAcross, 1),
      `  let unit = ${place.unit};\n  let slice = ${place.slice};\n  let column0 = (across * ${perGroup}u + unit) * ${width}u;`,
      ...rows.map((i) => `  var acc_${i} = vec4f();`),
      `  for (var k = first + slice * 4u; k < last; k += ${lanes * 4}u) {`,
      ...rows.map((i) => `    let a_${i} = aFour(${rowStart(M, K, `${i}u`)}, k);`),
      ...(turned ? takeRow(product) : takeFours(product)),
      "  }",
      ...(lanes > 1 ? addLanes(M, lanes, stride) : []),
      ...(lanes > 1 ? ["  if (slice > 0u) { return; }"] : []),
      ...rows.map((i) => finishRow(store, product, i, lanes > 1 ? `sums[lane * ${M}u + ${i}u]` : `acc_${i}`, width)),
    ].join("\n"),
  });
}

function takeRow({ M, N, K }: Product): string[] {
  return [`    let b_ = bFour(${rowStart(N, K, `min(column0, ${N - 1}u)`)}, k);`, ...range(M).map((i) => `    acc_${i} += a_${i} * b_;`)];
}

function takeFours({ M, N, K, bFours }: Product): string[] {
  return range(4).flatMap((c) => [
    `    let b_${c} = bFour(${rowStart(K, N, K % 4 === 0 ? `(k + ${c}u)` : `min(k + ${c}u, ${K - 1}u)`)}, ${clampFour("column0", N, bFours)});`,
    ...range(M).map((i) => `    acc_${i} += a_${i}.${part(c)} * b_${c};`),
  ]);
}

function addLanes(M: number, lanes: number, stride: number): string[] {
  const steps: string[] = range(M).map((i) => `  sums[lane * ${M}u + ${i}u] = acc_${i};`);
  for (let half = lanes / 2; half >= 1; half /= 2) {
    steps.push("  workgroupBarrier();", `  if (slice < ${half}u) {`);
    steps.push(...range(M).map((i) => `    sums[lane * ${M}u + ${i}u] += sums[(lane + ${half * stride}u) * ${M}u + ${i}u];`), "  }");
  }
  return steps;
}

function finishRow(store: Store, { M, N }: Product, row: number, value: string, width: number): string {
  const start = `(batch * ${M}u + ${row}u) * ${N}u + column0`;
  if (width === 1) {
    return `  if (column0 < ${N}u) { let total_${row} = dot(${value}, vec4f(1.0)); ${store.finish(`total_${row}`, start)} }`;
  }
  if (store.T === "vec4f") return `  if (column0 < ${N}u) { ${store.finish(value, `((${start}) >> 2u)`)} }`;
  return `  { let four = ${value};\n  for (var c = 0u; c < 4u; c += 1u) { if (column0 + c < ${N}u) { ${store.finish("four[c]", `${start} + c`)} } } }`;
}
