/**
 * The gradient of attention on the CPU. In: a CpuCall. Out: a phase whose blocks each take some keys of a head, and a phase that adds what
 * several blocks found for the same query. A block walks over the queries that see its keys: with p = e^(score − lse), dp = dy·v and
 * delta = Σ dy·y, a tile of rows gets slope = p·(dp − delta)/√D and dq = slope·k, and each chunk of rows adds pᵀ·dy to dv and slopeᵀ·q to dk.
 */
import type { CpuCall } from "../../graph/op";
import { type I32, type Local, type Statement, addInt, all, divInt, fillMemory, forRange, int, less, minInt, mulInt, remInt, set, subInt, when } from "../../wasm/code";
import { type CpuKernel, type Phase, type Places, roundUp } from "../../wasm/kernel";
import type { Scope } from "../../wasm/module";
import { PANEL_ROW_BYTES, type Product, writeProduct } from "../../wasm/product";
import { addPartsPhase } from "./cpuParts";
import {
  type BackwardPlan, WANTED_BLOCKS, copyHead, headAt, layOut, lengthOf, maxInt, panelRows, panelsOf, planAttentionCpu, resultAt, rowsEndOf, scoreBytes, tileCount, together, turnRows,
} from "./cpuPlan";
import { writeSlopes } from "./cpuSlopes";

/** Numbers of keys in a block: they, their values and both gradients stay in the second cache. */
const BLOCK_NUMBERS = 2 ** 14;
const MOST_KEYS = 256;
const FEWEST_KEYS = 48;
/** Rows of a chunk: few enough that its scores stay near, many enough that each visit to dk and dv adds much. */
const CHUNK_TILES = 8;

/** Inputs of the op by name: the op of sequences with lengths has one more. */
interface Given {
  readonly qkv: I32;
  readonly y: I32;
  readonly lse: I32;
  readonly dY: I32;
}
const givenOf = (inputs: readonly I32[]): Given => ({ qkv: inputs[0]!, y: inputs.at(-3)!, lse: inputs.at(-2)!, dY: inputs.at(-1)! });

function planBackward(call: CpuCall): BackwardPlan {
  const plan = planAttentionCpu(call);
  const { B, T, keyValueHeads, headSize, tile } = plan;
  const fit = Math.min(MOST_KEYS, Math.max(FEWEST_KEYS, Math.floor(BLOCK_NUMBERS / headSize)));
  const wanted = Math.min(Math.ceil(WANTED_BLOCKS / (B * keyValueHeads)), Math.ceil(T / FEWEST_KEYS));
  const keys = Math.min(roundUp(T, tile), roundUp(Math.ceil(T / Math.max(wanted, Math.ceil(T / fit))), tile));
  return { ...plan, keys, parts: Math.ceil(T / keys), chunk: Math.min(roundUp(T, tile), CHUNK_TILES * tile) };
}

export function lowerBackwardCpu(call: CpuCall): CpuKernel {
  const plan = planBackward(call);
  const { B, T, heads, parts, columnBytes } = plan;
  const offsets = layOwn(plan);
  return {
    phases: [together(keysPhase(plan, offsets), 3 * plan.group * plan.keys * T * plan.headSize), ...(parts > 1 ? [addPartsPhase(plan)] : [])],
    sharedBytes: parts > 1 ? parts * B * heads * T * columnBytes : 0,
    ownBytes: offsets.end,
  };
}

/** What a block keeps near: its keys and values, their gradients, of a chunk's rows the powers, slopes, queries and dy, and dq of a tile. */
type OwnPart = "turnedKeys" | "turnedValues" | "keyPanels" | "dKeys" | "dValues" | "powers" | "slopes" | "queryPanels" | "flowPanels" | "dQueries";

function layOwn({ keys, headSize, columnBytes, chunk, tile }: BackwardPlan): Readonly<Record<OwnPart | "end", number>> {
  const turned = 4 * roundUp(keys, 8) * headSize;
  return layOut({
    turnedKeys: turned, turnedValues: turned, keyPanels: keys * columnBytes, dKeys: keys * columnBytes, dValues: keys * columnBytes,
    powers: chunk * scoreBytes(keys), slopes: chunk * scoreBytes(keys), queryPanels: chunk * columnBytes, flowPanels: chunk * columnBytes, dQueries: tile * columnBytes,
  });
}

/** Where a block is: all of it is known once its first statements have run. */
interface Here {
  readonly given: Given;
  readonly own: (part: OwnPart) => I32;
  readonly batch: Local<"i32">;
  readonly pair: Local<"i32">;
  readonly part: Local<"i32">;
  readonly length: Local<"i32">;
  /** The block's first key, and how many it has: none where the sequence ends before. */
  readonly first: Local<"i32">;
  readonly keys: Local<"i32">;
  readonly rowsEnd: Local<"i32">;
  readonly head: Local<"i32">;
  /** The chunk's rows. */
  readonly from: Local<"i32">;
  readonly to: Local<"i32">;
}

function keysPhase(plan: BackwardPlan, offsets: Readonly<Record<OwnPart, number>>): Phase {
  const { B, keyValueHeads, group, parts, chunk, causal } = plan;
  return {
    blocks: B * keyValueHeads * parts,
    write: (scope, places) => {
      const { block, inputs, own } = places;
      const local = (): Local<"i32"> => scope.local("i32");
      const here: Here = {
        given: givenOf(inputs), own: (part) => addInt(own, offsets[part]),
        batch: local(), pair: local(), part: local(), length: local(), first: local(), keys: local(), rowsEnd: local(), head: local(), from: local(), to: local(),
      };
      const { batch, pair, part, length, first, keys, rowsEnd, head, from, to } = here;
      const firstHead = mulInt(pair, group);
      // Parts in order: of a causal head the first has the most queries.
      return all(
        set(pair, remInt(divInt(block, parts), keyValueHeads)),
        set(batch, divInt(block, parts * keyValueHeads)),
        set(part, remInt(block, parts)),
        set(length, lengthOf(plan, inputs, batch)),
        set(rowsEnd, rowsEndOf(plan, length)),
        set(first, mulInt(part, plan.keys)),
        set(keys, subInt(maxInt(minInt(length, addInt(first, plan.keys)), first), first)),
        fillMemory(here.own("dKeys"), 0, plan.keys * plan.columnBytes),
        fillMemory(here.own("dValues"), 0, plan.keys * plan.columnBytes),
        when(less(0, keys), all(
          readKeys(scope, plan, here),
          forRange(head, firstHead, addInt(firstHead, group), 1, forRange(from, causal ? first : 0, rowsEnd, chunk, all(
            set(to, minInt(addInt(from, chunk), rowsEnd)),
            writeChunk(scope, plan, here, places),
          ))),
        )),
        storeKeys(scope, plan, here, places),
        plan.padded && parts === 1 ? zeroQueries(scope, plan, here, places) : all(),
      );
    },
  };
}

/** The block's keys, turned and not, and its values, turned. */
function readKeys(scope: Scope, plan: BackwardPlan, { given, own, batch, pair, first, keys }: Here): Statement {
  const at = scope.local("i32");
  const rows = { strideBytes: plan.tokenBytes, rows: keys };
  return all(
    set(at, headAt(plan, given.qkv, batch, first, addInt(pair, plan.heads))),
    turnRows(scope, plan, { ...rows, from: at }, own("turnedKeys")),
    panelRows(scope, plan, { ...rows, from: at }, own("keyPanels"), plan.keys),
    set(at, addInt(at, plan.keyValueHeads * plan.headBytes)),
    turnRows(scope, plan, { ...rows, from: at }, own("turnedValues")),
  );
}

function writeChunk(scope: Scope, plan: BackwardPlan, here: Here, places: Places): Statement {
  const { tile, chunk, causal, tokenBytes, resultBytes, columnBytes, columns } = plan;
  const { given, own, batch, head, first, keys, from, to } = here;
  const [row, key, skipped, depth] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const rows = subInt(to, from);
  /** dv or dk ← what the chunk adds: scores lie across, so that a tile of keys is a tile of columns. */
  const addChunk = (scores: OwnPart, panels: OwnPart, sums: OwnPart): Statement => writeProduct(scope, {
    a: { address: addInt(own(scores), addInt(mulInt(skipped, scoreBytes(plan.keys)), mulInt(key, 4))), tileBytes: 4, rowBytes: 4, stepBytes: scoreBytes(plan.keys) },
    b: { address: addInt(own(panels), mulInt(skipped, PANEL_ROW_BYTES)), panelBytes: chunk * PANEL_ROW_BYTES },
    c: { address: addInt(own(sums), mulInt(key, columnBytes)), rowBytes: columnBytes },
    rows: tile, restRows: 0, panels: columns, depth, continues: 1,
  });
  return all(
    panelRows(scope, plan, { from: headAt(plan, given.qkv, batch, from, head), strideBytes: tokenBytes, rows }, own("queryPanels"), chunk),
    panelRows(scope, plan, { from: resultAt(plan, given.dY, batch, from, head), strideBytes: resultBytes, rows }, own("flowPanels"), chunk),
    forRange(row, from, to, tile, writeTileOfRows(scope, plan, here, places, row)),
    forRange(key, 0, causal ? minInt(keys, subInt(to, first)) : keys, tile, all(
      // Rows before the tile's first key see none of it.
      set(skipped, causal ? subInt(maxInt(addInt(first, key), from), from) : int(0)),
      set(depth, subInt(rows, skipped)),
      addChunk("powers", "flowPanels", "dValues"),
      addChunk("slopes", "queryPanels", "dKeys"),
    )),
  );
}

/** Powers and slopes of a tile's rows, and their dq. */
function writeTileOfRows(scope: Scope, plan: BackwardPlan, here: Here, { outputs: [dQkv], shared }: Places, row: I32): Statement {
  const { T, tile, causal, headSize, tokenBytes, resultBytes, columns, columnBytes, parts, heads, B } = plan;
  const { given, own, batch, head, first, keys, from, to, part, length } = here;
  const [count, seen, panels, above, index] = [scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32"), scope.local("i32")];
  const common = { rows: count, restRows: T % tile, continues: 0 } satisfies Partial<Product>;
  const [powers, slopes] = [addInt(own("powers"), above), addInt(own("slopes"), above)];
  const scoresOf = (a: Product["a"], b: I32, c: I32): Statement =>
    writeProduct(scope, { ...common, a, b: { address: b, panelBytes: headSize * PANEL_ROW_BYTES }, c: { address: c, rowBytes: scoreBytes(plan.keys) }, panels, depth: headSize });
  const token = addInt(row, index);
  const partAt = addInt(shared, mulInt(addInt(mulInt(addInt(mulInt(addInt(mulInt(part, B), batch), heads), head), T), token), columnBytes));
  return all(
    set(count, tileCount(plan, row, to)),
    set(above, mulInt(subInt(row, from), scoreBytes(plan.keys))),
    set(seen, causal ? minInt(subInt(addInt(row, tile), first), keys) : keys),
    set(panels, panelsOf(seen)),
    scoresOf({ address: headAt(plan, given.qkv, batch, row, head), tileBytes: tokenBytes, rowBytes: tokenBytes, stepBytes: 4 }, own("turnedKeys"), powers),
    scoresOf({ address: resultAt(plan, given.dY, batch, row, head), tileBytes: resultBytes, rowBytes: resultBytes, stepBytes: 4 }, own("turnedValues"), slopes),
    writeSlopes(scope, plan, { given, batch, head, row, first, keys, length, count, panels, powers, slopes }),
    writeProduct(scope, {
      ...common, panels: columns, depth: seen,
      a: { address: slopes, tileBytes: scoreBytes(plan.keys), rowBytes: scoreBytes(plan.keys), stepBytes: 4 },
      b: { address: own("keyPanels"), panelBytes: plan.keys * PANEL_ROW_BYTES },
      c: { address: own("dQueries"), rowBytes: columnBytes },
    }),
    forRange(index, 0, count, 1,
      copyHead(scope, plan, addInt(own("dQueries"), mulInt(index, columnBytes)), parts > 1 ? partAt : headAt(plan, dQkv!, batch, token, head))),
  );
}

/** dk and dv of the block's keys; 0 of tokens that do not exist. */
function storeKeys(scope: Scope, plan: BackwardPlan, { own, batch, pair, first, keys }: Here, { outputs: [dQkv] }: Places): Statement {
  const key = scope.local("i32");
  const keyHead = addInt(pair, plan.heads);
  const parts = [["dKeys", keyHead], ["dValues", addInt(keyHead, plan.keyValueHeads)]] as const;
  const each = (store: (part: OwnPart, to: I32) => Statement): Statement => all(...parts.map(([part, head]) => store(part, headAt(plan, dQkv!, batch, addInt(first, key), head))));
  const zeros = forRange(key, keys, minInt(plan.keys, subInt(plan.T, first)), 1, each((_, to) => fillMemory(to, 0, plan.headBytes)));
  return all(
    forRange(key, 0, keys, 1, each((part, to) => copyHead(scope, plan, addInt(own(part), mulInt(key, plan.columnBytes)), to))),
    plan.padded ? zeros : all(),
  );
}

/** dq of rows behind those that exist. */
function zeroQueries(scope: Scope, plan: BackwardPlan, { batch, pair, rowsEnd }: Here, { outputs: [dQkv] }: Places): Statement {
  const row = scope.local("i32");
  return forRange(row, rowsEnd, plan.T, 1, fillMemory(headAt(plan, dQkv!, batch, row, mulInt(pair, plan.group)), 0, plan.group * plan.headBytes));
}
