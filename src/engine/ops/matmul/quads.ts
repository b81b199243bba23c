/**
 * Products from registers by quads: four neighbors of a subgroup make blocks below each other over the same columns. Each reads its
 * own rows of a, and a quarter of what all four need of b, and hands that around by `quadSwap`. In: product, variant, store. Out:
 * one kernel. It is shaped by what a software compiler makes of it: a load costs it about seventy instructions per component, a
 * division one per lane, a broadcast a dozen, a swap one; and a loop should fit the instruction cache. So: no division in the
 * loop, indices that are provably in range (fours are counted, rows are clamped before the loop), swaps only.
 */
import { type Kernel, groupKernel, read } from "../../wgsl/kernel";
import { type Product, declareBlock, loadFunctions, part, placeText, range } from "./product";
import { type Store, storeBlock } from "./store";
import type { Variant } from "./variant";

/** How a corner's share reaches the corner `d` places away: corner c gets that of c ^ d. */
const HANDED = [(own: string) => own, (own: string) => `quadSwapX(${own})`, (own: string) => `quadSwapY(${own})`, (own: string) => `quadSwapDiagonal(${own})`] as const;

/** Columns that a quad shares out: a four to each corner. */
const SHARED = 16;

export function quadKernel(label: string, product: Product, { block }: Variant, store: Store, subgroupSize: number): Kernel {
  const { M, N, batch, pieces } = product;
  const groupsAcross = Math.ceil(N / block.columns);
  const groupsDown = Math.ceil(M / (block.rows * subgroupSize));
  const fits = M % (block.rows * subgroupSize) === 0 && N % block.columns === 0;
  const turns = turnsOf(product);
  const operands = operandsOf(product);
  return groupKernel({
    label,
    enables: ["subgroups"],
    bindings: { a: read(product.aFours ? "vec4f" : "f32"), b: read(product.bFours ? "vec4f" : "f32"), ...store.bindings },
    declarations: [loadFunctions(product), store.declarations].join("\n"),
    workgroupSize: subgroupSize,
    groups: groupsAcross * groupsDown * batch * pieces,
    body: [
      placeText(product, groupsAcross, groupsDown),
      `  let corner = sublane & 3u;`,
      `  let row0 = (down * ${subgroupSize}u + sublane) * ${block.rows}u;`,
      `  let column0 = across * ${block.columns}u;`,
      ...declareBlock(block, product.hasSums),
      ...startsOfA(product, operands.a, block.rows),
      ...startsOfB(product, operands.b, block.columns),
      `  for (var k = ${turns.from}; k < ${turns.to}; k += ${turns.step}u) {`,
      ...loadsOfA(product, operands.a, turns, block.rows),
      ...loadsOfB(product, operands.b, turns, block.columns),
      ...multiplyQuads(product, turns.depth, block),
      ...(product.hasSums ? range(block.rows / 4).map((i) => `    sum_${i} += ${range(turns.depth).map((c) => `a_${c}_${i}`).join(" + ")};`) : []),
      "  }",
      storeBlock(store, product, { ...block, columnOf: (four) => `column0 + ((${four} & ~3u) | ((${four} & 3u) ^ corner)) * 4u`, fits }),
    ].join("\n"),
  });
}

/** The loop over K: `depth` numbers of it a turn. */
interface Turns {
  readonly from: string;
  readonly to: string;
  readonly step: number;
  readonly depth: number;
  /** The number of row c of a turn, where rows run across K. */
  readonly row: (c: number) => string;
}

/** Where rows of a run along K, `k` counts fours (beyond K they read 0). Else it counts rows, and a turn's depth divides K. */
function turnsOf({ layout, K }: Product): Turns {
  if (layout === "TN") {
    const depth = K % 4 === 0 ? 4 : K % 2 === 0 ? 2 : 1;
    return { from: "first", to: "last", step: depth, depth, row: (c) => `(k + ${c}u)` };
  }
  // Beyond K the numbers of a are 0, so any row of b will do there.
  const row = (c: number): string => (K % 4 === 0 ? `(k * 4u + ${c}u)` : `min(k * 4u + ${c}u, ${K - 1}u)`);
  return { from: "(first >> 2u)", to: "((last + 3u) >> 2u)", step: 1, depth: 4, row };
}

/** How an operand is read: places are counted in fours where its rows allow that. */
interface Operand {
  /** Where row `row` of matrix `batch` begins. */
  readonly start: (row: string) => string;
  /** Which four of a row this is; `four` may lie beyond the row's end. */
  readonly place: (four: string) => string;
  readonly load: (start: string, place: string) => string;
}

function operandsOf({ layout, batch, M, N, K, aFours, bFours }: Product): { readonly a: Operand; readonly b: Operand } {
  const operand = (name: "a" | "b", fours: boolean, rows: number, columns: number): Operand => ({
    start: (row) => `${batch === 1 ? row : `(batch * ${rows}u + ${row})`} * ${fours ? columns / 4 : columns}u`,
    place: (four) => (fours ? `min(${four}, ${columns / 4 - 1}u)` : `(${four}) * 4u`),
    load: (start, place) => (fours ? `${name}[${start} + ${place}]` : `${name}Four(${start}, ${place})`),
  });
  return {
    a: layout === "TN" ? operand("a", aFours, K, M) : operand("a", aFours, M, K),
    b: layout === "NT" ? operand("b", bFours, N, K) : operand("b", bFours, K, N),
  };
}

function startsOfA({ layout, M }: Product, a: Operand, rows: number): string[] {
  if (layout === "TN") return range(rows / 4).map((i) => `  let aPlace_${i} = ${a.place(`(row0 >> 2u) + ${i}u`)};`);
  return range(rows).map((i) => `  let aStart_${i} = ${a.start(`min(row0 + ${i}u, ${M - 1}u)`)};`);
}

function startsOfB({ layout, N }: Product, b: Operand, columns: number): string[] {
  return range(columns / SHARED).flatMap((g) => {
    if (layout !== "NT") return [`  let bPlace_${g} = ${b.place(`(column0 >> 2u) + ${g * 4}u + corner`)};`];
    return range(4).map((n) => `  let bStart_${g}_${n} = ${b.start(`min(column0 + ${g * SHARED + n}u + corner * 4u, ${N - 1}u)`)};`);
  });
}

/** a_i: four k of row i. Or a_c_i: four rows at k + c. */
function loadsOfA({ layout, aFours }: Product, a: Operand, { depth, row }: Turns, rows: number): string[] {
  if (layout !== "TN") return range(rows).map((i) => `    let a_${i} = ${a.load(`aStart_${i}`, aFours ? "k" : "k * 4u")};`);
  return range(depth).flatMap((c) => range(rows / 4).map((i) => `    let a_${c}_${i} = ${a.load(a.start(row(c)), `aPlace_${i}`)};`));
}

/** b_g_n_d: the share of the corner d places away. NT: four k of its column n. Else: row n of the turn, its four columns. */
function loadsOfB({ layout, bFours }: Product, b: Operand, { depth, row }: Turns, columns: number): string[] {
  return range(columns / SHARED).flatMap((g) => range(layout === "NT" ? 4 : depth).flatMap((n) => {
    const own = layout === "NT" ? b.load(`bStart_${g}_${n}`, bFours ? "k" : "k * 4u") : b.load(b.start(row(n)), `bPlace_${g}`);
    return [`    let own_${g}_${n} = ${own};`, ...HANDED.map((hand, d) => `    let b_${g}_${n}_${d} = ${hand(`own_${g}_${n}`)};`)];
  }));
}

/** acc_i_j with j = 4g + d. Number by number, because a sum of four products then stays in one register of the software compiler's. */
function multiplyQuads({ layout }: Product, depth: number, { rows, columns }: Variant["block"]): string[] {
  const a = (i: number, c: number): string => (layout === "TN" ? `a_${c}_${Math.floor(i / 4)}.${part(i)}` : `a_${i}.${part(c)}`);
  const b = (c: number, j: number, n: number): string => {
    const [g, d] = [Math.floor(j / 4), j % 4];
    return layout === "NT" ? `b_${g}_${n}_${d}.${part(c)}` : `b_${g}_${c}_${d}.${part(n)}`;
  };
  return range(rows).flatMap((i) => range(columns / 4).map((j) => {
    const sums = range(4).map((n) => [`acc_${i}_${j}.${part(n)}`, ...range(depth).map((c) => `${a(i, c)} * ${b(c, j, n)}`)].join(" + "));
    return `    acc_${i}_${j} = vec4f(${sums.join(", ")});`;
  }));
}
