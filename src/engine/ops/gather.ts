/**
 * Rows of a table by index, and the reverse: rows added into a table. In: table [V, C], ids u32 [N]. Out: [N, C], or the sum
 * per id [V, C]. The sum runs over all N rows for each id, in order: right for any ids, repeatable, slow; `embedding` is the
 * fast form for training.
 */
import { type LowerCall, type Lowering, type Op, defineOp } from "../graph/op";
import { ShapeError, type Value, applyOne, sizeOf } from "../graph/value";
import { quotient, remainder } from "../wgsl/divide";
import { itemKernel, read, write } from "../wgsl/kernel";
import { rowElement } from "../wgsl/rows";
import { describeEpilogue } from "./epilogue";
import { lowerGatherCpu, lowerScatterAddCpu } from "./gatherCpu";

const gatherOp: Op = defineOp({
  name: "gather",
  inputs: ["table", "ids"],
  outputs: ["y"],
  infer: ([table, ids]) => {
    if (table!.shape.length !== 2 || ids!.shape.length !== 1 || ids!.dtype !== "u32") throw new ShapeError("gather", [table!, ids!], "takes f32 [V, C] and u32 [N].");
    return [{ shape: [ids!.shape[0]!, table!.shape[1]!], dtype: "f32" }];
  },
  reference: ({ inputs, outputs, inputTypes }) => {
    const [table, ids] = [inputs[0]!, inputs[1]!];
    const C = inputTypes[0]!.shape[1]!;
    ids.forEach((id, n) => outputs[0]!.set(table.subarray(id * C, (id + 1) * C), n * C));
  },
  lower: (call) => lowerGather(call, "gather"),
  lowerCpu: lowerGatherCpu,
  finishesOnCpu: true,
  epilogue: { output: 0, buffers: 2 },
  vjp: ({ inputs, gradients }) => [scatterAdd(gradients[0]!, inputs[1]!, inputs[0]!.shape[0]!), undefined],
});

/** One invocation per four numbers of a row, or per number. */
export function lowerGather(call: LowerCall, label: string): Lowering {
  const [N, C] = call.outputTypes[0]!.shape as [number, number];
  const { T, W } = rowElement(C);
  const epilogue = describeEpilogue(call, "y", T);
  const kernel = itemKernel({
    label: `${label}${epilogue.label}`,
    bindings: { table: read(T), ids: read("u32"), ...epilogue.bindings },
    declarations: epilogue.declarations,
    constants: { COLUMNS: C / W },
    workgroupSize: 64,
    items: (N * C) / W,
    body: `  ${epilogue.store(`table[ids[${quotient("item", C / W)}] * COLUMNS + ${remainder("item", C / W)}]`, "item")}`,
  });
  return { kernels: [kernel] };
}

const scatterAddOp: Op = defineOp({
  name: "scatterAdd",
  inputs: ["rows", "ids"],
  outputs: ["table"],
  infer: ([rows, ids], attributes) => {
    if (rows!.shape.length !== 2 || ids!.shape[0] !== rows!.shape[0]) throw new ShapeError("scatterAdd", [rows!, ids!], "takes f32 [N, C] and u32 [N].");
    return [{ shape: [attributes["count"] as number, rows!.shape[1]!], dtype: "f32" }];
  },
  reference: ({ inputs, outputs, inputTypes }) => {
    const [rows, ids] = [inputs[0]!, inputs[1]!];
    const table = outputs[0]!;
    const C = inputTypes[0]!.shape[1]!;
    table.fill(0);
    ids.forEach((id, n) => {
      for (let c = 0; c < C; c += 1) table[id * C + c]! += rows[n * C + c]!;
    });
  },
  lower: ({ inputTypes, outputTypes }) => ({
    kernels: [
      itemKernel({
        label: "scatterAdd",
        bindings: { rows: read("f32"), ids: read("u32"), table: write("f32") },
        constants: { N: inputTypes[0]!.shape[0]!, C: inputTypes[0]!.shape[1]! },
        workgroupSize: 64,
        items: sizeOf(outputTypes[0]!.shape),
        body: `  var total = 0.0;
  for (var n = 0u; n < N; n++) {
    if (ids[n] == item / C) { total += rows[n * C + item % C]; }
  }
  table[item] = total;`,
      }),
    ],
  }),
  lowerCpu: lowerScatterAddCpu,
  vjp: ({ inputs, gradients }) => [gather(gradients[0]!, inputs[1]!), undefined],
});

/** Row ids[n] of the table for each n. */
export const gather = (table: Value, ids: Value): Value => applyOne(gatherOp, [table, ids]);
/** Σ of the rows whose id is v, for each v < count. */
export const scatterAdd = (rows: Value, ids: Value, count: number): Value => applyOne(scatterAddOp, [rows, ids], { count });
