/**
 * What the attention kernels on the CPU share. In: an op call. Out: extents, where the rows of a head lie, and how keys, values and queries
 * become panels of eight columns (wasm/product.ts): as they are for a product over rows, turned for a product over a head's numbers.
 */
import type { CpuCall } from "../../graph/op";
import {
  type F32, type I32, type Statement, addInt, all, choose, divInt, f32x4, forRange, int, less, loadFloat, loadInt, loadVector, minInt, mulFloat, mulInt, set, storeFloat, storeVector, subInt,
} from "../../wasm/code";
import { type Phase, roundUp } from "../../wasm/kernel";
import type { Scope } from "../../wasm/module";
import { PANEL_COLUMNS, PANEL_ROW_BYTES, packColumns, packRows, tileRows } from "../../wasm/product";
import type { Heads } from "./attention";

export interface CpuPlan extends Heads {
  readonly B: number;
  readonly T: number;
  /** Query heads that share a key/value head. */
  readonly group: number;
  readonly causal: boolean;
  readonly padded: boolean;
  /** 1/√D. */
  readonly scale: number;
  /** Rows of a tile of a product; blocks and chunks begin at multiples of it. */
  readonly tile: number;
  /** Bytes from token to token in qkv and in y, and of a head's numbers. */
  readonly tokenBytes: number;
  readonly resultBytes: number;
  readonly headBytes: number;
  /** Panels of a head, and the bytes of a row of them. */
  readonly columns: number;
  readonly columnBytes: number;
}

export function planAttentionCpu({ inputTypes, attributes, fma }: Pick<CpuCall, "inputTypes" | "attributes" | "fma">): CpuPlan {
  const own = attributes as unknown as Heads;
  const { heads, keyValueHeads, headSize } = own;
  const [B, T] = inputTypes[0]!.shape as [number, number, number];
  const columns = Math.ceil(headSize / PANEL_COLUMNS);
  return {
    heads, keyValueHeads, headSize, B, T, columns,
    group: heads / keyValueHeads,
    causal: attributes["causal"] === true,
    padded: attributes["padded"] === true,
    scale: 1 / Math.sqrt(headSize),
    tile: tileRows({ fma }),
    tokenBytes: 4 * (heads + 2 * keyValueHeads) * headSize,
    resultBytes: 4 * heads * headSize,
    headBytes: 4 * headSize,
    columnBytes: columns * PANEL_ROW_BYTES,
  };
}

/** Of the gradient, whose blocks take some of a head's keys. */
export interface BackwardPlan extends CpuPlan {
  /** Keys of a block, and blocks that share a head's keys. */
  readonly keys: number;
  readonly parts: number;
  /** Rows of a chunk. */
  readonly chunk: number;
}

/** Numbers that hide what a row must not see: its tile ends at most 12 further on, at the end of a panel. */
export const HIDING = 12;
/** Bytes of a row of so many scores, and of what hides those behind its end. */
export const scoreBytes = (keys: number): number => 4 * roundUp(keys + HIDING, 4);

/** Offsets of parts that lie one after another, each at a multiple of 64 bytes, and behind them the end. */
export function layOut<Name extends string>(sizes: Readonly<Record<Name, number>>): { readonly [name in Name | "end"]: number } {
  let end = 0;
  const offsets = Object.entries<number>(sizes).map(([name, bytes]) => {
    const at = end;
    end += roundUp(bytes, 64);
    return [name, at] as const;
  });
  return Object.fromEntries([...offsets, ["end", end]]) as { readonly [name in Name | "end"]: number };
}

/** The numbers of head `head` (queries, then keys, then values) of a token in qkv. */
export const headAt = ({ T, tokenBytes, headBytes }: CpuPlan, qkv: I32, batch: I32, token: I32 | number, head: I32): I32 =>
  addInt(qkv, addInt(mulInt(addInt(mulInt(batch, T), token), tokenBytes), mulInt(head, headBytes)));

/** The same in y, which has query heads alone. */
export const resultAt = ({ T, resultBytes, headBytes }: CpuPlan, y: I32, batch: I32, token: I32 | number, head: I32): I32 =>
  addInt(y, addInt(mulInt(addInt(mulInt(batch, T), token), resultBytes), mulInt(head, headBytes)));

/** A number of each row, [B, H, T]. */
export const rowNumberAt = ({ T, heads }: CpuPlan, numbers: I32, batch: I32, head: I32, token: I32): I32 =>
  addInt(numbers, mulInt(addInt(mulInt(addInt(mulInt(batch, heads), head), T), token), 4));

/** Tokens of a sequence that exist. */
export const lengthOf = ({ padded, T }: CpuPlan, inputs: readonly I32[], batch: I32): I32 => (padded ? minInt(loadInt(addInt(inputs[1]!, mulInt(batch, 4))), T) : int(T));

/** Behind the last row that is worked on: whole tiles around those that exist. */
export const rowsEndOf = ({ padded, T, tile }: CpuPlan, length: I32): I32 => (padded ? minInt(mulInt(divInt(addInt(length, tile - 1), tile), tile), T) : int(T));

/** Rows of a tile that begins at `row`, where the work ends at `end`. */
export const tileCount = ({ T, tile }: CpuPlan, row: I32, end: I32): I32 => (T % tile === 0 ? int(tile) : minInt(subInt(end, row), tile));

export const maxInt = (a: I32, b: I32): I32 => choose(a, b, less(b, a));

export const panelsOf = (keys: I32): I32 => divInt(addInt(keys, PANEL_COLUMNS - 1), PANEL_COLUMNS);

/** Some rows of a head, `tokenBytes` apart. */
export interface HeadRows {
  readonly from: I32;
  readonly strideBytes: number;
  readonly rows: I32;
}

/** Rows become columns: element (d, row) of panels of eight rows, each D deep. Behind the last row it is repeated. */
export function turnRows(scope: Scope, { headSize }: CpuPlan, { from, strideBytes, rows }: HeadRows, to: I32): Statement {
  const first = scope.local("i32");
  const last = subInt(rows, 1);
  return forRange(first, 0, rows, PANEL_COLUMNS,
    packColumns(scope, (column) => addInt(from, mulInt(minInt(addInt(first, column), last), strideBytes)), addInt(to, mulInt(first, 4 * headSize)), headSize));
}

/** Rows stay rows: element (row, d) of panels of eight of the head's numbers, each `mostRows` deep. */
export function panelRows(scope: Scope, { columns }: CpuPlan, { from, strideBytes, rows }: HeadRows, to: I32, mostRows: number): Statement {
  const panel = scope.local("i32");
  return forRange(panel, 0, columns, 1,
    packRows(scope, addInt(from, mulInt(panel, PANEL_ROW_BYTES)), strideBytes, addInt(to, mulInt(panel, mostRows * PANEL_ROW_BYTES)), rows));
}

/** D numbers to where others may be writing beside them. */
export function copyHead(scope: Scope, { headSize }: Pick<CpuPlan, "headSize">, from: I32, to: I32, factor?: F32): Statement {
  const byte = scope.local("i32");
  const whole = headSize - (headSize % 4);
  const vectors = factor ? f32x4.mul(loadVector(addInt(from, byte)), f32x4.splat(factor)) : loadVector(addInt(from, byte));
  const number = factor ? mulFloat(loadFloat(addInt(from, byte)), factor) : loadFloat(addInt(from, byte));
  return all(
    forRange(byte, 0, 4 * whole, 16, storeVector(addInt(to, byte), vectors)),
    forRange(byte, 4 * whole, 4 * headSize, 4, storeFloat(addInt(to, byte), number)),
  );
}

/** Overwrites what lies behind the last score that a row sees. */
export const hideBehind = (end: I32, value: number): Statement =>
  all(...Array.from({ length: HIDING / 4 }, (_, index) => storeVector(end, f32x4.of(value), 16 * index)));

/** Multiplications and additions that a block should be worth at least, and blocks that keep any number of threads busy until the end. */
export const BLOCK_WORK = 2 ** 18;
export const WANTED_BLOCKS = 16;

/** Small blocks, each worth `work`, several in one. */
export function together({ blocks, write }: Phase, work: number): Phase {
  const count = Math.min(Math.ceil(BLOCK_WORK / work), Math.ceil(blocks / WANTED_BLOCKS));
  if (count === 1) return { blocks, write };
  return {
    blocks: Math.ceil(blocks / count),
    write: (scope, places) => {
      const [small, first] = [scope.local("i32"), scope.local("i32")];
      return all(
        set(first, mulInt(places.block, count)),
        forRange(small, first, minInt(addInt(first, count), blocks), 1, write(scope, { ...places, block: small })),
      );
    },
  };
}
