/** Op cases: matrix products in every layout, over extents at, before and after the edges of vec4s, tiles and patches. */
import { type Attribute, apply, applyOne } from "../../graph/value";
import type { Expression } from "../../ops/expression";
import type { MatmulExtents } from "../../ops/matmul/extents";
import { matmul, matmulOp } from "../../ops/matmul/matmul";
import { type OpCase, filled, floats, shapeText, summed, whole } from "../opCase";

type Layout = MatmulExtents["layout"];
const LAYOUTS: readonly Layout[] = ["NN", "NT", "TN"];

/** M, N, K and perhaps a batch. */
const EXTENTS: readonly (readonly [number, number, number, number?])[] = [
  [1, 1, 1], [1, 4, 3], [3, 1, 4], [4, 4, 4], [3, 5, 7], [5, 7, 3, 2], [7, 8, 9], [8, 9, 8], [9, 4, 31], [31, 33, 5], [33, 32, 8, 3], [1, 65, 12], [12, 63, 1],
  [64, 64, 5], [65, 67, 9], [72, 68, 8, 2],
];

const matrix = (rows: number, columns: number, batch: number | undefined): number[] => [...(batch ? [batch] : []), rows, columns];

function shapesOf(layout: Layout, [M, N, K, batch]: readonly [number, number, number, number?]): readonly [number[], number[]] {
  return [layout === "TN" ? matrix(K, M, batch) : matrix(M, K, batch), layout === "NT" ? matrix(N, K, batch) : matrix(K, N, batch)];
}

const productCases = LAYOUTS.flatMap((layout) => EXTENTS.map((extents): OpCase => {
  const [a, b] = shapesOf(layout, extents);
  return {
    op: "matmul", name: `matmul ${layout} ${shapeText(a, b)}`, inputs: { a: floats(51, a), b: floats(52, b) }, by: ["a", "b"],
    tolerance: summed(extents[2]), onGpu: true, build: (given) => [matmul(given["a"]!, given["b"]!, layout)],
  };
}));

/** With the epilogue that the compiler moves in: product + row vector, times a matrix, and the product itself. */
const epilogueCases = LAYOUTS.flatMap((layout) => ([[5, 7, 3], [8, 12, 5], [65, 64, 6], [4, 4, 4, 2]] as const).map((extents): OpCase => {
  const [a, b] = shapesOf(layout, extents);
  const [M, N, K, batch] = extents as readonly [number, number, number, number?];
  const shape = matrix(M, N, batch);
  const expression: Expression = { shape, steps: [{ apply: "add", args: ["x0", "x1"] }, { apply: "multiply", args: ["s0", "x2"] }], results: ["s1"] };
  return {
    op: "matmul", name: `matmul ${layout} with epilogue ${shapeText(a, b)}`, by: [], tolerance: summed(K + 2), onGpu: true,
    inputs: { a: floats(53, a), b: floats(54, b), row: floats(55, [N]), full: floats(56, shape) },
    build: (given) => [applyOne(matmulOp, [given["a"]!, given["b"]!, given["row"]!, given["full"]!], { layout, epilogue: expression as unknown as Attribute })],
  };
}));

/** Dropped and added to a residual, as a block's branches are: the numbers' places decide, whoever computes them. */
const dropoutCases = ([[5, 7, 3], [8, 12, 5], [65, 67, 6], [72, 64, 8]] as const).map((extents): OpCase => {
  const [a, b] = shapesOf("NT", extents);
  const shape = matrix(extents[0], extents[1], undefined);
  const expression: Expression = {
    shape,
    steps: [
      { apply: "randomUniform", args: ["x1"], site: 7 }, { apply: "atLeast", args: ["s0", 0.25] }, { apply: "multiply", args: ["s1", 4 / 3] },
      { apply: "multiply", args: ["x0", "s2"] }, { apply: "add", args: ["s3", "x2"] },
    ],
    results: ["s4"],
  };
  return {
    op: "matmul", name: `matmul NT with dropout ${shapeText(a, b)}`, by: [], tolerance: summed(extents[2] + 2), onGpu: true,
    inputs: { a: floats(61, a), b: floats(62, b), key: whole([2], [0xdeadbeef, 12345]), full: floats(63, shape) },
    build: (given) => [applyOne(matmulOp, [given["a"]!, given["b"]!, given["key"]!, given["full"]!], { layout: "NT", epilogue: expression as unknown as Attribute })],
  };
});

/** With the sums of the first operand's columns, alone and behind an epilogue. */
const sumsCases = ([[1, 1, 1], [5, 7, 3], [16, 20, 33], [67, 65, 9], [8, 12, 5, 2], [64, 68, 40], [36, 40, 527], [7, 34, 520, 2], [33, 37, 4100]] as const).flatMap((extents) => [false, true].map((hasEpilogue): OpCase => {
  const [a, b] = shapesOf("TN", extents);
  const [M, N, K, batch] = extents as readonly [number, number, number, number?];
  const expression: Expression = { shape: matrix(M, N, batch), steps: [{ apply: "multiply", args: ["x0", "x1"] }], results: ["s0", "x0"] };
  const attributes = { layout: "TN", sums: true, ...(hasEpilogue ? { epilogue: expression as unknown as Attribute } : {}) };
  return {
    op: "matmul", name: `matmul TN with sums${hasEpilogue ? " and epilogue" : ""} ${shapeText(a, b)}`, by: [], tolerance: summed(K + 2), onGpu: true,
    inputs: { a: floats(56, a), b: floats(57, b), ...(hasEpilogue ? { row: floats(58, [N]) } : {}) },
    build: (given) => apply(matmulOp, Object.values(given), attributes),
  };
}));

/** So many tiles, or so long sums, that other variants are listed. */
const wideCases = LAYOUTS.flatMap((layout) => ([[130, 132, 20, 8], [67, 35, 6, 32], [36, 33, 520], [3, 8, 700], [65, 66, 4097]] as const).map((extents): OpCase => {
  const [a, b] = shapesOf(layout, extents);
  return {
    op: "matmul", name: `matmul ${layout} ${shapeText(a, b)}`, inputs: { a: floats(59, a), b: floats(60, b) }, by: [],
    tolerance: summed(extents[2]), onGpu: true, build: (given) => [matmul(given["a"]!, given["b"]!, layout)],
  };
}));

const extreme: OpCase = {
  op: "matmul", name: "matmul of 1e30, 1e-30 and zeros", by: [], tolerance: summed(4), onGpu: true,
  inputs: { a: filled([2, 4], [1e30, 1, 0, -0, 1e-30, -1e30, 1, 0]), b: filled([4, 3], [1, 1e-30, 0, 1e-30, 1, -1, 5, 5, 5, 1e30, 1, 1]) },
  build: (given) => [matmul(given["a"]!, given["b"]!)],
};

export const matmulCases: readonly OpCase[] = [...productCases, ...epilogueCases, ...dropoutCases, ...sumsCases, ...wideCases, extreme];

type Extents = Omit<MatmulExtents, "layout">;

/** Extents of every class: rows in whole fours and not, several tiles and edges of each. */
export const EDGE_EXTENTS: readonly Extents[] = [
  { batch: 1, M: 3, N: 72, K: 20 }, { batch: 2, M: 3, N: 71, K: 9 },
  { batch: 1, M: 28, N: 72, K: 20 }, { batch: 2, M: 27, N: 71, K: 9 },
  { batch: 1, M: 132, N: 136, K: 20 }, { batch: 2, M: 131, N: 133, K: 9 },
  { batch: 8, M: 132, N: 136, K: 20 }, { batch: 8, M: 131, N: 133, K: 9 },
  { batch: 1, M: 68, N: 72, K: 520 }, { batch: 2, M: 67, N: 71, K: 527 },
  { batch: 1, M: 68, N: 72, K: 4112 }, { batch: 1, M: 67, N: 71, K: 4101 },
];

/** With an epilogue where rows come in fours, and with sums as TN. */
export function edgeCase(layout: MatmulExtents["layout"], { batch, M, N, K }: Extents): OpCase {
  const isFours = N % 4 === 0;
  const expression: Expression = { shape: [batch, M, N], steps: [{ apply: "multiply", args: ["x0", "x1"] }], results: ["s0", "x0"] };
  const attributes = { layout, ...(layout === "TN" ? { sums: true } : {}), ...(isFours ? { epilogue: expression as unknown as Attribute } : {}) };
  const a = layout === "TN" ? [batch, K, M] : [batch, M, K];
  const b = layout === "NT" ? [batch, N, K] : [batch, K, N];
  return {
    op: "matmul", name: `${layout} ${[batch, M, N, K].join("x")}`, by: [], tolerance: summed(K + 2), onGpu: true,
    inputs: { a: floats(61, a), b: floats(62, b), ...(isFours ? { row: floats(63, [N]) } : {}) },
    build: (given) => apply(matmulOp, Object.values(given), attributes),
  };
}
