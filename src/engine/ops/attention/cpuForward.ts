/**
 * Attention on the CPU. In: a CpuCall. Out: two phases. First the keys of each head are turned and laid out as panels, and its values as
 * panels; then each block makes some rows of y, a tile of rows at a time: scores, their softmax, the mix of values, all of it in
 * the first cache. A causal tile ends at its last row's key, so that nothing above the diagonal is computed but within a tile.
 */
import type { CpuCall } from "../../graph/op";
import {
  type I32, type Statement, addInt, all, divFloat, divInt, f32x4, fillMemory, float, forRange, loadFloat, loadVector, maxLanes, minInt, mulFloat, mulInt, remInt, set, storeFloat, storeVector,
  subInt, sumLanes,
} from "../../wasm/code";
import { type CpuKernel, type Phase, type Places, roundUp } from "../../wasm/kernel";
import { exponentialOfNegative, logarithm, textOf } from "../../wasm/math";
import type { Scope } from "../../wasm/module";
import { PANEL_ROW_BYTES, writeProduct } from "../../wasm/product";
import {
  BLOCK_WORK, type CpuPlan, copyHead, headAt, hideBehind, layOut, lengthOf, maxInt, panelRows, panelsOf, planAttentionCpu, resultAt, rowNumberAt, rowsEndOf, scoreBytes, tileCount, together, turnRows,
} from "./cpuPlan";

/** What hides a score: a number far below all others; an infinity would make no number of its difference to itself. */
const HIDDEN = -1e30;

export function lowerForwardCpu(call: CpuCall): CpuKernel {
  const plan = planAttentionCpu(call);
  const { T, headSize, tile, columnBytes } = plan;
  const rowsInBlock = Math.min(roundUp(T, tile), roundUp(Math.ceil(BLOCK_WORK / (T * headSize)), tile));
  const own = layOut({ scores: tile * scoreBytes(T), mixed: tile * columnBytes, tops: 4 * 8, totals: 4 * 8 });
  return {
    // A number that is moved is worth some that are multiplied.
    phases: [together(packPhase(plan), 16 * T * headSize), together(rowsPhase(plan, rowsInBlock, own), rowsInBlock * T * headSize)],
    sharedBytes: 2 * matrixBytes(plan) * plan.B * plan.keyValueHeads,
    ownBytes: own.end,
  };
}

/** Of the panels of a head's keys; those of its values take the same. */
const matrixBytes = ({ T, headSize, columnBytes }: CpuPlan): number => Math.max(roundUp(T, 8) * 4 * headSize, T * columnBytes);

/** Shared memory ← for each key/value head, turned keys and then values. */
function packPhase(plan: CpuPlan): Phase {
  const { B, T, heads, keyValueHeads, tokenBytes } = plan;
  return {
    blocks: B * keyValueHeads,
    write: (scope, { block, inputs, shared }) => {
      const [keys, values, length] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
      const batch = divInt(block, keyValueHeads);
      const to = addInt(shared, mulInt(block, 2 * matrixBytes(plan)));
      const rows = { strideBytes: tokenBytes, rows: length };
      return all(
        set(length, lengthOf(plan, inputs, batch)),
        set(keys, headAt(plan, inputs[0]!, batch, 0, addInt(remInt(block, keyValueHeads), heads))),
        set(values, addInt(keys, keyValueHeads * plan.headBytes)),
        turnRows(scope, plan, { ...rows, from: keys }, to),
        panelRows(scope, plan, { ...rows, from: values }, addInt(to, matrixBytes(plan)), T),
      );
    },
  };
}

interface OwnPlaces {
  readonly scores: number;
  readonly mixed: number;
  readonly tops: number;
  readonly totals: number;
}

function rowsPhase(plan: CpuPlan, rowsInBlock: number, own: OwnPlaces): Phase {
  const { B, T, heads, group, tile, padded } = plan;
  const blocksOfHead = Math.ceil(T / rowsInBlock);
  return {
    blocks: B * heads * blocksOfHead,
    write: (scope, places) => {
      const { block, inputs, shared } = places;
      const [batch, head, length, row, first, end, tilesEnd, keys] = Array.from({ length: 8 }, () => scope.local("i32"));
      const pair = addInt(mulInt(batch!, plan.keyValueHeads), divInt(head!, group));
      // Of a causal head, the rows with the most keys come first: what is handed out last is short.
      const turn = subInt(blocksOfHead - 1, remInt(block, blocksOfHead));
      const here: TilePlaces = { batch: batch!, head: head!, row: row!, length: length!, count: scope.local("i32"), keys: keys! };
      return all(
        set(head!, remInt(divInt(block, blocksOfHead), heads)),
        set(batch!, divInt(block, blocksOfHead * heads)),
        set(length!, lengthOf(plan, inputs, batch!)),
        set(first!, mulInt(turn, rowsInBlock)),
        set(end!, minInt(addInt(first!, rowsInBlock), T)),
        set(tilesEnd!, minInt(end!, rowsEndOf(plan, length!))),
        set(keys!, addInt(shared, mulInt(pair, 2 * matrixBytes(plan)))),
        forRange(row!, first!, tilesEnd!, tile, writeTileOfRows(scope, plan, places, own, here, tilesEnd!)),
        padded ? zeroRows(scope, plan, places, { ...here, from: maxInt(length!, first!), to: end! }) : all(),
      );
    },
  };
}

interface TilePlaces {
  readonly batch: I32;
  readonly head: I32;
  readonly row: I32;
  readonly length: I32;
  readonly count: I32 & { readonly index: number };
  /** Where the panels of the head's keys begin. */
  readonly keys: I32;
}

function writeTileOfRows(scope: Scope, plan: CpuPlan, { inputs, outputs, own }: Places, offsets: OwnPlaces, here: TilePlaces, end: I32): Statement {
  const { T, tile, causal, headSize, tokenBytes, columns, columnBytes } = plan;
  const { batch, head, row, length, count, keys } = here;
  const [seen, panels] = [scope.local("i32"), scope.local("i32")];
  const [scores, mixed] = [addInt(own, offsets.scores), addInt(own, offsets.mixed)];
  const rows = { rows: count, restRows: T % tile, continues: 0 };
  return all(
    set(count, tileCount(plan, row, end)),
    set(seen, causal ? minInt(addInt(row, tile), length) : length),
    set(panels, panelsOf(seen)),
    writeProduct(scope, {
      ...rows, panels, depth: headSize,
      a: { address: headAt(plan, inputs[0]!, batch, row, head), tileBytes: tokenBytes, rowBytes: tokenBytes, stepBytes: 4 },
      b: { address: keys, panelBytes: headSize * PANEL_ROW_BYTES },
      c: { address: scores, rowBytes: scoreBytes(T) },
    }),
    softmaxRows(scope, plan, own, offsets, here, panels),
    writeProduct(scope, {
      ...rows, panels: columns, depth: seen,
      a: { address: scores, tileBytes: scoreBytes(T), rowBytes: scoreBytes(T), stepBytes: 4 },
      b: { address: addInt(keys, matrixBytes(plan)), panelBytes: T * PANEL_ROW_BYTES },
      c: { address: mixed, rowBytes: columnBytes },
    }),
    storeRows(scope, plan, outputs, own, offsets, here),
  );
}

/** Each row of scores ← e^(score − its largest); the largest, scaled, and the sum of the powers are kept. */
function softmaxRows(scope: Scope, plan: CpuPlan, own: I32, offsets: OwnPlaces, { row, length, count }: TilePlaces, panels: I32): Statement {
  const { T, causal, scale } = plan;
  const [index, byte, at, end, hidden] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const [tops, sums] = [[scope.local("v128"), scope.local("v128")], [scope.local("v128"), scope.local("v128")]];
  const [top, splatTop] = [scope.local("f32"), scope.local("v128")];
  const seen = causal ? minInt(addInt(addInt(row, index), 1), length) : length;
  const place = mulInt(index, 4);
  const powers = textOf(scope, (text) => {
    sums.forEach((sum, half) => {
      const power = exponentialOfNegative(text, f32x4.mul(f32x4.sub(loadVector(at, 16 * half), splatTop), f32x4.of(scale)));
      text.add(storeVector(at, power, 16 * half), set(sum, f32x4.add(sum, power)));
    });
  });
  const from = addInt(addInt(own, offsets.scores), mulInt(index, scoreBytes(T)));
  return forRange(index, 0, count, 1, all(
    set(at, from),
    set(hidden, addInt(at, mulInt(seen, 4))),
    hideBehind(hidden, HIDDEN),
    set(end, addInt(at, mulInt(panels, PANEL_ROW_BYTES))),
    ...tops.map((vector) => set(vector, f32x4.of(HIDDEN))),
    forRange(byte, at, end, PANEL_ROW_BYTES, all(...tops.map((vector, half) => set(vector, f32x4.pmax(vector, loadVector(byte, 16 * half)))))),
    set(splatTop, f32x4.pmax(tops[0]!, tops[1]!)),
    set(top, maxLanes(splatTop)),
    set(splatTop, f32x4.splat(top)),
    ...sums.map((sum) => set(sum, f32x4.of(0))),
    forRange(at, from, end, PANEL_ROW_BYTES, powers),
    set(splatTop, f32x4.add(sums[0]!, sums[1]!)),
    storeFloat(addInt(own, place), mulFloat(top, float(scale)), offsets.tops),
    storeFloat(addInt(own, place), sumLanes(splatTop), offsets.totals),
  ));
}

/** y and lse of a tile's rows. */
function storeRows(scope: Scope, plan: CpuPlan, [y, lse]: readonly I32[], own: I32, offsets: OwnPlaces, { batch, head, row, count }: TilePlaces): Statement {
  const [index, place, norm] = [scope.local("i32"), scope.local("i32"), scope.local("f32")];
  const token = addInt(row, index);
  // Eight rows at once, though a tile has fewer: of the others nothing is read.
  const logarithms = textOf(scope, (text) => {
    for (const half of [0, 16]) {
      text.add(storeVector(own, f32x4.add(loadVector(own, offsets.tops + half), logarithm(text, loadVector(own, offsets.totals + half))), offsets.tops + half));
    }
  });
  return all(
    logarithms,
    forRange(index, 0, count, 1, all(
      set(place, addInt(own, mulInt(index, 4))),
      storeFloat(rowNumberAt(plan, lse!, batch, head, token), loadFloat(place, offsets.tops)),
      set(norm, divFloat(float(1), loadFloat(place, offsets.totals))),
      copyHead(scope, plan, addInt(addInt(own, offsets.mixed), mulInt(index, plan.columnBytes)), resultAt(plan, y!, batch, token, head), norm),
    )),
  );
}

/** Rows of tokens that do not exist. */
function zeroRows(scope: Scope, plan: CpuPlan, { outputs: [y, lse] }: Places, { batch, head, from, to }: TilePlaces & { readonly from: I32; readonly to: I32 }): Statement {
  const token = scope.local("i32");
  return forRange(token, from, to, 1, all(
    fillMemory(resultAt(plan, y!, batch, token, head), 0, plan.headBytes),
    storeFloat(rowNumberAt(plan, lse!, batch, head, token), float(0)),
  ));
}
