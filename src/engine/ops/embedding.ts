/**
 * Embedding: rows of a table by token id, with a gradient that does not search. In: table [V, C], ids u32 [N], and the ids
 * sorted: order u32 [N] (positions, grouped by id) and starts u32 [V + 1] (where each id's group begins). Out: [N, C]. Backward:
 * dTable[v] = Σ dY[order[k]], k in starts[v] … starts[v + 1], in order, so that the sum is repeatable without atomics. In a long
 * batch a frequent id's rows are added by blocks of √N first: a text of mostly spaces is no work for one invocation.
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering } from "../graph/op";
import { ShapeError, type Value, applyOne, sizeOf } from "../graph/value";
import { quotient, remainder } from "../wgsl/divide";
import { type Kernel, itemKernel, read, write } from "../wgsl/kernel";
import { rowElement } from "../wgsl/rows";
import { describeEpilogue } from "./epilogue";
import { gather, lowerGather } from "./gather";
import { lowerEmbeddingBackwardCpu, lowerGatherCpu } from "./gatherCpu";

const embeddingOp = defineFusedOp({
  name: "embedding",
  inputs: ["table", "ids", "order", "starts"],
  outputs: ["y"],
  meaning: ({ table, ids, order, starts }) => {
    const [V, N] = [table.shape[0]!, ids.shape[0]!];
    const fits = table.shape.length === 2 && ids.shape.length === 1 && order.shape[0] === N && starts.shape[0] === V + 1;
    if (!fits) throw new ShapeError("embedding", [table, ids, order, starts], "takes table [V, C], ids [N], order [N], starts [V + 1].");
    return { y: gather(table, ids) };
  },
  lower: (call) => lowerGather(call, "embedding"),
  lowerCpu: lowerGatherCpu,
  finishesOnCpu: true,
  epilogue: { of: "y", buffers: 2 },
  // The kernels read order and starts, and of ids whether a block has only one; the meaning (a search) reads ids.
  backward: {
    of: "y", needs: ["ids", "order", "starts"], gives: ["table"], lower: lowerBackward, lowerCpu: lowerEmbeddingBackwardCpu, finishesOnCpu: true, epilogue: { of: "table", buffers: 4 },
  },
});

/** Positions up to which one invocation may add all rows of an id: a second kernel would cost more. */
const LONGEST_WALK = 1024;

function lowerBackward(call: LowerCall): Lowering {
  const N = call.inputTypes[0]!.shape[0]!;
  const { shape } = call.outputTypes[0]!;
  const { T, W } = rowElement(shape[1]!);
  const columns = shape[1]! / W;
  const epilogue = describeEpilogue(call, "dTable", T);
  const block = N <= LONGEST_WALK ? 0 : 2 ** Math.round(Math.log2(N) / 2);
  // One loop that jumps over whole blocks: most ids do not occur, and every loop costs them something.
  const walk = block
    ? `for (var k = first; k < end;) {
    if (${remainder("k", block)} == 0u && k + BLOCK <= end) { total += blocks[${quotient("k", block)} * COLUMNS + column]; k += BLOCK; }
    else { total += dY[order[k] * COLUMNS + column]; k += 1u; }
  }`
    : "for (var k = first; k < end; k++) { total += dY[order[k] * COLUMNS + column]; }";
  const rows = itemKernel({
    label: `embeddingBackward${epilogue.label}`,
    bindings: { order: read("u32"), starts: read("u32"), dY: read(T), ...(block ? { blocks: read(T) } : {}), ...epilogue.bindings },
    declarations: epilogue.declarations,
    constants: { COLUMNS: columns, ...(block ? { BLOCK: block } : {}) },
    workgroupSize: 64,
    items: sizeOf(shape) / W,
    body: `  let id = ${quotient("item", columns)};
  let column = ${remainder("item", columns)};
  let first = starts[id];
  let end = starts[id + 1u];
  var total = ${T}();
  ${walk}
  ${epilogue.store("total", "item")}`,
  });
  if (!block) return { kernels: [rows] };
  const count = Math.floor(N / block);
  return { kernels: [sumBlocks(count, block, columns, T), rows], scratch: { blocks: count * shape[1]! } };
}

/** Σ over the sorted positions b·block … (b + 1)·block of dY's rows, for the blocks whose positions all have one id: nobody asks for others. */
function sumBlocks(count: number, block: number, columns: number, T: "vec4f" | "f32"): Kernel {
  return itemKernel({
    label: "embeddingBackward(blocks)",
    bindings: { ids: read("u32"), order: read("u32"), dY: read(T), blocks: write(T) },
    constants: { COLUMNS: columns, BLOCK: block },
    workgroupSize: 64,
    items: count * columns,
    body: `  let first = ${quotient("item", columns)} * BLOCK;
  let column = ${remainder("item", columns)};
  if (ids[order[first]] != ids[order[first + BLOCK - 1u]]) { return; }
  var total = ${T}();
  for (var k = first; k < first + BLOCK; k++) { total += dY[order[k] * COLUMNS + column]; }
  blocks[item] = total;`,
  });
}

/** Rows ids[n] of the table [V, C]; `order` and `starts` come from `sortIds`. */
export function embedding(table: Value, ids: Value, order: Value, starts: Value): Value {
  return applyOne(embeddingOp, [table, ids, order, starts]);
}

/** Stable counting sort. Fills order [N] with positions grouped by id and starts [V + 1] with where groups begin; allocates nothing. */
export function sortIds(ids: Uint32Array, vocabularySize: number, order: Uint32Array, starts: Uint32Array): void {
  starts.fill(0);
  for (let n = 0; n < ids.length; n += 1) {
    const id = ids[n]!;
    if (id >= vocabularySize) throw new RangeError(`Token id ${id} at position ${n} is outside the vocabulary of ${vocabularySize}.`);
    starts[id + 1]! += 1;
  }
  for (let v = 0; v < vocabularySize; v += 1) starts[v + 1]! += starts[v]!;
  // Placing moves each start to its group's end, which is the next group's start; then all move back by one.
  for (let n = 0; n < ids.length; n += 1) {
    const id = ids[n]!;
    order[starts[id]!] = n;
    starts[id]! += 1;
  }
  starts.copyWithin(1, 0, vocabularySize);
  starts[0] = 0;
}
