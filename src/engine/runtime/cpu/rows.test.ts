/**
 * Rows and reductions on the CPU: which ops have a kernel there (an op without one runs its reference, whose numbers are right too), and sizes
 * that the table of op cases has not, since only the CPU cuts them.
 */
import { expect, test } from "vitest";
import { BASE_TARGET, compile } from "../../compiler/compile";
import { opNamed } from "../../graph/op";
import { type Attribute, apply } from "../../graph/value";
import type { Expression } from "../../ops/expression";
import { reduceMax, reduceSum } from "../../ops/reduce";
import { rowCases } from "../../testing/cases/rows";
import { movementCases } from "../../testing/cases/movement";
import { buildGradients, checkManyKernels } from "../../testing/checkOp";
import { type OpCase, floats, shapeText, summed, whole } from "../../testing/opCase";
import { runOnCpu } from "../../testing/runGraph";
import { lowerStep } from "./lowerStep";

const WITH_KERNELS = [
  "crossEntropy", "layerNorm", "layerNormBackward", "layerNormNoBias", "layerNormNoBiasBackward", "reduceMax", "reduceSum", "rmsNorm", "rmsNormBackward", "softmax", "softmaxBackward",
];

test("what works on whole rows has a kernel, whatever the sizes", () => {
  const seen = new Set<string>();
  const without = [...rowCases, ...movementCases].flatMap((one) => {
    const { outputs, gradients } = buildGradients(one, "first");
    const { steps } = compile("test", [...outputs, ...gradients].map((value, index) => ({ name: String(index), value })), BASE_TARGET);
    return steps.flatMap((step) => {
      if (!WITH_KERNELS.includes(step.op)) return [];
      seen.add(step.op);
      return lowerStep(step, false) ? [] : [`${step.op} in ${one.name}`];
    });
  });
  expect(without).toEqual([]);
  expect([...seen].sort()).toEqual(WITH_KERNELS);
});

/** Pieces of one row and of several, with and without a rest; columns in stretches, and columns that no stretch divides. */
const REDUCTIONS: readonly (readonly [shape: readonly number[], axes: readonly number[]])[] = [
  [[70_003], [0]], [[70_004], [0]], [[3, 70_000], [1]], [[3, 70_001], [1]], [[600, 100], [0, 1]], [[3, 17_000, 2], [1]], [[9, 4096], [0]], [[9, 4100], [0]], [[2, 5, 2056], [1]],
  [[2, 3000, 24], [1]], [[1200, 27], [0]],
];

const reductions = REDUCTIONS.flatMap(([shape, axes]): OpCase[] => {
  const shared = { inputs: { x: floats(81, shape) }, by: [], onGpu: false, tolerance: summed(axes.reduce((length, axis) => length * shape[axis]!, 1)) };
  const name = `${shapeText(shape)} over ${axes.join(" and ")}`;
  return [
    { ...shared, op: "reduceSum", name: `reduceSum ${name}`, build: ({ x }) => [reduceSum(x!, axes)] },
    { ...shared, op: "reduceMax", name: `reduceMax ${name}`, build: ({ x }) => [reduceMax(x!, axes)] },
  ];
});

/** Σ |x · y| · u with random numbers u, y of another shape. */
const EXPRESSION = (shape: readonly number[]): Expression => ({
  shape,
  steps: [
    { apply: "multiply", args: ["x0", "x1"] }, { apply: "absolute", args: ["s0"] }, { apply: "randomUniform", args: ["x2"], site: 3 }, { apply: "multiply", args: ["s1", "s2"] },
  ],
  results: ["s3"],
});
const MADE: readonly (readonly [shape: readonly number[], axes: readonly number[], other: readonly number[]])[] = [
  [[70_003], [0], []], [[3, 70_001], [1], [1]], [[2700, 27], [0, 1], [27]], [[2700, 28], [0, 1], [2700, 1]], [[600, 40, 3], [0, 1, 2], [1, 40, 1]], [[3, 70_000], [1], [70_000]],
  [[9, 4096], [0], [4096]], [[30, 33], [0], [30, 1]], [[2, 40, 2056], [1], [2, 1, 1]],
];

const made = MADE.map(([shape, axes, other]): OpCase => ({
  op: "reduceSum", name: `reduceSum ${shapeText(shape, other)} over ${axes.join(" and ")}, of an expression`, by: [], onGpu: false,
  inputs: { x: floats(82, shape), y: floats(83, other), key: whole([2], [5, 9]) }, tolerance: { relative: 3e-6, absolute: 1e-5 },
  build: ({ x, y, key }) => apply(opNamed("reduceSum"), [x!, y!, key!], { axes, shape, ownInputs: 3, prologue: EXPRESSION(shape) as unknown as Attribute }),
}));

test("reductions in pieces and in stretches give the numbers of their meaning", async () => {
  expect(await checkManyKernels([...reductions, ...made], (outputs, data) => runOnCpu(outputs, data))).toEqual([]);
});
