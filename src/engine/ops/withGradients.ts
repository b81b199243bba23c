/**
 * Two turns of differentiation by hand, for memory. `withGradients` is a scalar that was made together with its gradients:
 * differentiation takes those instead of walking back, so that a loss and its gradients can be made a few rows at a time.
 * `recomputed` is what `build` makes of its inputs, but for the backward pass it is made a second time, right before it is needed:
 * nothing inside has to be kept. In: values. Out: the same numbers. Source of the latter: Chen et al., https://arxiv.org/abs/1604.06174.
 */
import { differentiateSeeds } from "../graph/differentiate";
import { type Op, defineOp } from "../graph/op";
import { ShapeError, type Value, applyOne } from "../graph/value";
import { multiply } from "./elementwise";

/** Both faces of an op that hands its first input on: the same bytes, nothing to run. */
const passOn: Pick<Op, "infer" | "reference" | "lower" | "view"> = {
  infer: ([y]) => [{ shape: y!.shape, dtype: y!.dtype }],
  reference: ({ inputs, outputs }) => outputs[0]!.set(inputs[0]!),
  lower: () => ({ kernels: [] }),
  view: () => 0,
};

/** Inputs: y, then the values it is differentiated by, then the gradient of each. `simplify` puts y in its place. */
const withGradientsOp = defineOp({
  ...passOn,
  name: "withGradients",
  inputs: ["y"],
  outputs: ["same"],
  infer: (types) => {
    if (types[0]!.shape.length > 0 || types.length % 2 === 0) throw new ShapeError("withGradients", types, "takes a scalar, values, and as many gradients.");
    return [types[0]!];
  },
  vjp: ({ inputs, gradients }) => {
    const count = (inputs.length - 1) / 2;
    return inputs.map((_, index) => (index >= 1 && index <= count ? multiply(inputs[index + count]!, gradients[0]!) : undefined));
  },
});

/** The scalar y, whose gradient by by[i] is gradients[i]. */
export const withGradients = (y: Value, by: readonly Value[], gradients: readonly Value[]): Value => applyOne(withGradientsOp, [y, ...by, ...gradients]);

/** The value again, under a name of its own, so that what is made of it is not taken for what was made of the first. */
const againOp = defineOp({ ...passOn, name: "again", inputs: ["x"], outputs: ["same"], vjp: ({ gradients }) => [gradients[0]!] });

let copies = 0;

/**
 * `build(inputs)`, made again from the first input when gradients ask for what is inside. `build` has to be a pure function, and
 * everything in it that is worth recomputing has to depend on the first input. The op is made per call because it keeps `build`.
 */
export function recomputed(inputs: readonly Value[], build: (inputs: readonly Value[]) => Value): Value {
  const op: Op = {
    ...passOn,
    name: "recomputed",
    inputs: ["y"],
    outputs: ["same"],
    vjp: ({ inputs: [, first, ...others], gradients }) => {
      copies += 1;
      const copy = applyOne(againOp, [first!], { copy: copies });
      const y = build([copy, ...others]);
      return [undefined, ...differentiateSeeds([{ value: y, gradient: gradients[0]! }], [copy, ...others])];
    },
  };
  return applyOne(op, [build(inputs), ...inputs]);
}
