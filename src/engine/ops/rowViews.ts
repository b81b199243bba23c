/**
 * Rows of a matrix without a copy, so that a long product can be made a few rows at a time. `takeRows` is a range of its input's
 * bytes; `joinRows` is its inputs one below the other, each written where it belongs if the memory plan can see to it. In: values
 * whose first axis counts rows. Out: values of the same bytes. Ranges start at multiples of ALIGNMENT, because they are bound.
 */
import { type Op, defineOp } from "../graph/op";
import { ALIGNMENT, ShapeError, type TensorType, type Value, applyOne, sizeOf } from "../graph/value";
import { itemKernel, read, write } from "../wgsl/kernel";
import { pad } from "./movement";
import { lowerJoinCpu } from "./movementCpu";

const bytesPerRow = ({ shape }: TensorType): number => sizeOf(shape.slice(1)) * 4;

/** The least number of rows whose bytes are a multiple of ALIGNMENT: where the next range may start. */
export function rowsPerRange(type: TensorType): number {
  let rows = 1;
  while ((rows * bytesPerRow(type)) % ALIGNMENT !== 0) rows *= 2;
  return rows;
}

const takeRowsOp: Op = defineOp({
  name: "takeRows",
  inputs: ["x"],
  outputs: ["y"],
  infer: ([x], attributes) => {
    const { start, rows } = attributes as { start: number; rows: number };
    const isInside = x!.shape.length > 0 && start >= 0 && rows > 0 && start + rows <= x!.shape[0]!;
    if (!isInside) throw new ShapeError("takeRows", [x!], `has no rows ${start}…${start + rows}.`);
    if ((start * bytesPerRow(x!)) % ALIGNMENT !== 0) throw new ShapeError("takeRows", [x!], `row ${start} does not start at a multiple of ${ALIGNMENT} bytes.`);
    return [{ shape: [rows, ...x!.shape.slice(1)], dtype: x!.dtype }];
  },
  reference: ({ inputs, outputs, inputTypes, attributes }) => {
    const start = (attributes["start"] as number) * sizeOf(inputTypes[0]!.shape.slice(1));
    outputs[0]!.set(inputs[0]!.subarray(start, start + outputs[0]!.length));
  },
  lower: () => ({ kernels: [] }),
  view: (x, attributes) => (attributes["start"] as number) * bytesPerRow(x),
  vjp: ({ inputs, gradients, attributes }) => [pad(gradients[0]!, 0, attributes["start"] as number, inputs[0]!.shape[0]!)],
});

const joinRowsOp: Op = defineOp({
  name: "joinRows",
  inputs: [],
  outputs: ["y"],
  infer: (types) => {
    const [first] = types;
    const fits = types.every(({ shape, dtype }) => dtype === "f32" && shape.length > 0 && shape.slice(1).join() === first!.shape.slice(1).join());
    if (!first || !fits) throw new ShapeError("joinRows", types, "takes f32 values that differ in their first axis alone.");
    const misplaced = startsOf(types).find((start) => (start * bytesPerRow(first)) % ALIGNMENT !== 0);
    if (misplaced !== undefined) throw new ShapeError("joinRows", types, `row ${misplaced} would not start at a multiple of ${ALIGNMENT} bytes.`);
    return [{ shape: [types.reduce((rows, { shape }) => rows + shape[0]!, 0), ...first.shape.slice(1)], dtype: "f32" }];
  },
  reference: ({ inputs, outputs, inputTypes }) => {
    const starts = startsOf(inputTypes);
    inputs.forEach((input, index) => outputs[0]!.set(input, starts[index]! * sizeOf(inputTypes[index]!.shape.slice(1))));
  },
  assembles: (types) => startsOf(types).map((start) => start * bytesPerRow(types[0]!)),
  // A part that was made in its place is there already.
  lower: ({ inputTypes, inPlace }) => {
    const starts = startsOf(inputTypes);
    const kernels = inputTypes.flatMap(({ shape }, index) => {
      if (inPlace(index, 0)) return [];
      const copy = itemKernel({
        label: "joinRows",
        bindings: { [`x${index}`]: read("f32"), y: write("f32") },
        workgroupSize: 64,
        items: sizeOf(shape),
        body: `  y[${starts[index]! * sizeOf(shape.slice(1))}u + item] = x${index}[item];`,
      });
      return [copy];
    });
    return { kernels };
  },
  lowerCpu: ({ inputTypes }) => lowerJoinCpu(inputTypes),
  vjp: ({ inputs, gradients }) => {
    const starts = startsOf(inputs);
    return inputs.map((input, index) => takeRows(gradients[0]!, starts[index]!, input.shape[0]!));
  },
});

/** The first row of each part in the whole. */
function startsOf(parts: readonly TensorType[]): number[] {
  let next = 0;
  return parts.map(({ shape }) => {
    const start = next;
    next += shape[0] ?? 0;
    return start;
  });
}

/** Rows start … start + rows of x, in x's own bytes. */
export const takeRows = (x: Value, start: number, rows: number): Value => applyOne(takeRowsOp, [x], { start, rows });
/** The parts one below the other. */
export const joinRows = (parts: readonly Value[]): Value => (parts.length === 1 ? parts[0]! : applyOne(joinRowsOp, parts));
