/**
 * A product as its kernels see it: extents, how rows of the operands can be read, and which part of K a kernel sums. In: the call
 * and the number of pieces. Out: a plan, and the WGSL that every scheme shares: loading four neighbors, multiplying
 * register blocks, finding one's place.
 */
import type { LowerCall } from "../../graph/op";
import { type MatmulExtents, matmulExtents } from "./extents";

export interface Product extends MatmulExtents {
  /** Whether rows of a and b start on vec4 boundaries, so that four neighbors are one load. */
  readonly aFours: boolean;
  readonly bFours: boolean;
  readonly hasSums: boolean;
  /** K is summed in this many pieces of `depth` (the last may be shorter). */
  readonly pieces: number;
  readonly depth: number;
}

/** Pieces are cut at multiples of this, which every unrolling and every tile's depth divides. */
const PIECE_UNIT = 16;

export function describeProduct(call: LowerCall, wantedPieces: number): Product {
  const extents = matmulExtents(call.inputTypes, call.attributes);
  const { M, N, K, layout } = extents;
  const depth = wantedPieces === 1 ? K : Math.ceil(K / wantedPieces / PIECE_UNIT) * PIECE_UNIT;
  return {
    ...extents,
    aFours: (layout === "TN" ? M : K) % 4 === 0,
    bFours: (layout === "NT" ? K : N) % 4 === 0,
    hasSums: call.attributes["sums"] === true,
    pieces: Math.ceil(K / depth),
    depth,
  };
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Component k of a vec4. */
export const part = (k: number): string => "xyzw"[k % 4]!;

/**
 * `aFour(start, column)`, `bFour(start, column)`: four neighbors from `column` on of the row that starts at `start`. Where rows do
 * not start on vec4 boundaries, numbers beyond the row's end are 0.
 */
export function loadFunctions({ aFours, bFours, batch, M, N, K, layout }: Product): string {
  return [
    loadFunction("a", aFours, batch * M * K, layout === "TN" ? M : K),
    loadFunction("b", bFours, batch * K * N, layout === "NT" ? K : N),
  ].join("\n");
}

function loadFunction(name: string, fours: boolean, size: number, columns: number): string {
  if (fours) return `fn ${name}Four(start: u32, column: u32) -> vec4f { return ${name}[(start + column) >> 2u]; }`;
  const one = (k: number): string => `select(0.0, ${name}[min(start + column + ${k}u, ${size - 1}u)], column + ${k}u < ${columns}u)`;
  return `fn ${name}Four(start: u32, column: u32) -> vec4f { return vec4f(${range(4).map(one).join(", ")}); }`;
}

/** Where a row begins in memory; `row` is an expression. */
export const rowStart = (rows: number, columns: number, row: string): string => `(batch * ${rows}u + ${row}) * ${columns}u`;

/** The first of four neighbors along an axis that can be read as one, given that `fours` says whether the axis allows it. */
export const clampFour = (column: string, length: number, fours: boolean): string => (fours ? `min(${column}, ${length - 4}u)` : column);

/** Splits `group` into the tile's place, the matrix of the batch and the piece of K: `across`, `down`, `batch`, `first`, `last`. */
export function placeText({ batch, K, pieces, depth }: Product, groupsAcross: number, groupsDown: number): string {
  const area = groupsAcross * groupsDown;
  return `  let across = group % ${groupsAcross}u;
  let down = (group / ${groupsAcross}u) % ${groupsDown}u;
  let batch = ${batch === 1 ? "0u" : `(group / ${area}u) % ${batch}u`};
${pieces === 1 ? `  const first = 0u;\n  const last = ${K}u;` : `  let piece = group / ${area * batch}u;\n  let first = piece * ${depth}u;\n  let last = min(first + ${depth}u, ${K}u);`}`;
}

/** acc_i_j: row i, columns 4j … 4j + 3 of an invocation's block; sum_i: of a's columns, four at a time. */
export function declareBlock({ rows, columns }: { readonly rows: number; readonly columns: number }, hasSums: boolean): string[] {
  return [
    ...range(rows).flatMap((i) => range(columns / 4).map((j) => `  var acc_${i}_${j} = vec4f();`)),
    ...(hasSums ? range(rows / 4).map((i) => `  var sum_${i} = vec4f();`) : []),
  ];
}

/**
 * acc_i_j += Σ over c of a(i, c) · b(c, j). One statement per accumulator, added up from the left: each addition can become an fma,
 * and the accumulator is loaded and stored once where it does not fit a register.
 */
export function multiplyBlock(
  { rows, columns }: { readonly rows: number; readonly columns: number }, depth: number, a: (i: number, c: number) => string, b: (c: number, j: number) => string,
): string[] {
  return range(rows).flatMap((i) => range(columns / 4).map((j) => {
    const terms = range(depth).map((c) => `${a(i, c)} * ${b(c, j)}`);
    return `    acc_${i}_${j} = acc_${i}_${j} + ${terms.join(" + ")};`;
  }));
}
