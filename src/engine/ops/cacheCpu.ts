/**
 * Attention over the cache on the CPU. In: a CpuCall. Out: one phase with a block for each head: scores of four rows at once, their
 * softmax, the mix. As on the GPU, nobody reads the row that is being written: the token's own key and value come from its qkv,
 * so no head waits for another.
 */
import type { CpuCall } from "../graph/op";
import {
  type I32, type Local, type Statement, addFloat, addInt, all, choose, divFloat, divInt, equal, f32x4, float, forRange, less, loadFloat, loadInt, loadSplat, loadVector, maxLanes, minInt, mulFloat, mulInt, remInt,
  set, storeFloat, storeVector, sumLanes, when,
} from "../wasm/code";
import { type CpuKernel, type Places, roundUp } from "../wasm/kernel";
import { exponentialOfNegative, multiplyAdd, textOf } from "../wasm/math";
import type { Scope } from "../wasm/module";
import { transposeFour } from "../wasm/transpose";
import type { Heads } from "./attention/attention";
import { copyHead } from "./attention/cpuPlan";

/** Rows whose scores are made together. */
const ROWS_AT_ONCE = 4;
/** Vectors of a head that share each power: enough sums to hide what an addition takes. */
const VECTORS_AT_ONCE = 8;
/** What hides the scores behind the last row. */
const HIDDEN = -1e30;

interface CachePlan extends Heads {
  readonly rows: number;
  /** Bytes of a row of the cache. */
  readonly rowBytes: number;
}

/** Where a head's block works. */
interface Here {
  readonly query: Local<"i32">;
  /** The token's own key and value in its qkv, and those of row 0 in the cache. */
  readonly ownKey: Local<"i32">;
  readonly ownValue: I32;
  readonly keys: Local<"i32">;
  readonly values: I32;
  /** Rows that the cache has, and those that count: one more where the token has a row of its own. */
  readonly cached: Local<"i32">;
  readonly seen: Local<"i32">;
}

export function lowerCachedAttentionCpu({ inputTypes, attributes }: CpuCall): CpuKernel {
  const own = attributes as unknown as Heads;
  const { heads, keyValueHeads, headSize } = own;
  const plan: CachePlan = { heads, keyValueHeads, headSize, rows: inputTypes[1]!.shape[0]!, rowBytes: 8 * keyValueHeads * headSize };
  return {
    phases: [{ blocks: heads, write: (scope, places) => writeHead(scope, plan, places) }],
    ownBytes: scoresBytes(plan) + mixedBytes(plan),
  };
}

/** Of all rows, in whole vectors, and of a vector that hides what lies behind them. */
const scoresBytes = ({ rows }: CachePlan): number => 4 * roundUp(rows, 4) + 16;
const mixedBytes = ({ headSize }: CachePlan): number => 4 * roundUp(headSize, 4 * VECTORS_AT_ONCE);

function writeHead(scope: Scope, plan: CachePlan, places: Places): Statement {
  const { heads, keyValueHeads, headSize, rows, rowBytes } = plan;
  const { block, inputs: [qkv, , position], outputs: [y, written], own } = places;
  const group = heads / keyValueHeads;
  const [query, ownKey, keys, cached, seen, at] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const [valueOffset, headBytes] = [4 * keyValueHeads * headSize, 4 * headSize];
  const here: Here = { query, ownKey, ownValue: addInt(ownKey, valueOffset), keys, values: addInt(keys, valueOffset), cached, seen };
  const norm = scope.local("f32");
  const hasOwn = less(at, rows);
  const row = addInt(keys, mulInt(at, rowBytes));
  return all(
    set(at, loadInt(position!)),
    set(cached, minInt(at, rows)),
    set(seen, addInt(cached, hasOwn)),
    set(query, addInt(qkv!, mulInt(block, headBytes))),
    set(ownKey, addInt(qkv!, mulInt(addInt(divInt(block, group), heads), headBytes))),
    set(keys, addInt(written!, mulInt(divInt(block, group), headBytes))),
    writeScores(scope, plan, here, own),
    softmaxScores(scope, plan, here, own, norm),
    writeMix(scope, plan, here, own),
    copyHead(scope, plan, addInt(own, scoresBytes(plan)), addInt(y!, mulInt(block, headBytes)), norm),
    // One head of a group writes the row that the group shares.
    when(equal(remInt(block, group), 0), when(hasOwn, all(
      copyHead(scope, plan, ownKey, row),
      copyHead(scope, plan, here.ownValue, addInt(row, valueOffset)),
    ))),
  );
}

/** Own memory ← q·k of each row that counts. */
function writeScores(scope: Scope, { headSize, rowBytes }: CachePlan, { query, ownKey, keys, cached, seen }: Here, own: I32): Statement {
  const [row, byte] = [scope.local("i32"), scope.local("i32")];
  const whole = headSize - (headSize % 4);
  const numbers = scope.local("v128");
  const rows = Array.from({ length: ROWS_AT_ONCE }, () => ({ at: scope.local("i32"), sum: scope.local("v128"), rest: scope.local("f32") }));
  const keyAt = (index: number): I32 => choose(addInt(keys, mulInt(addInt(row, index), rowBytes)), ownKey, less(addInt(row, index), cached));
  const score = addInt(own, mulInt(row, 4));
  const together = textOf(scope, (text) => {
    const parts = transposeFour(text, rows.map(({ sum }) => sum));
    text.add(storeVector(score, parts.reduce((sum, part) => f32x4.add(sum, part) as typeof part)));
  });
  const rest = all(
    ...rows.map(({ rest: sum }, index) => set(sum, loadFloat(score, 4 * index))),
    forRange(byte, 4 * whole, 4 * headSize, 4, all(
      ...rows.map(({ at, rest: sum }) => set(sum, addFloat(sum, mulFloat(loadFloat(addInt(query, byte)), loadFloat(addInt(at, byte)))))),
    )),
    ...rows.map(({ rest: sum }, index) => storeFloat(score, sum, 4 * index)),
  );
  return forRange(row, 0, seen, ROWS_AT_ONCE, all(
    ...rows.flatMap(({ at, sum }, index) => [set(at, keyAt(index)), set(sum, f32x4.of(0))]),
    forRange(byte, 0, 4 * whole, 16, all(
      set(numbers, loadVector(addInt(query, byte))),
      ...rows.map(({ at, sum }) => set(sum, multiplyAdd(scope, numbers, loadVector(addInt(at, byte)), sum))),
    )),
    together,
    whole < headSize ? rest : all(),
  ));
}

/** Own memory ← e^((score − the largest)/√D); `norm` ← 1 over their sum. */
function softmaxScores(scope: Scope, { headSize }: CachePlan, { seen }: Here, own: I32, norm: Local<"f32">): Statement {
  const [at, end] = [scope.local("i32"), scope.local("i32")];
  const [top, sum] = [scope.local("v128"), scope.local("v128")];
  const powers = textOf(scope, (text) => {
    const power = exponentialOfNegative(text, f32x4.mul(f32x4.sub(loadVector(at), top), f32x4.of(1 / Math.sqrt(headSize))));
    text.add(storeVector(at, power), set(sum, f32x4.add(sum, power)));
  });
  return all(
    set(end, addInt(own, mulInt(seen, 4))),
    storeVector(end, f32x4.of(HIDDEN)),
    set(top, f32x4.of(HIDDEN)),
    forRange(at, own, end, 16, set(top, f32x4.pmax(top, loadVector(at)))),
    set(top, f32x4.splat(maxLanes(top))),
    set(sum, f32x4.of(0)),
    forRange(at, own, end, 16, powers),
    set(norm, divFloat(float(1), sumLanes(sum))),
  );
}

/** Own memory, behind the scores ← the sum of each row's value times its power. */
function writeMix(scope: Scope, plan: CachePlan, { values, ownValue, cached, seen }: Here, own: I32): Statement {
  const { headSize, rowBytes } = plan;
  const [byte, row, at] = [scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const power = scope.local("v128");
  const sums = Array.from({ length: Math.min(VECTORS_AT_ONCE, Math.ceil(headSize / 4)) }, () => scope.local("v128"));
  return forRange(byte, 0, 4 * headSize, 16 * sums.length, all(
    ...sums.map((sum) => set(sum, f32x4.of(0))),
    forRange(row, 0, seen, 1, all(
      set(at, addInt(choose(addInt(values, mulInt(row, rowBytes)), ownValue, less(row, cached)), byte)),
      set(power, loadSplat(addInt(own, mulInt(row, 4)))),
      ...sums.map((sum, index) => set(sum, multiplyAdd(scope, power, loadVector(at, 16 * index), sum))),
    )),
    // What lies behind the head's last number is read by nobody.
    ...sums.map((sum, index) => storeVector(addInt(own, byte), sum, scoresBytes(plan) + 16 * index)),
  ));
}
