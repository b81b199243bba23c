/**
 * Embedding: rows of a table by token id, with a gradient that does not search. In: table [V, C], ids u32 [N], and the ids
 * sorted: order u32 [N] (positions, grouped by id) and starts u32 [V + 1] (where each id's group begins). Out: [N, C]. Backward:
 * dTable[v] = Σ dY[order[k]], k in starts[v] … starts[v + 1], in order, so that the sum is repeatable without atomics.
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering } from "../graph/op";
import { ShapeError, type Value, applyOne, sizeOf } from "../graph/value";
import { itemKernel, read } from "../wgsl/kernel";
import { rowElement } from "../wgsl/rows";
import { describeEpilogue } from "./epilogue";
import { gather } from "./gather";

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
  lower: lowerForward,
  epilogue: { of: "y", buffers: 2 },
  // The kernel reads order and starts; the meaning (a search) reads ids.
  backward: { of: "y", needs: ["ids", "order", "starts"], gives: ["table"], lower: lowerBackward, epilogue: { of: "table", buffers: 3 } },
});

function lowerForward(call: LowerCall): Lowering {
  const [N, C] = call.outputTypes[0]!.shape as [number, number];
  const { T, W } = rowElement(C);
  const epilogue = describeEpilogue(call, "y", T);
  const kernel = itemKernel({
    label: `embedding${epilogue.label}`,
    bindings: { table: read(T), ids: read("u32"), ...epilogue.bindings },
    declarations: epilogue.declarations,
    constants: { COLUMNS: C / W },
    workgroupSize: 64,
    items: (N * C) / W,
    body: `  ${epilogue.store("table[ids[item / COLUMNS] * COLUMNS + item % COLUMNS]", "item")}`,
  });
  return { kernels: [kernel] };
}

function lowerBackward(call: LowerCall): Lowering {
  const { shape } = call.outputTypes[0]!;
  const { T, W } = rowElement(shape[1]!);
  const epilogue = describeEpilogue(call, "dTable", T);
  const kernel = itemKernel({
    label: `embeddingBackward${epilogue.label}`,
    bindings: { order: read("u32"), starts: read("u32"), dY: read(T), ...epilogue.bindings },
    declarations: epilogue.declarations,
    constants: { COLUMNS: shape[1]! / W },
    workgroupSize: 64,
    items: sizeOf(shape) / W,
    body: `  let id = item / COLUMNS;
  let column = item % COLUMNS;
  var total = ${T}();
  for (var k = starts[id]; k < starts[id + 1u]; k++) { total += dY[order[k] * COLUMNS + column]; }
  ${epilogue.store("total", "item")}`,
  });
  return { kernels: [kernel] };
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
