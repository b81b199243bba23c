/**
 * Matrix products on the CPU. In: a CpuCall. Out: two phases. First b is laid out as panels of eight columns, once for all; then each block
 * makes some rows of y, tile by tile (wasm/product.ts), in stretches of the depth that keep a panel in the first cache, and finishes
 * them while they are near. One row alone is a row of dot products instead, since laying b out would cost more than the product.
 */
import type { CpuCall } from "../../graph/op";
import { type I32, type Statement, addInt, all, divInt, forRange, minInt, mulInt, remInt, set, subInt } from "../../wasm/code";
import { type CpuKernel, type Phase, roundUp } from "../../wasm/kernel";
import { PANEL_COLUMNS, PANEL_ROW_BYTES, SUMS_BYTES, packColumns, packRows, packTiles, packedTileBytes, packedTiles, storeSums, tileRows, writeProduct } from "../../wasm/product";
import { type Finish, finishOf, writeFinish } from "../finishCpu";
import { lowerRow } from "./cpuRow";
import { type MatmulExtents, matmulExtents } from "./extents";

/** Of a panel in the first cache: 16 KiB of b beside 12 KiB of a. */
const MOST_DEPTH = 512;
/** Tiles of rows in a block: few enough that what they make stays in the second cache, many enough to use each panel often. */
const MOST_TILES = 8;
/** Enough to keep any number of threads busy until the end. */
const WANTED_BLOCKS = 16;
/** Panels that one block lays out. */
const PANELS_AT_ONCE = 4;

export function lowerMatmulCpu(call: CpuCall): CpuKernel {
  const extents = matmulExtents(call.inputTypes, call.attributes);
  const finish = finishOf(call);
  const { batch, M, N, K, layout } = extents;
  if (M === 1 && batch === 1 && layout !== "TN") return lowerRow(extents, finish);
  const panels = Math.ceil(N / PANEL_COLUMNS);
  const rows = blockRows(extents, call.fma);
  return {
    phases: [packPhase(extents, panels), productPhase(extents, panels, finish, call)],
    sharedBytes: batch * panels * K * PANEL_ROW_BYTES,
    // The rows of a block before they are finished; a where its rows lie across, and their sums.
    ownBytes: tileBytes(N) + packedTileBytes(rows, roundUp(Math.min(K, MOST_DEPTH), 4)) + SUMS_BYTES * (rows / tileRows(call)),
  };
}

const tileBytes = (N: number): number => 4 * MOST_TILES * tileRows({ fma: true }) * roundUp(N, PANEL_COLUMNS);

function blockRows({ batch, M }: MatmulExtents, fma: boolean): number {
  const tile = tileRows({ fma });
  return Math.min(MOST_TILES * tile, roundUp(Math.ceil((M * batch) / WANTED_BLOCKS), tile));
}

/** Shared memory ← panels of b, those of each batch behind those of the one before. */
function packPhase({ batch, N, K, layout }: MatmulExtents, panels: number): Phase {
  const total = batch * panels;
  return {
    blocks: Math.ceil(total / PANELS_AT_ONCE),
    write: (scope, { block, inputs: [, b], shared }) => {
      const [panel, first, column] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
      const to = addInt(shared, mulInt(panel, K * PANEL_ROW_BYTES));
      const matrix = addInt(b!, mulInt(divInt(panel, panels), 4 * K * N));
      const rowAt = (index: number): I32 => {
        const wanted = addInt(column, index);
        return addInt(matrix, mulInt(N % PANEL_COLUMNS === 0 ? wanted : minInt(wanted, N - 1), 4 * K));
      };
      const pack = layout === "NT" ? packColumns(scope, rowAt, to, K) : packRows(scope, addInt(matrix, mulInt(column, 4)), 4 * N, to, K);
      return all(
        set(first, mulInt(block, PANELS_AT_ONCE)),
        forRange(panel, first, minInt(addInt(first, PANELS_AT_ONCE), total), 1, all(set(column, mulInt(remInt(panel, panels), PANEL_COLUMNS)), pack)),
      );
    },
  };
}

function productPhase(extents: MatmulExtents, panels: number, finish: Finish, { fma, attributes }: CpuCall): Phase {
  const { batch, M, N, K, layout } = extents;
  const rowsInBlock = blockRows(extents, fma);
  const blocksOfMatrix = Math.ceil(M / rowsInBlock);
  const stretch = roundUp(Math.ceil(K / Math.ceil(K / MOST_DEPTH)), 4);
  const padded = roundUp(N, PANEL_COLUMNS);
  const hasSums = attributes["sums"] === true;
  /** Rows are stored as they are made. */
  const isDirect = finish.isPlain && N % PANEL_COLUMNS === 0;
  return {
    blocks: batch * blocksOfMatrix,
    write: (scope, places) => {
      const { block, inputs: [a], outputs, shared, own } = places;
      const [matrix, row, rows, k, depth, tile] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
      const rowOfY = addInt(mulInt(matrix, M), row);
      const packedA = addInt(own, tileBytes(N));
      const sums = addInt(packedA, packedTileBytes(rowsInBlock, stretch));
      const source = addInt(a!, mulInt(matrix, 4 * M * K));
      const isAcross = layout === "TN";
      const readA: Statement = isAcross
        ? packTiles(scope, {
            from: addInt(source, addInt(mulInt(k, 4 * M), mulInt(row, 4))), stepBytes: 4 * M, to: packedA, rows, depth, mostDepth: stretch,
            ...(hasSums ? { sums: { at: sums, continues: k } } : {}),
          })
        : all();
      const product = writeProduct(scope, {
        a: isAcross
          ? packedTiles(scope, packedA, stretch)
          : { address: addInt(source, addInt(mulInt(row, 4 * K), mulInt(k, 4))), tileBytes: 4 * K, rowBytes: 4 * K, stepBytes: 4 },
        b: { address: addInt(shared, addInt(mulInt(matrix, panels * K * PANEL_ROW_BYTES), mulInt(k, PANEL_ROW_BYTES))), panelBytes: K * PANEL_ROW_BYTES },
        c: { address: tile, rowBytes: 4 * (isDirect ? N : padded) },
        rows, restRows: M % tileRows({ fma }), panels, depth, continues: k,
      });
      const [index, first] = [scope.local("i32"), scope.local("i32")];
      const finishRows = forRange(index, 0, rows, 1, all(
        set(first, mulInt(addInt(rowOfY, index), N)),
        writeFinish(scope, finish, places, { at: addInt(tile, mulInt(index, 4 * padded)), from: first, to: addInt(first, N), unit: N }),
      ));
      return all(
        set(matrix, divInt(block, blocksOfMatrix)),
        set(row, mulInt(remInt(block, blocksOfMatrix), rowsInBlock)),
        set(rows, minInt(subInt(M, row), rowsInBlock)),
        set(tile, isDirect ? addInt(outputs[0]!, mulInt(rowOfY, 4 * N)) : own),
        forRange(k, 0, K, stretch, all(set(depth, minInt(subInt(K, k), stretch)), readA, product)),
        hasSums ? storeSums(scope, sums, addInt(outputs.at(-1)!, mulInt(rowOfY, 4)), rows) : all(),
        isDirect ? all() : finishRows,
      );
    },
  };
}
