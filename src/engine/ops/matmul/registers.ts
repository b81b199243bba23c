/**
 * Products from registers alone: each invocation makes a block of the product, reading vec4s straight from storage; no workgroup
 * memory, no barrier. With subgroups the invocations of one make blocks below each other, so that all need the same part of b:
 * each loads a share of it and broadcasts. In: product, variant, store. Out: one kernel.
 */
import { type Kernel, groupKernel, read } from "../../wgsl/kernel";
import { type Product, clampFour, declareBlock, loadFunctions, multiplyBlock, part, placeText, range, rowStart } from "./product";
import { type Store, storeBlock } from "./store";
import type { Variant } from "./variant";

/** How many k are added per turn of the loop. Rows along K are read four at a time; otherwise it must divide K. */
const stepOf = ({ layout, K }: Product): number => (layout !== "TN" || K % 4 === 0 ? 4 : K % 2 === 0 ? 2 : 1);

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

interface Patch {
  /** Invocations of a workgroup, side by side and below each other. */
  readonly across: number;
  readonly down: number;
}

export function registerKernel(label: string, product: Product, { block, scheme }: Variant, store: Store, subgroupSize: number): Kernel {
  const { M, N, batch, pieces } = product;
  const lanes = scheme === "subgroups" ? subgroupSize : 0;
  const blocksDown = Math.ceil(M / block.rows);
  const blocksAcross = Math.ceil(N / block.columns);
  const patch = lanes > 0 ? { across: 1, down: lanes } : registerPatch(blocksDown, blocksAcross);
  const groupsAcross = Math.ceil(blocksAcross / patch.across);
  const groupsDown = Math.ceil(blocksDown / patch.down);
  const fits = M % (block.rows * patch.down) === 0 && N % (block.columns * patch.across) === 0;
  const step = stepOf(product);
  return groupKernel({
    label,
    ...(lanes > 0 ? { enables: ["subgroups"] as const } : {}),
    bindings: { a: read(product.aFours ? "vec4f" : "f32"), b: read(product.bFours ? "vec4f" : "f32"), ...store.bindings },
    declarations: [loadFunctions(product), store.declarations].join("\n"),
    workgroupSize: patch.across * patch.down,
    groups: groupsAcross * groupsDown * batch * pieces,
    body: [
      placeText(product, groupsAcross, groupsDown),
      `  let row0 = (down * ${patch.down}u + lane / ${patch.across}u) * ${block.rows}u;`,
      `  let column0 = (across * ${patch.across}u + lane % ${patch.across}u) * ${block.columns}u;`,
      ...(lanes > 0 || fits ? [] : [`  if (row0 >= ${M}u || column0 >= ${N}u) { return; }`]),
      ...declareBlock(block, product.hasSums),
      ...startsOfA(product, block.rows),
      ...(lanes > 0 ? startsOfShares(product, block.columns, step, lanes) : startsOfB(product, block.columns)),
      `  for (var k = first; k < last; k += ${step}u) {`,
      ...loadsOfA(product, block.rows, step),
      ...(lanes > 0 ? sharedLoadsOfB(product, block.columns, step, lanes) : loadsOfB(product, block.columns, step)),
      ...multiplyBlock(block, step, readA(product), readB(product)),
      ...(product.hasSums ? range(block.rows / 4).map((i) => `    sum_${i} += ${range(step).map((c) => `a_${c}_${i}`).join(" + ")};`) : []),
      "  }",
      storeBlock(store, product, { ...block, columnOf: (four) => `column0 + ${four} * 4u`, fits }),
    ].join("\n"),
  });
}

/** A workgroup covers a nearly square patch of blocks, so that its reads overlap in the cache. */
function registerPatch(blocksDown: number, blocksAcross: number): Patch {
  return { across: Math.min(8, powerOfTwo(blocksAcross)), down: Math.min(8, powerOfTwo(blocksDown)) };
}

/** Rows of a along K: one start per row. Along M: one column per four. */
function startsOfA({ layout, M, K, aFours }: Product, rows: number): string[] {
  if (layout !== "TN") return range(rows).map((i) => `  let aStart_${i} = ${rowStart(M, K, `min(row0 + ${i}u, ${M - 1}u)`)};`);
  return range(rows / 4).map((i) => `  let aColumn_${i} = ${clampFour(`row0 + ${i * 4}u`, M, aFours)};`);
}

function loadsOfA({ layout, M, K }: Product, rows: number, step: number): string[] {
  if (layout !== "TN") return range(rows).map((i) => `    let a_${i} = aFour(aStart_${i}, k);`);
  return range(step).flatMap((c) => [
    `    let aRow_${c} = ${rowStart(K, M, `k + ${c}u`)};`,
    ...range(rows / 4).map((i) => `    let a_${c}_${i} = aFour(aRow_${c}, aColumn_${i});`),
  ]);
}

const readA = ({ layout }: Product) => (i: number, c: number): string => (layout === "TN" ? `a_${c}_${Math.floor(i / 4)}.${part(i)}` : `a_${i}.${part(c)}`);

/** Fours of b come as b_c_j (row k + c, columns 4j …) or, where its rows run along K, as b_j (column j, k …). */
const readB = ({ layout }: Product) => (c: number, j: number): string =>
  layout === "NT" ? `vec4f(${range(4).map((n) => `b_${j * 4 + n}.${part(c)}`).join(", ")})` : `b_${c}_${j}`;

function startsOfB({ layout, N, K, bFours }: Product, columns: number): string[] {
  if (layout === "NT") return range(columns).map((j) => `  let bStart_${j} = ${rowStart(N, K, `min(column0 + ${j}u, ${N - 1}u)`)};`);
  return range(columns / 4).map((j) => `  let bColumn_${j} = ${clampFour(`column0 + ${j * 4}u`, N, bFours)};`);
}

/** Beyond K a row of a reads 0, so any row of b will do there. */
const kRow = ({ K }: Product, step: number, row: string): string => (K % step === 0 ? row : `min(${row}, ${K - 1}u)`);

function loadsOfB(product: Product, columns: number, step: number): string[] {
  const { layout, N, K } = product;
  if (layout === "NT") return range(columns).map((j) => `    let b_${j} = bFour(bStart_${j}, k);`);
  return range(step).flatMap((c) => [
    `    let bRow_${c} = ${rowStart(K, N, kRow(product, step, `k + ${c}u`))};`,
    ...range(columns / 4).map((j) => `    let b_${c}_${j} = bFour(bRow_${c}, bColumn_${j});`),
  ]);
}

/** The fours of b that a turn of the loop needs are numbered; lane l of `lanes` loads those numbered l, l + lanes … */
function sharesOf({ layout }: Product, columns: number, step: number, lanes: number): { readonly fours: number; readonly shares: number } {
  const fours = layout === "NT" ? columns : (step * columns) / 4;
  return { fours, shares: Math.ceil(fours / lanes) };
}

function startsOfShares(product: Product, columns: number, step: number, lanes: number): string[] {
  const { layout, N, K, bFours } = product;
  const { fours, shares } = sharesOf(product, columns, step, lanes);
  return range(shares).flatMap((t) => {
    const four = `(${t * lanes}u + sublane) % ${fours}u`;
    if (layout === "NT") return [`  let bStart_${t} = ${rowStart(N, K, `min(column0 + ${four}, ${N - 1}u)`)};`];
    return [
      `  let bStep_${t} = (${four}) / ${columns / 4}u;`,
      `  let bColumn_${t} = ${clampFour(`column0 + ((${four}) % ${columns / 4}u) * 4u`, N, bFours)};`,
    ];
  });
}

function sharedLoadsOfB(product: Product, columns: number, step: number, lanes: number): string[] {
  const { layout, N, K } = product;
  const { fours, shares } = sharesOf(product, columns, step, lanes);
  const own = range(shares).map((t) =>
    layout === "NT" ? `    let own_${t} = bFour(bStart_${t}, k);` : `    let own_${t} = bFour(${rowStart(K, N, kRow(product, step, `(k + bStep_${t})`))}, bColumn_${t});`,
  );
  const given = range(fours).map((f) => {
    const name = layout === "NT" ? `b_${f}` : `b_${Math.floor(f / (columns / 4))}_${f % (columns / 4)}`;
    return `    let ${name} = subgroupBroadcast(own_${Math.floor(f / lanes)}, ${f % lanes}u);`;
  });
  return [...own, ...given];
}
