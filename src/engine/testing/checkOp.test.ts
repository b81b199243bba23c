import { expect, test } from "vitest";
import { allOps, defineOp } from "../graph/op";
import "../ops";
import { add, multiply, scalar, square } from "../ops/elementwise";
import { applyOne } from "../graph/value";
import { checkGradient, checkKernels, compareArrays } from "./checkOp";
import { opCases } from "./opCases";
import { EXACT, type OpCase, floats } from "./opCase";

/** x² with a slope that is wrong by one part in a hundred thousand. */
const crooked = defineOp({
  name: "crooked",
  inputs: ["x"],
  outputs: ["y"],
  infer: ([x]) => [x!],
  reference: ({ inputs, outputs }) => inputs[0]!.forEach((x, i) => (outputs[0]![i] = x * x)),
  lower: () => ({ kernels: [] }),
  vjp: ({ inputs, gradients }) => [multiply(gradients[0]!, multiply(inputs[0]!, scalar(2.00002)))],
});

const caseOf = (build: OpCase["build"]): OpCase => ({ op: "x", name: "x", inputs: { x: floats(1, [5]) }, by: ["x"], tolerance: EXACT, onGpu: true, build });

test("a gradient that is slightly wrong is found", () => {
  expect(checkGradient(caseOf(({ x }) => [square(x!)]), "first")).toEqual([]);
  expect(checkGradient(caseOf(({ x }) => [applyOne(crooked, [x!])]), "first").length).toBeGreaterThan(0);
});

test("only the first output, or all of them, are differentiated", () => {
  const both = caseOf(({ x }) => [square(x!), applyOne(crooked, [x!])]);
  expect(checkGradient(both, "first")).toEqual([]);
  expect(checkGradient(both, "all").length).toBeGreaterThan(0);
});

test("results of a kernel that are off by one bit, missing or not numbers are found", async () => {
  const expected = Float64Array.of(1, 2, 3);
  expect(compareArrays("y", [1, 2, 3], expected, EXACT)).toEqual([]);
  expect(compareArrays("y", [1, 2, 3 + 2 ** -22], expected, EXACT)).toHaveLength(1);
  expect(compareArrays("y", [1, 2, 3 + 2 ** -22], expected, { relative: 1e-7 })).toEqual([]);
  expect(compareArrays("y", [1, Number.NaN, 3], expected, { relative: 1, absolute: 1e9 })).toHaveLength(1);
  expect(compareArrays("y", [1, 2], expected, EXACT)).toHaveLength(1);
  const sum = caseOf(({ x }) => [add(x!, scalar(1))]);
  const wrong = await checkKernels(sum, (outputs) => Promise.resolve(outputs.map(() => new Float32Array(5))));
  expect(wrong.map((sentence) => sentence.split(":")[0])).toEqual(["x, output 0", "x, gradient of x", "x, gradient of x"]);
});

test("every op has cases, ten or more where it has a gradient", () => {
  const counted = (name: string): number => opCases.filter((one) => one.op === name).length;
  const differentiated = new Set(opCases.filter((one) => one.by.length > 0).map((one) => one.op));
  // The cases of layerNorm build either of its two ops; a backward op is built by the gradient of its forward.
  const skipped = ["leaf", "crooked", "layerNormNoBias"];
  const names = allOps().map((op) => op.name).filter((name) => !skipped.includes(name) && !name.endsWith("Backward"));
  expect(names.filter((name) => counted(name) === 0)).toEqual([]);
  expect([...differentiated].filter((name) => counted(name) < 10)).toEqual([]);
  expect(new Set(opCases.map((one) => one.name)).size).toBe(opCases.length);
});
