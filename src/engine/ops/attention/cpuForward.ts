/**
 * Attention on the CPU. In: a CpuCall. Out: two phases. First the keys of each head are turned and laid out as panels, and its values as
 * panels; then each block makes some rows of y, a tile of rows at a time: scores, their softmax, the mix of values, all of it in
 * the first cache. A causal tile ends at its last row's key, so that nothing above the diagonal is computed but within a tile.
 */
import type { CpuCall } from "../../graph/op";
import {
  type I32, type Local, type Statement, type V128, addInt, all, divInt, f32x4, fillMemory, float, forRange, loadFloat, loadVector, minInt, mulFloat, mulInt, remInt, set, shuffleWords, storeFloat, storeVector,
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
/** Rows whose softmax is made together: one computes while the other waits. Of an odd tile's last two, one is nobody's. */
const ROWS_AT_ONCE = 2;
/** Rows that a tile's statistics have room for. */
const STATISTICS = 8;

export function lowerForwardCpu(call: CpuCall): CpuKernel {
  const plan = planAttentionCpu(call);
  const { T, headSize, tile, columnBytes } = plan;
  const rowsInBlock = Math.min(roundUp(T, tile), roundUp(Math.ceil(BLOCK_WORK / (T * headSize)), tile));
  const offsets = layOut<OwnPart>({
    scores: roundUp(tile, ROWS_AT_ONCE) * scoreBytes(T), mixed: tile * columnBytes, tops: 4 * STATISTICS, totals: 16 * STATISTICS, norms: 4 * STATISTICS,
  });
  return {
    // A number that is moved is worth some that are multiplied.
    phases: [together(packPhase(plan), 16 * T * headSize), together(rowsPhase(plan, rowsInBlock, offsets), rowsInBlock * T * headSize)],
    sharedBytes: 2 * matrixBytes(plan) * plan.B * plan.keyValueHeads,
    ownBytes: offsets.end,
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

/** Scores and mixed values of a tile; of its rows, the largest score, the sum of the powers in four parts, and 1 over that sum. */
type OwnPart = "scores" | "mixed" | "tops" | "totals" | "norms";

/** Where a tile of rows is. */
interface Here {
  readonly own: (part: OwnPart) => I32;
  readonly batch: Local<"i32">;
  readonly head: Local<"i32">;
  readonly length: Local<"i32">;
  /** Where the panels of the head's keys begin; those of its values follow. */
  readonly keys: Local<"i32">;
  /** Its first row, its rows, and the panels of keys that it sees. */
  readonly row: Local<"i32">;
  readonly count: Local<"i32">;
  readonly panels: Local<"i32">;
}

function rowsPhase(plan: CpuPlan, rowsInBlock: number, offsets: Readonly<Record<OwnPart, number>>): Phase {
  const { B, T, heads, keyValueHeads, group, tile, padded } = plan;
  const blocksOfHead = Math.ceil(T / rowsInBlock);
  return {
    blocks: B * heads * blocksOfHead,
    write: (scope, places) => {
      const { block, inputs, shared } = places;
      const local = (): Local<"i32"> => scope.local("i32");
      const here: Here = { own: (part) => addInt(places.own, offsets[part]), batch: local(), head: local(), length: local(), keys: local(), row: local(), count: local(), panels: local() };
      const { batch, head, length, keys, row } = here;
      const [first, end, tilesEnd] = [local(), local(), local()];
      const pair = addInt(mulInt(batch, keyValueHeads), divInt(head, group));
      // Of a causal head, the rows with the most keys come first: what is handed out last is short.
      const turn = subInt(blocksOfHead - 1, remInt(block, blocksOfHead));
      return all(
        set(head, remInt(divInt(block, blocksOfHead), heads)),
        set(batch, divInt(block, blocksOfHead * heads)),
        set(length, lengthOf(plan, inputs, batch)),
        set(first, mulInt(turn, rowsInBlock)),
        set(end, minInt(addInt(first, rowsInBlock), T)),
        set(tilesEnd, minInt(end, rowsEndOf(plan, length))),
        set(keys, addInt(shared, mulInt(pair, 2 * matrixBytes(plan)))),
        forRange(row, first, tilesEnd, tile, writeTileOfRows(scope, plan, places, here, tilesEnd)),
        padded ? zeroRows(scope, plan, places, here, maxInt(length, first), end) : all(),
      );
    },
  };
}

function writeTileOfRows(scope: Scope, plan: CpuPlan, { inputs, outputs }: Places, here: Here, end: I32): Statement {
  const { T, tile, causal, headSize, tokenBytes, columns, columnBytes } = plan;
  const { own, batch, head, row, length, count, keys, panels } = here;
  const seen = scope.local("i32");
  const rows = { rows: count, restRows: T % tile, continues: 0 };
  return all(
    set(count, tileCount(plan, row, end)),
    set(seen, causal ? minInt(addInt(row, tile), length) : length),
    set(panels, panelsOf(seen)),
    writeProduct(scope, {
      ...rows, panels, depth: headSize,
      a: { address: headAt(plan, inputs[0]!, batch, row, head), tileBytes: tokenBytes, rowBytes: tokenBytes, stepBytes: 4 },
      b: { address: keys, panelBytes: headSize * PANEL_ROW_BYTES },
      c: { address: own("scores"), rowBytes: scoreBytes(T) },
    }),
    softmaxRows(scope, plan, here),
    writeProduct(scope, {
      ...rows, panels: columns, depth: seen,
      a: { address: own("scores"), tileBytes: scoreBytes(T), rowBytes: scoreBytes(T), stepBytes: 4 },
      b: { address: addInt(keys, matrixBytes(plan)), panelBytes: T * PANEL_ROW_BYTES },
      c: { address: own("mixed"), rowBytes: columnBytes },
    }),
    storeRows(scope, plan, outputs, here),
  );
}

/** Each row of scores ← e^(score − its largest); the largest, scaled, and the sums of the powers are kept. */
function softmaxRows(scope: Scope, { T, causal, scale }: CpuPlan, { own, row, length, count, panels }: Here): Statement {
  const [index, at, end] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const first = addInt(own("scores"), mulInt(index, scoreBytes(T)));
  const rows = Array.from({ length: ROWS_AT_ONCE }, (_, turn) => ({
    turn, below: turn * scoreBytes(T), top: scope.local("v128"), other: scope.local("v128"), sum: scope.local("v128"),
  }));
  const seenBy = (turn: number): I32 => (causal ? minInt(addInt(addInt(row, index), turn + 1), length) : length);
  const powers = textOf(scope, (text) => {
    for (const { below, top, sum } of rows) for (const half of [0, 16]) {
      const power = exponentialOfNegative(text, f32x4.mul(f32x4.sub(loadVector(at, below + half), top), f32x4.of(scale)));
      text.add(storeVector(at, power, below + half), set(sum, f32x4.add(sum, power)));
    }
  });
  return forRange(index, 0, count, ROWS_AT_ONCE, all(
    set(end, addInt(first, mulInt(panels, PANEL_ROW_BYTES))),
    ...rows.flatMap(({ turn, below, top, other, sum }) => [
      hideBehind(addInt(first, addInt(mulInt(seenBy(turn), 4), below)), HIDDEN),
      set(sum, f32x4.of(0)),
      set(top, f32x4.of(HIDDEN)),
      set(other, f32x4.of(HIDDEN)),
    ]),
    forRange(at, first, end, PANEL_ROW_BYTES, all(...rows.flatMap(({ below, top, other }) => [
      set(top, f32x4.pmax(top, loadVector(at, below))),
      set(other, f32x4.pmax(other, loadVector(at, below + 16))),
    ]))),
    // The largest of all lanes, in each of them.
    ...rows.flatMap(({ turn, top, other }) => [
      set(top, f32x4.pmax(top, other)),
      set(top, f32x4.pmax(top, shuffleWords(top, top, 2, 3, 0, 1))),
      set(top, f32x4.pmax(top, shuffleWords(top, top, 1, 0, 3, 2))),
      storeFloat(addInt(own("tops"), mulInt(index, 4)), mulFloat(f32x4.lane(top, 0), float(scale)), 4 * turn),
    ]),
    forRange(at, first, end, PANEL_ROW_BYTES, powers),
    ...rows.map(({ turn, sum }) => storeVector(addInt(own("totals"), mulInt(index, 16)), sum, 16 * turn)),
  ));
}

/** y and lse of a tile's rows. */
function storeRows(scope: Scope, plan: CpuPlan, [y, lse]: readonly I32[], { own, batch, head, row, count }: Here): Statement {
  const [index, norm] = [scope.local("i32"), scope.local("f32")];
  const token = addInt(row, index);
  // Four rows at once, though a tile may end between them: of the others nothing is read.
  const logarithms = textOf(scope, (text) => {
    for (let four = 0; four < STATISTICS; four += 4) {
      const lanes = transposeFour(text, [0, 1, 2, 3].map((turn) => text.hold(loadVector(own("totals"), 16 * (four + turn)))));
      const total = text.hold(lanes.reduce<V128>((sum, lane) => f32x4.add(sum, lane), f32x4.of(0)));
      text.add(
        storeVector(own("tops"), f32x4.add(loadVector(own("tops"), 4 * four), logarithm(text, total)), 4 * four),
        storeVector(own("norms"), f32x4.div(f32x4.of(1), total), 4 * four),
      );
    }
  });
  return all(
    logarithms,
    forRange(index, 0, count, 1, all(
      storeFloat(rowNumberAt(plan, lse!, batch, head, token), loadFloat(addInt(own("tops"), mulInt(index, 4)))),
      set(norm, loadFloat(addInt(own("norms"), mulInt(index, 4)))),
      copyHead(scope, plan, addInt(own("mixed"), mulInt(index, plan.columnBytes)), resultAt(plan, y!, batch, token, head), norm),
    )),
  );
}

/** Rows of tokens that do not exist. */
function zeroRows(scope: Scope, plan: CpuPlan, { outputs: [y, lse] }: Places, { batch, head }: Here, from: I32, to: I32): Statement {
  const token = scope.local("i32");
  return forRange(token, from, to, 1, all(
    fillMemory(resultAt(plan, y!, batch, token, head), 0, plan.headBytes),
    storeFloat(rowNumberAt(plan, lse!, batch, head, token), float(0)),
  ));
}
