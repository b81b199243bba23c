/**
 * Products from workgroup memory: a workgroup copies a tile of a and a tile of b, both with k outermost and vec4s along the product's
 * axes, and each invocation makes its block from them. In: product, variant, store. Out: one kernel. Rows that run along K
 * are turned in registers, 4 × 4 numbers at a time. All sizes are constants and all indices come from the lane and constant
 * loops, so that a compiler can prove them in range.
 */
import { type Kernel, groupKernel, read } from "../../wgsl/kernel";
import { type Product, clampFour, declareBlock, loadFunctions, multiplyBlock, part, placeText, range, rowStart } from "./product";
import { type Store, storeBlock } from "./store";
import type { Variant } from "./variant";

type Tile = NonNullable<Variant["tile"]>;

/** One operand's tile in workgroup memory: `depth` rows of `fours` vec4s, `stride` apart. */
interface Half {
  readonly name: "a" | "b";
  readonly fours: number;
  readonly stride: number;
  /** Extent of the operand along the product's axis, and the tile's first place there. */
  readonly length: number;
  readonly origin: string;
  /** Whether rows in memory run along K. */
  readonly alongK: boolean;
  readonly isFours: boolean;
}

export const lanesOfTile = ({ rows, columns }: Tile, block: Variant["block"]): number => (rows / block.rows) * (columns / block.columns);

/** Bytes of both tiles, rows padded by one vec4 against bank conflicts or not. */
export const tileBytes = ({ rows, columns, depth }: Tile, f16: boolean, padding: 0 | 1): number => depth * (rows / 4 + columns / 4 + 2 * padding) * (f16 ? 8 : 16);

export function tileKernel(label: string, product: Product, { block, tile, f16 }: Variant, store: Store, workgroupBytes: number): Kernel {
  const { M, N, batch, pieces, layout } = product;
  const { rows, columns, depth } = tile!;
  const lanes = lanesOfTile(tile!, block);
  const padding = tileBytes(tile!, f16, 1) <= workgroupBytes ? 1 : 0;
  const halves: readonly Half[] = [
    { name: "a", fours: rows / 4, stride: rows / 4 + padding, length: M, origin: "rowOrigin", alongK: layout !== "TN", isFours: product.aFours },
    { name: "b", fours: columns / 4, stride: columns / 4 + padding, length: N, origin: "columnOrigin", alongK: layout === "NT", isFours: product.bFours },
  ];
  const groupsAcross = Math.ceil(N / columns);
  const groupsDown = Math.ceil(M / rows);
  const lanesAcross = columns / block.columns;
  const columnStep = lanesAcross * 4;
  const T = f16 ? "vec4h" : "vec4f";
  const wide = (text: string): string => (f16 ? `vec4f(${text})` : text);
  const aFours = block.rows / 4;
  return groupKernel({
    label,
    ...(f16 ? { enables: ["f16"] as const } : {}),
    bindings: { a: read(product.aFours ? "vec4f" : "f32"), b: read(product.bFours ? "vec4f" : "f32"), ...store.bindings },
    declarations: [
      ...halves.map(({ name, stride }) => `var<workgroup> ${name}Tile: array<${T}, ${depth * stride}>;`),
      loadFunctions(product), store.declarations,
    ].join("\n"),
    workgroupSize: lanes,
    groups: groupsAcross * groupsDown * batch * pieces,
    body: [
      placeText(product, groupsAcross, groupsDown),
      `  let rowOrigin = down * ${rows}u;\n  let columnOrigin = across * ${columns}u;`,
      `  let laneRow = lane / ${lanesAcross}u;\n  let laneColumn = lane % ${lanesAcross}u;`,
      ...declareBlock(block, product.hasSums),
      `  for (var k0 = first; k0 < last; k0 += ${depth}u) {`,
      ...halves.flatMap((half) => (half.alongK ? copyTurned(half, product, depth, lanes, T) : copyStraight(half, product, depth, lanes, T))),
      "    workgroupBarrier();",
      `    for (var k = 0u; k < ${depth}u; k += 1u) {`,
      ...range(aFours).map((i) => `    let a_${i} = ${wide(`aTile[k * ${halves[0]!.stride}u + laneRow * ${aFours}u + ${i}u]`)};`),
      ...range(block.columns / 4).map((j) => `    let b_${j} = ${wide(`bTile[k * ${halves[1]!.stride}u + laneColumn + ${j * lanesAcross}u]`)};`),
      ...multiplyBlock(block, 1, (i) => `a_${Math.floor(i / 4)}.${part(i)}`, (_, j) => `b_${j}`),
      ...(product.hasSums ? range(aFours).map((i) => `    sum_${i} += a_${i};`) : []),
      "    }",
      "    workgroupBarrier();",
      "  }",
      `  let row0 = rowOrigin + laneRow * ${block.rows}u;\n  let column0 = columnOrigin + laneColumn * 4u;`,
      storeBlock(store, product, { ...block, columnOf: (four) => `column0 + ${four} * ${columnStep}u`, fits: M % rows === 0 && N % columns === 0 }),
    ].join("\n"),
  });
}

/** `count` pieces of work shared by the lanes; each sees its number as `p`. */
function shareOut(name: string, count: number, lanes: number, lines: readonly string[]): string[] {
  return range(Math.ceil(count / lanes)).flatMap((turn) => {
    const isWhole = (turn + 1) * lanes <= count;
    return [
      isWhole ? "    {" : `    if (lane < ${count - turn * lanes}u) {`,
      `    let p = lane${turn > 0 ? ` + ${turn * lanes}u` : ""}; // ${name}`,
      ...lines, "    }",
    ];
  });
}

/** Zero where k is beyond K; rows along K that are read one by one do so by themselves. */
const orZero = (value: string, k: string, { K }: Product, depth: number): string => (K % depth === 0 ? value : `select(vec4f(), ${value}, ${k} < ${K}u)`);

/** Rows along the product's axis: vec4s go over as they are. */
function copyStraight({ name, fours, stride, length, origin, isFours }: Half, product: Product, depth: number, lanes: number, T: string): string[] {
  const { K } = product;
  const row = K % depth === 0 ? "k0 + kRow" : `min(k0 + kRow, ${K - 1}u)`;
  const value = `${name}Four(${rowStart(K, length, `(${row})`)}, ${clampFour(`${origin} + four * 4u`, length, isFours)})`;
  return shareOut(name, fours * depth, lanes, [
    `    let four = p % ${fours}u;\n    let kRow = p / ${fours}u;`,
    `    ${name}Tile[kRow * ${stride}u + four] = ${T}(${orZero(value, "k0 + kRow", product, depth)});`,
  ]);
}

/** Rows along K: four rows of four numbers are turned, so that the tile has k outermost. */
function copyTurned({ name, fours, stride, length, origin, isFours }: Half, product: Product, depth: number, lanes: number, T: string): string[] {
  const { K } = product;
  const load = (i: number): string => `${name}Four(${rowStart(length, K, `min(${origin} + four * 4u + ${i}u, ${length - 1}u)`)}, k)`;
  return shareOut(name, (fours * depth) / 4, lanes, [
    `    let kFour = p % ${depth / 4}u;\n    let four = p / ${depth / 4}u;\n    let k = ${isFours ? clampFour("k0 + kFour * 4u", K, K % depth !== 0) : "k0 + kFour * 4u"};`,
    ...range(4).map((i) => `    let v_${i} = ${isFours ? orZero(load(i), "k0 + kFour * 4u", product, depth) : load(i)};`),
    ...range(4).map((c) => `    ${name}Tile[(kFour * 4u + ${c}u) * ${stride}u + four] = ${T}(vec4f(${range(4).map((i) => `v_${i}.${part(c)}`).join(", ")}));`),
  ]);
}
