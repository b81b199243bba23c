/** Op cases: what works on whole rows: norms, softmax, cross-entropy. */
import type { Value } from "../../graph/value";
import { crossEntropy } from "../../ops/crossEntropy";
import { dropout } from "../../ops/dropout";
import { add, gelu, multiply } from "../../ops/elementwise";
import { sumAll } from "../../ops/reduce";
import { layerNorm } from "../../ops/layerNorm";
import { rmsNorm } from "../../ops/rmsNorm";
import { softmax } from "../../ops/softmax";
import { EXPONENTIAL, NORMALIZED, type OpCase, filled, floats, shapeText, whole, wholeNumbers } from "../opCase";

/** Rows and columns; the last ones take more rows than one block of column sums and more columns than lanes can hold. */
const MATRICES: readonly (readonly number[])[] = [
  [1, 2], [2, 3], [3, 4], [1, 5], [5, 7], [7, 8], [4, 9], [31, 5], [33, 12], [2, 63], [3, 64], [2, 65], [2, 3, 4], [65, 31],
];
const WIDE = [[300, 20], [2, 260], [3, 1027], [2, 1156], [2100, 4]];
const isWide = (shape: readonly number[]): boolean => WIDE.includes(shape as number[]);
const allOutputs = (first: Value): readonly Value[] => first.node.outputs;

const normCases = [...MATRICES, ...WIDE].flatMap((shape): OpCase[] => {
  const C = shape.at(-1)!;
  const [x, gain, bias] = [floats(61, shape), floats(62, [C], "positive"), floats(63, [C])];
  const shared = { tolerance: NORMALIZED, onGpu: true };
  return [
    { ...shared, op: "layerNorm", name: `layerNorm ${shapeText(shape)}`, inputs: { x, gain, bias }, by: ["x", "gain", "bias"], build: (given) => allOutputs(layerNorm(given["x"]!, given["gain"]!, given["bias"]!)) },
    { ...shared, op: "layerNorm", name: `layerNorm without bias ${shapeText(shape)}`, inputs: { x, gain }, by: ["x", "gain"], build: (given) => allOutputs(layerNorm(given["x"]!, given["gain"]!)) },
    { ...shared, op: "rmsNorm", name: `rmsNorm ${shapeText(shape)}`, inputs: { x, gain }, by: ["x", "gain"], build: (given) => allOutputs(rmsNorm(given["x"]!, given["gain"]!)) },
  ];
});

/** An elementwise chain behind a norm is its epilogue. */
const chainCases = [[3, 4], [5, 7], [3, 1027]].flatMap((shape): OpCase[] => {
  const inputs = { x: floats(76, shape), gain: floats(77, [shape.at(-1)!], "positive"), bias: floats(78, [shape.at(-1)!]) };
  const shared = { inputs, by: ["x", "gain"], tolerance: NORMALIZED, onGpu: true };
  const chain = (x: Value, y: Value): Value => add(multiply(gelu(y), x), y);
  return [
    { ...shared, op: "layerNorm", name: `chain behind layerNorm ${shapeText(shape)}`, build: ({ x, gain, bias }) => [chain(x!, layerNorm(x!, gain!, bias!))] },
    { ...shared, op: "layerNorm", name: `chain behind layerNorm without bias ${shapeText(shape)}`, build: ({ x, gain }) => [chain(x!, layerNorm(x!, gain!))] },
    { ...shared, op: "rmsNorm", name: `chain behind rmsNorm ${shapeText(shape)}`, build: ({ x, gain }) => [chain(x!, rmsNorm(x!, gain!))] },
  ];
});

/** A residual around a norm: its gradient is added in the norm's backward kernel, and there what a branch dropped is dropped of it again. */
const residualCases = [[3, 4], [5, 7], [33, 12], [300, 20], [3, 1027]].flatMap((shape): OpCase[] => {
  const C = shape.at(-1)!;
  const inputs = { x: floats(71, shape), gain: floats(72, [C], "positive"), bias: floats(73, [C]) };
  const shared = { inputs, by: ["x", "gain"], tolerance: NORMALIZED, onGpu: true };
  const dropped = { ...shared, inputs: { ...inputs, branch: floats(74, shape), key: whole([2], [17, 4]) }, by: ["x", "gain", "branch"] };
  const sum = ({ x, branch, key }: Readonly<Record<string, Value>>): Value => add(x!, dropout(branch!, key!, 0.25, 3));
  return [
    { ...dropped, op: "layerNorm", name: `x + layerNorm, x with a dropped branch ${shapeText(shape)}`, build: (given) => [add(sum(given), layerNorm(sum(given), given["gain"]!, given["bias"]!))] },
    { ...dropped, op: "rmsNorm", name: `x + rmsNorm, x with a dropped branch ${shapeText(shape)}`, build: (given) => [add(sum(given), rmsNorm(sum(given), given["gain"]!))] },
    { ...shared, op: "layerNorm", name: `x + layerNorm ${shapeText(shape)}`, build: ({ x, gain, bias }) => [add(x!, layerNorm(x!, gain!, bias!))] },
    { ...shared, op: "rmsNorm", name: `x + rmsNorm ${shapeText(shape)}`, build: ({ x, gain }) => [add(x!, rmsNorm(x!, gain!))] },
  ];
});

/** Rows of one number, equal numbers, a large offset, tiny and huge numbers (squares stay within f32). */
const ODD_ROWS = [[[4, 1], [1, -2, 0, 3]], [[1, 4], [5, 5, 5, 5]], [[2, 3], [0, -0, 0, 0, 0, 0]], [[1, 4], [1000, 1001, 1002, 1004]], [[1, 5], [1e-15, -1e-15, 2e-15, 0, 0]], [[1, 4], [1e17, -1e17, 3e17, 2e17]]] as const;
const oddNorms = ODD_ROWS.flatMap(([shape, data]): OpCase[] => {
  const inputs = { x: filled(shape, data), gain: filled([shape[1]], Array.from({ length: shape[1] }, (_, i) => 1 + i / 2)) };
  const shared = { inputs, by: [], onGpu: true, tolerance: { relative: 5e-6, ofRms: 5e-5 } };
  return [
    { ...shared, op: "layerNorm", name: `layerNorm of ${data.join(" ")}`, build: (given) => [layerNorm(given["x"]!, given["gain"]!)] },
    { ...shared, op: "rmsNorm", name: `rmsNorm of ${data.join(" ")}`, build: (given) => [rmsNorm(given["x"]!, given["gain"]!)] },
  ];
});

const softmaxCases = [[1, 1], ...MATRICES, ...WIDE].map((shape): OpCase => ({
  op: "softmax", name: `softmax ${shapeText(shape)}`, inputs: { x: floats(64, shape) }, by: ["x"], tolerance: EXPONENTIAL, onGpu: true, build: ({ x }) => [softmax(x!)],
}));
const ODD_SCORES = [[0, -0, 0], [7, 7, 7, 7], [1e30, 1e30, -1e30, 0], [-1e30, -1e30, -1e30], [1000, 1001, 999, 0], [-2e38, 2e38], [1e-30, -1e-30], [-1e30, 5, -1e30, 5]];
const oddSoftmax = ODD_SCORES.map((data): OpCase => ({
  op: "softmax", name: `softmax of ${data.join(" ")}`, inputs: { x: filled([1, data.length], data) }, by: [], tolerance: EXPONENTIAL, onGpu: true, build: ({ x }) => [softmax(x!)],
}));

const crossEntropyCase = (name: string, N: number, logits: OpCase["inputs"][string], targets: ArrayLike<number>, by: readonly string[]): OpCase => ({
  op: "crossEntropy", name: `crossEntropy ${name}`, inputs: { logits, targets: whole([N], targets) }, by, tolerance: { relative: 2e-6, ofRms: 2e-6, absolute: 2e-7 }, onGpu: true,
  build: (given) => allOutputs(crossEntropy(given["logits"]!, given["targets"]!)),
});
const crossEntropyCases = [[1, 1], ...MATRICES, ...WIDE].filter((shape) => shape.length === 2).flatMap((shape) => {
  const [N, V] = shape as [number, number];
  const targets = wholeNumbers(N + V, N, V);
  // Every fifth target is ignored, by the smallest id that is too large and by the largest there is.
  const holes = targets.map((id, n) => (n % 5 === 0 ? V : n % 5 === 2 ? 0xffffffff : id));
  return [
    crossEntropyCase(shapeText(shape), N, floats(65, shape), targets, ["logits"]),
    { ...crossEntropyCase(`mean ${shapeText(shape)}`, N, floats(67, shape), targets, ["logits"]), build: ({ logits, targets: ids }: Readonly<Record<string, Value>>) => [sumAll(crossEntropy(logits!, ids!, 1 / N))] },
    ...(isWide(shape) ? [] : [crossEntropyCase(`with ignored targets ${shapeText(shape)}`, N, floats(66, shape), holes, ["logits"])]),
  ];
});
const oddCrossEntropy = ODD_SCORES.filter((data) => data.every((x) => Math.abs(x) < 1e38)).map((data) =>
  crossEntropyCase(`of ${data.join(" ")}`, 1, filled([1, data.length], data), [data.length - 1], []),
);

export const rowCases: readonly OpCase[] = [...normCases, ...chainCases, ...residualCases, ...oddNorms, ...softmaxCases, ...oddSoftmax, ...crossEntropyCases, ...oddCrossEntropy];
