/**
 * Attention on the CPU. In: a CpuCall. Out: two phases. First the keys of each head are turned and laid out as panels, and its values as
 * panels; then each block makes some rows of y, a tile of rows at a time: scores, their softmax, the mix of values, all of it in
 * the first cache. A causal tile ends at its last row's key, so that nothing above the diagonal is computed but within a tile.
 */
import type { CpuCall } from "../../graph/op";
import {
  type I32, type Statement, type V128, addInt, all, divInt, f32x4, fillMemory, float, forRange, loadFloat, loadVector, minInt, mulFloat, mulInt, remInt, set, shuffleWords, storeFloat, storeVector,
  subInt,
} from "../../wasm/code";
import { type CpuKernel, type Phase, type Places, roundUp } from "../../wasm/kernel";
import { exponentialOfNegative, logarithm, textOf } from "../../wasm/math";
import type { Scope } from "../../wasm/module";
import { PANEL_ROW_BYTES, writeProduct } from "../../wasm/product";
import { transposeFour } from "../../wasm/transpose";
import {
  BLOCK_WORK, type CpuPlan, copyHead, headAt, hideBehind, layOut, lengthOf, maxInt, panelRows, panelsOf, planAttentionCpu, resultAt, rowNumberAt, rowsEndOf, scoreBytes, tileCount, together, turnRows,
} from "./cpuPlan";

/** What hides a score: a number far below all others; an infinity would make no number of its difference to itself. */
const HIDDEN = -1e30;
/** Rows that a tile's statistics have room for. */
const STATISTICS = 8;

export function lowerForwardCpu(call: CpuCall): CpuKernel {
  const plan = planAttentionCpu(call);
  const { T, headSize, tile, columnBytes } = plan;
  const rowsInBlock = Math.min(roundUp(T, tile), roundUp(Math.ceil(BLOCK_WORK / (T * headSize)), tile));
  const own = layOut({
    scores: roundUp(tile, ROWS_AT_ONCE) * scoreBytes(T), mixed: tile * columnBytes, tops: 4 * STATISTICS, totals: 16 * STATISTICS, norms: 4 * STATISTICS,
  });
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

/** Offsets in the thread's memory: scores and mixed values of a tile; of its rows, the largest scores, the sums of their powers in four parts, and 1 over them. */
interface OwnPlaces {
  readonly scores: number;
  readonly mixed: number;
  readonly tops: number;
  readonly totals: number;
  readonly norms: number;
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

/** Rows whose softmax is made together: what one waits for, the other fills. */
const ROWS_AT_ONCE = 2;

/** Each row of scores ← e^(score − its largest); the largest, scaled, and the sums of the powers are kept. */
function softmaxRows(scope: Scope, plan: CpuPlan, own: I32, offsets: OwnPlaces, { row, length, count }: TilePlaces, panels: I32): Statement {
  const { T, causal, scale } = plan;
  const [index, at, end] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const first = addInt(addInt(own, offsets.scores), mulInt(index, scoreBytes(T)));
  const rows = Array.from({ length: ROWS_AT_ONCE }, (_, turn) => ({ turn, below: turn * scoreBytes(T), tops: [scope.local("v128"), scope.local("v128")], sum: scope.local("v128") }));
  const seenBy = (turn: number): I32 => (causal ? minInt(addInt(addInt(row, index), turn + 1), length) : length);
  const powers = textOf(scope, (text) => {
    for (const { below, tops: [top], sum } of rows) for (const half of [0, 16]) {
      const power = exponentialOfNegative(text, f32x4.mul(f32x4.sub(loadVector(at, below + half), top!), f32x4.of(scale)));
      text.add(storeVector(at, power, below + half), set(sum, f32x4.add(sum, power)));
    }
  });
  return forRange(index, 0, count, ROWS_AT_ONCE, all(
    set(end, addInt(first, mulInt(panels, PANEL_ROW_BYTES))),
    ...rows.flatMap(({ turn, below, tops, sum }) => [
      hideBehind(addInt(first, addInt(mulInt(seenBy(turn), 4), below)), HIDDEN),
      set(sum, f32x4.of(0)),
      ...tops.map((top) => set(top, f32x4.of(HIDDEN))),
    ]),
    forRange(at, first, end, PANEL_ROW_BYTES, all(...rows.flatMap(({ below, tops }) => tops.map((top, half) => set(top, f32x4.pmax(top, loadVector(at, below + 16 * half))))))),
    ...rows.flatMap(({ turn, tops: [top, other] }) => [
      set(top!, f32x4.pmax(top!, other!)),
      set(top!, f32x4.pmax(top!, shuffleWords(top!, top!, 2, 3, 0, 1))),
      set(top!, f32x4.pmax(top!, shuffleWords(top!, top!, 1, 0, 3, 2))),
      storeFloat(addInt(own, mulInt(index, 4)), mulFloat(f32x4.lane(top!, 0), float(scale)), offsets.tops + 4 * turn),
    ]),
    forRange(at, first, end, PANEL_ROW_BYTES, powers),
    ...rows.map(({ turn, sum }) => storeVector(addInt(own, mulInt(index, 16)), sum, offsets.totals + 16 * turn)),
  ));
}

/** y and lse of a tile's rows. */
function storeRows(scope: Scope, plan: CpuPlan, [y, lse]: readonly I32[], own: I32, offsets: OwnPlaces, { batch, head, row, count }: TilePlaces): Statement {
  const [index, place, norm] = [scope.local("i32"), scope.local("i32"), scope.local("f32")];
  const token = addInt(row, index);
  // Four rows at once, though a tile may end between them: of the others nothing is read.
  const logarithms = textOf(scope, (text) => {
    for (let four = 0; four < STATISTICS; four += 4) {
      const lanes = transposeFour(text, [0, 1, 2, 3].map((turn) => text.hold(loadVector(own, offsets.totals + 16 * (four + turn)))));
      const total = text.hold(lanes.reduce<V128>((sum, lane) => f32x4.add(sum, lane), f32x4.of(0)));
      const lse = f32x4.add(loadVector(own, offsets.tops + 4 * four), logarithm(text, total));
      text.add(storeVector(own, lse, offsets.tops + 4 * four), storeVector(own, f32x4.div(f32x4.of(1), total), offsets.norms + 4 * four));
    }
  });
  return all(
    logarithms,
    forRange(index, 0, count, 1, all(
      set(place, addInt(own, mulInt(index, 4))),
      storeFloat(rowNumberAt(plan, lse!, batch, head, token), loadFloat(place, offsets.tops)),
      set(norm, loadFloat(place, offsets.norms)),
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
