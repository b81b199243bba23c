/**
 * Ops that only move numbers: reshape (free: the bytes stay), permute, slice, pad, concatenate. In: values. Out: values;
 * kernels copy one number per invocation, in the order of the output.
 */
import { type LowerCall, type Lowering, type Op, type ReferenceCall, defineOp } from "../graph/op";
import { ShapeError, type Value, applyOne, sizeOf } from "../graph/value";
import { quotient, remainder } from "../wgsl/divide";
import { itemKernel, read, write } from "../wgsl/kernel";
import { type Gathering, lowerMoveCpu, lowerPadCpu, lowerStackCpu } from "./movementCpu";

export const reshapeOp: Op = defineOp({
  name: "reshape",
  inputs: ["x"],
  outputs: ["y"],
  infer: ([x], attributes) => {
    const shape = attributes["shape"] as number[];
    if (sizeOf(shape) !== sizeOf(x!.shape)) throw new ShapeError("reshape", [x!], `does not have the ${sizeOf(shape)} elements of [${shape.join(", ")}].`);
    return [{ shape, dtype: x!.dtype }];
  },
  reference: ({ inputs, outputs }) => outputs[0]!.set(inputs[0]!),
  // The compiler gives input and output the same bytes; there is nothing to run.
  lower: () => ({ kernels: [] }),
  view: () => 0,
  vjp: ({ inputs, gradients }) => [reshape(gradients[0]!, inputs[0]!.shape)],
});

function referenceMove({ inputs, outputs }: ReferenceCall, { shape, strides, offset }: Gathering): void {
  const [x, y] = [inputs[0]!, outputs[0]!];
  const coordinates = shape.map(() => 0);
  let source = offset;
  for (let i = 0; i < y.length; i += 1) {
    y[i] = x[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      coordinates[axis]! += 1;
      source += strides[axis]!;
      if (coordinates[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      coordinates[axis] = 0;
    }
  }
}

function lowerMove(label: string, call: LowerCall, { shape, strides, offset }: Gathering): Lowering {
  let inner = sizeOf(shape);
  const terms = shape.flatMap((length, axis) => {
    inner /= length;
    return length === 1 || strides[axis] === 0 ? [] : [`${remainder(quotient("item", inner), length)} * ${strides[axis]}u`];
  });
  const type = call.inputTypes[0]!.dtype;
  const kernel = itemKernel({
    label,
    bindings: { x: read(type), y: write(type) },
    workgroupSize: 64,
    items: sizeOf(shape),
    body: `  y[item] = x[${[...terms, `${offset}u`].join(" + ")}];`,
  });
  return { kernels: [kernel] };
}

const stridesOf = (shape: readonly number[]): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

const permuteOp: Op = defineOp({
  name: "permute",
  inputs: ["x"],
  outputs: ["y"],
  infer: ([x], attributes) => {
    const order = attributes["order"] as number[];
    if ([...order].sort((a, b) => a - b).some((axis, index) => axis !== index) || order.length !== x!.shape.length) {
      throw new ShapeError("permute", [x!], `[${order.join()}] is not an order of its axes.`);
    }
    return [{ shape: order.map((axis) => x!.shape[axis]!), dtype: x!.dtype }];
  },
  reference: (call) => referenceMove(call, permutation(call)),
  lower: (call) => lowerMove("permute", call, permutation(call)),
  lowerCpu: (call) => lowerMoveCpu(permutation(call)),
  vjp: ({ gradients, attributes }) => {
    const order = attributes["order"] as number[];
    return [permute(gradients[0]!, order.map((_, axis) => order.indexOf(axis)))];
  },
});

function permutation({ inputTypes, outputTypes, attributes }: Pick<LowerCall, "inputTypes" | "outputTypes" | "attributes">): Gathering {
  const strides = stridesOf(inputTypes[0]!.shape);
  return { shape: outputTypes[0]!.shape, strides: (attributes["order"] as number[]).map((axis) => strides[axis]!), offset: 0 };
}

const sliceOp: Op = defineOp({
  name: "slice",
  inputs: ["x"],
  outputs: ["y"],
  infer: ([x], attributes) => {
    const { axis, start, length } = attributes as { axis: number; start: number; length: number };
    if (start < 0 || length < 1 || start + length > (x!.shape[axis] ?? 0)) throw new ShapeError("slice", [x!], `has no ${start}…${start + length} on axis ${axis}.`);
    return [{ shape: x!.shape.map((old, index) => (index === axis ? length : old)), dtype: x!.dtype }];
  },
  reference: (call) => referenceMove(call, section(call)),
  lower: (call) => lowerMove("slice", call, section(call)),
  lowerCpu: (call) => lowerMoveCpu(section(call)),
  vjp: ({ inputs, gradients, attributes }) => {
    const { axis, start } = attributes as { axis: number; start: number };
    return [pad(gradients[0]!, axis, start, inputs[0]!.shape[axis]!)];
  },
});

function section({ inputTypes, outputTypes, attributes }: Pick<LowerCall, "inputTypes" | "outputTypes" | "attributes">): Gathering {
  const { axis, start } = attributes as { axis: number; start: number };
  const strides = stridesOf(inputTypes[0]!.shape);
  return { shape: outputTypes[0]!.shape, strides, offset: start * strides[axis]! };
}

const padOp: Op = defineOp({
  name: "pad",
  inputs: ["x"],
  outputs: ["y"],
  infer: ([x], attributes) => {
    const { axis, start, length } = attributes as { axis: number; start: number; length: number };
    if (start < 0 || start + x!.shape[axis]! > length) throw new ShapeError("pad", [x!], `does not fit at ${start} of ${length} on axis ${axis}.`);
    return [{ shape: x!.shape.map((old, index) => (index === axis ? length : old)), dtype: "f32" }];
  },
  reference: ({ inputs, outputs, inputTypes, attributes }) => {
    const { axis, start, length } = attributes as { axis: number; start: number; length: number };
    const [x, y] = [inputs[0]!, outputs[0]!];
    const inner = sizeOf(inputTypes[0]!.shape.slice(axis + 1));
    const run = inputTypes[0]!.shape[axis]! * inner;
    y.fill(0);
    for (let o = 0; o * run < x.length; o += 1) y.set(x.subarray(o * run, (o + 1) * run), o * length * inner + start * inner);
  },
  lower: (call) => {
    const { axis, start, length } = call.attributes as { axis: number; start: number; length: number };
    const old = call.inputTypes[0]!.shape[axis]!;
    const kernel = itemKernel({
      label: "pad",
      bindings: { x: read("f32"), y: write("f32") },
      constants: { INNER: sizeOf(call.inputTypes[0]!.shape.slice(axis + 1)), LENGTH: length, START: start, OLD: old },
      workgroupSize: 64,
      items: sizeOf(call.outputTypes[0]!.shape),
      body: `  let at = (item / INNER) % LENGTH;
  let source = ((item / (INNER * LENGTH)) * OLD + (at - START)) * INNER + item % INNER;
  var value = 0.0;
  if (at >= START && at < START + OLD) { value = x[source]; }
  y[item] = value;`,
    });
    return { kernels: [kernel] };
  },
  lowerCpu: ({ inputTypes, attributes }) => lowerPadCpu(inputTypes[0]!, attributes as { axis: number; start: number; length: number }),
  vjp: ({ inputs, gradients, attributes }) => {
    const { axis, start } = attributes as { axis: number; start: number };
    return [slice(gradients[0]!, axis, start, inputs[0]!.shape[axis]!)];
  },
});

/** Scalars side by side: [n] from n values of shape []. */
export const stackOp: Op = defineOp({
  name: "stack",
  inputs: [],
  outputs: ["y"],
  infer: (types) => {
    if (types.some((type) => sizeOf(type.shape) !== 1 || type.dtype !== "f32")) throw new ShapeError("stack", types, "stacks single f32 numbers.");
    return [{ shape: [types.length], dtype: "f32" }];
  },
  reference: ({ inputs, outputs }) => inputs.forEach((input, index) => (outputs[0]![index] = input[0]!)),
  // As many inputs per kernel as a device binds, one binding being the output's.
  lower: ({ inputTypes, target }) => {
    const count = target.storageBuffers - 1;
    const indices = inputTypes.map((_, index) => index);
    const parts = Array.from({ length: Math.ceil(indices.length / count) }, (_, part) => indices.slice(part * count, (part + 1) * count));
    const kernels = parts.map((part) =>
      itemKernel({
        label: "stack",
        bindings: { ...Object.fromEntries(part.map((index) => [`x${index}`, read("f32")])), y: write("f32") },
        workgroupSize: 1,
        items: 1,
        body: part.map((index) => `  y[${index}] = x${index}[0];`).join("\n"),
      }),
    );
    return { kernels };
  },
  lowerCpu: lowerStackCpu,
  vjp: ({ inputs, gradients }) => inputs.map((input, index) => reshape(slice(gradients[0]!, 0, index, 1), input.shape)),
});

export function reshape(x: Value, shape: readonly number[]): Value {
  return applyOne(reshapeOp, [x], { shape: [...shape] });
}
/** Axis i of the result is axis order[i] of x. */
export const permute = (x: Value, order: readonly number[]): Value => applyOne(permuteOp, [x], { order: [...order] });
export const slice = (x: Value, axis: number, start: number, length: number): Value => applyOne(sliceOp, [x], { axis, start, length });
/** x at `start` of a zero tensor that is `length` long on that axis. */
export const pad = (x: Value, axis: number, start: number, length: number): Value => applyOne(padOp, [x], { axis, start, length });
export const stack = (values: readonly Value[]): Value => applyOne(stackOp, values);
