/**
 * The inner loop of matrix products: a tile of c, a few rows by two vectors, stays in registers while a and b run by. In: where a, b and c
 * lie. Out: statements. Six rows by eight columns are 12 sums, 2 vectors of b and 1 of a: the 15 registers that x64 engines give away;
 * without a fused instruction the product needs one of them, so that five rows fit. b is read from panels: eight neighboring columns,
 * one row after another.
 */
import { type I32, type Local, type Statement, type V128, addInt, all, copyMemory, divInt, f32x4, forRange, loadFloat, loadSplat, loadVector, minInt, mulInt, remInt, set, storeFloat, storeVector, subInt, when } from "./code";
import { multiplyAdd, textOf } from "./math";
import type { Scope } from "./module";
import { transposeFour } from "./transpose";

export const PANEL_COLUMNS = 8;
export const PANEL_ROW_BYTES = 4 * PANEL_COLUMNS;
/** Rows of a tile. */
export const tileRows = ({ fma }: Pick<Scope, "fma">): number => (fma ? 6 : 5);
/** Depth between two looks at the end. */
const UNROLL = 4;

/** A matrix as tiles of rows: element k of row r of the tile that begins with row f lies at address + f·tileBytes + r·rowBytes + k·stepBytes. */
export interface Rows {
  readonly address: I32;
  /** For each row before the tile. */
  readonly tileBytes: number;
  readonly rowBytes: number;
  readonly stepBytes: number;
}

export interface Product {
  readonly a: Rows;
  /** Panels of b: row k of panel p at address + p·panelBytes + k·PANEL_ROW_BYTES. */
  readonly b: { readonly address: I32; readonly panelBytes: I32 | number };
  readonly c: { readonly address: I32; readonly rowBytes: number };
  /** Rows of a and c; where they are no multiple of a tile's rows, the rest is `restRows`. */
  readonly rows: I32 | number;
  readonly restRows: number;
  readonly panels: I32 | number;
  readonly depth: I32 | number;
  /** Whether c holds a sum that goes on, 0 or 1. */
  readonly continues: I32 | number;
}

/** c ← a·b, or c + a·b. Whole panels of c are written. */
export function writeProduct(scope: Scope, { a, b, c, rows, restRows, panels, depth, continues }: Product): Statement {
  const count = tileRows(scope);
  const [panel, row, end] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const [bPanel, cPanel] = [scope.local("i32"), scope.local("i32")];
  const at = (first: I32): Pick<Tile, "a" | "b" | "c" | "depth" | "continues"> => ({
    a: { ...a, address: addInt(a.address, mulInt(first, a.tileBytes)) },
    b: bPanel,
    c: { address: addInt(cPanel, mulInt(first, c.rowBytes)), rowBytes: c.rowBytes },
    depth,
    continues,
  });
  const tile = writeTile(scope);
  return forRange(panel, 0, panels, 1, all(
    set(bPanel, addInt(b.address, mulInt(panel, b.panelBytes))),
    set(cPanel, addInt(c.address, mulInt(panel, PANEL_ROW_BYTES))),
    set(end, subInt(rows, remInt(rows, count))),
    forRange(row, 0, end, count, tile({ rows: count, ...at(row) })),
    restRows === 0 ? all() : when(remInt(rows, count), tile({ rows: restRows, ...at(mulInt(divInt(rows, count), count)) })),
  ));
}

interface Tile {
  readonly rows: number;
  readonly a: Rows;
  readonly b: I32;
  readonly c: { readonly address: I32; readonly rowBytes: number };
  readonly depth: I32 | number;
  readonly continues: I32 | number;
}

/** Tiles of one function share their variables. */
function writeTile(scope: Scope): (tile: Tile) => Statement {
  const most = tileRows(scope);
  const sums = Array.from({ length: most }, () => [scope.local("v128"), scope.local("v128")] as const);
  const columns = [scope.local("v128"), scope.local("v128")] as const;
  const [number, aAt, bAt, cAt, k, whole] = [scope.local("v128"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
  return ({ rows, a, b, c, depth, continues }) => {
    const used = sums.slice(0, rows);
    const each = (statement: (sum: Local<"v128">, row: number, vector: number) => Statement): Statement =>
      all(...used.flatMap((pair, row) => pair.map((sum, vector) => statement(sum, row, vector))));
    const step = (turn: number): Statement => all(
      ...columns.map((column, vector) => set(column, loadVector(bAt, turn * PANEL_ROW_BYTES + 16 * vector))),
      ...used.flatMap((pair, row) => [
        set(number, loadSplat(aAt, row * a.rowBytes + turn * a.stepBytes)),
        ...pair.map((sum, vector) => set(sum, multiplyAdd(scope, number, columns[vector]!, sum))),
      ]),
    );
    const advance = (turns: number): Statement => all(
      ...Array.from({ length: turns }, (_, turn) => step(turn)),
      set(aAt, addInt(aAt, turns * a.stepBytes)),
      set(bAt, addInt(bAt, turns * PANEL_ROW_BYTES)),
    );
    const none: V128 = f32x4.of(0);
    return all(
      set(aAt, a.address),
      set(bAt, b),
      set(cAt, c.address),
      when(asCondition(continues), each((sum, row, vector) => set(sum, loadVector(cAt, row * c.rowBytes + 16 * vector))), each((sum) => set(sum, none))),
      set(whole, subInt(depth, remInt(depth, UNROLL))),
      forRange(k, 0, whole, UNROLL, advance(UNROLL)),
      forRange(k, whole, depth, 1, advance(1)),
      each((sum, row, vector) => storeVector(cAt, sum, row * c.rowBytes + 16 * vector)),
    );
  };
}

const asCondition = (value: I32 | number): I32 => addInt(value, 0);

/** Rows [0, depth) of b, eight columns from `from` on, as a panel. What lies beside a row's end is copied with it, and used by nobody. */
export function packRows(scope: Scope, from: I32, rowBytes: number, to: I32, depth: I32 | number): Statement {
  const [k, source, target] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
  return all(
    set(source, from),
    set(target, to),
    forRange(k, 0, depth, 1, all(
      storeVector(target, loadVector(source)),
      storeVector(target, loadVector(source, 16), 16),
      set(source, addInt(source, rowBytes)),
      set(target, addInt(target, PANEL_ROW_BYTES)),
    )),
  );
}

/** Tiles of a that were laid out by `packTiles`: all of a tile's rows for one k side by side. */
export const packedTiles = (scope: Scope, address: I32, mostDepth: number): Rows => ({ address, tileBytes: 4 * mostDepth, rowBytes: 4, stepBytes: 4 * tileRows(scope) });
/** Bytes for so many rows. */
export const packedTileBytes = (rows: number, mostDepth: number): number => 4 * rows * mostDepth + 32;

/** Of the sums of one tile: a tile's rows, and room for what lies beside them. */
export const SUMS_BYTES = 32;

/** Stores the sums that `packTiles` made, one for each row. */
export function storeSums(scope: Scope, sums: I32, to: I32, rows: I32): Statement {
  const count = tileRows(scope);
  const row = scope.local("i32");
  return forRange(row, 0, rows, count, copyMemory(addInt(to, mulInt(row, 4)), addInt(sums, mulInt(divInt(row, count), SUMS_BYTES)), mulInt(minInt(subInt(rows, row), count), 4)));
}

export interface PackTiles {
  /** Element (k, row 0): rows lie side by side, steps of k `stepBytes` apart. */
  readonly from: I32;
  readonly stepBytes: number;
  readonly to: I32;
  readonly rows: I32;
  readonly depth: I32;
  readonly mostDepth: number;
  /** Where each row's sum over k goes, SUMS_BYTES for each tile; sums there go on where `continues` is not 0. */
  readonly sums?: { readonly at: I32; readonly continues: I32 };
}

/** Lays out columns as tiles. What lies beside a tile's rows is overwritten by what comes next. */
export function packTiles(scope: Scope, { from, stepBytes, to, rows, depth, mostDepth, sums }: PackTiles): Statement {
  const count = tileRows(scope);
  const [row, k, source, target, place] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const [low, high, lowSum, highSum] = [scope.local("v128"), scope.local("v128"), scope.local("v128"), scope.local("v128")];
  const begin = sums && all(
    set(place, addInt(sums.at, mulInt(divInt(row, count), SUMS_BYTES))),
    when(sums.continues, all(set(lowSum, loadVector(place)), set(highSum, loadVector(place, 16))), all(set(lowSum, f32x4.of(0)), set(highSum, f32x4.of(0)))),
  );
  const copy = all(
    set(low, loadVector(source)),
    set(high, loadVector(source, 16)),
    storeVector(target, low),
    storeVector(target, high, 16),
    sums ? all(set(lowSum, f32x4.add(lowSum, low)), set(highSum, f32x4.add(highSum, high))) : all(),
    set(source, addInt(source, stepBytes)),
    set(target, addInt(target, 4 * count)),
  );
  return forRange(row, 0, rows, count, all(
    set(source, addInt(from, mulInt(row, 4))),
    set(target, addInt(to, mulInt(row, 4 * mostDepth))),
    begin ?? all(),
    forRange(k, 0, depth, 1, copy),
    sums ? all(storeVector(place, lowSum), storeVector(place, highSum, 16)) : all(),
  ));
}

/**
 * Eight rows of a matrix as columns: element (k, column) of the panel is element k of that row. `rowAt` gives the address of a row's
 * element 0; depth is known.
 */
export function packColumns(scope: Scope, rowAt: (column: number) => I32, to: I32, depth: number): Statement {
  const [byte, target] = [scope.local("i32"), scope.local("i32")];
  const whole = depth - (depth % 4);
  const rows = Array.from({ length: PANEL_COLUMNS }, () => scope.local("i32"));
  const four = textOf(scope, (text) => {
    const loaded = rows.map((row) => text.hold(loadVector(addInt(row, byte))));
    for (const half of [0, 1]) {
      const columns = transposeFour(text, loaded.slice(4 * half, 4 * half + 4));
      text.add(...columns.map((column, k) => storeVector(target, column, k * PANEL_ROW_BYTES + 16 * half)));
    }
    text.add(set(target, addInt(target, 4 * PANEL_ROW_BYTES)));
  });
  const one = all(
    ...rows.map((row, column) => storeFloat(target, loadFloat(addInt(row, byte)), 4 * column)),
    set(target, addInt(target, PANEL_ROW_BYTES)),
  );
  return all(
    ...rows.map((row, column) => set(row, rowAt(column))),
    set(target, to),
    forRange(byte, 0, 4 * whole, 16, four),
    forRange(byte, 4 * whole, 4 * depth, 4, one),
  );
}
