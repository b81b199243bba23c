/**
 * A copy stored as bf16: half the bytes, each number rounded to 8 bits. In: any f32 value. Out: the same shape; who reads it sees
 * the rounded numbers as f32. The gradient passes as if nothing had been rounded. Where it can, the compiler has the kernel that makes a
 * value store it so (compiler/packSaved.ts); this op is for the rest.
 */
import { defineOp } from "../graph/op";
import { ShapeError, type Value, apply, sizeOf } from "../graph/value";
import { itemKernel, read, write } from "../wgsl/kernel";

const packOp = defineOp({
  name: "pack",
  inputs: ["x"],
  outputs: ["y"],
  infer: (types) => {
    if (types[0]!.dtype !== "f32") throw new ShapeError("pack", types, "takes an f32 value.");
    return [types[0]!];
  },
  reference: ({ inputs, outputs }) => outputs[0]!.set(inputs[0]!),
  vjp: ({ gradients }) => [gradients[0]!],
  lower: ({ inputTypes: [x] }) => {
    // A value's bytes are a multiple of sixteen: what lies behind its last number is copied too, and never read.
    const copy = itemKernel({ label: "pack", bindings: { x: read("vec4f"), y: write("vec4f") }, workgroupSize: 64, items: Math.ceil(sizeOf(x!.shape) / 4), body: "  y[item] = x[item];" });
    return { kernels: [copy] };
  },
});

/** `order` places it in the schedule, as for any node that a pass makes. */
export const pack = (x: Value, order?: number): Value => apply(packOp, [x], { packed: [0] }, order)[0]!;
