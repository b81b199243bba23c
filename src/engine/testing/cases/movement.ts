/** Op cases: reductions, ops that only move numbers, rows by index. */
import { opNamed } from "../../graph/op";
import { type Attribute, apply } from "../../graph/value";
import { multiply, negate, scalar } from "../../ops/elementwise";
import type { Expression } from "../../ops/expression";
import { gather, scatterAdd } from "../../ops/gather";
import { pad, permute, reshape, slice, stack } from "../../ops/movement";
import { reduceMax, reduceSum } from "../../ops/reduce";
import { joinRows, takeRows } from "../../ops/rowViews";
import { EXACT, type OpCase, filled, floats, shapeText, summed, whole, wholeNumbers } from "../opCase";

type Shape = readonly number[];

/** Shape and axes; the long ones take two and three rounds in the kernel, and a wide one takes few blocks. */
const REDUCTIONS: readonly (readonly [Shape, Shape])[] = [
  [[1], [0]], [[2], [0]], [[7], [0]], [[3, 4], [0]], [[3, 4], [1]], [[3, 4], [0, 1]], [[2, 3, 5], [1]], [[2, 3, 5], [0, 2]], [[2, 3, 5], [1, 2]],
  [[5, 1], [1]], [[63], [0]], [[64], [0]], [[65], [0]], [[127, 2], [0]], [[129], [0]], [[3, 131, 2], [1]], [[1, 257], [1]],
];
const LONG: readonly (readonly [Shape, Shape])[] = [[[8200], [0]], [[300, 33], [0]], [[2, 140, 2100], [1]], [[20000, 2], [0, 1]]];

function reduceCases(op: "reduceSum" | "reduceMax"): OpCase[] {
  return [...REDUCTIONS, ...LONG].map(([shape, axes]): OpCase => ({
    op, name: `${op} ${shapeText(shape)} over ${axes.join(" and ")}`, onGpu: true,
    inputs: { x: floats(21, shape, op === "reduceMax" ? "apart" : "normal") },
    by: LONG.some(([long]) => long === shape) ? [] : ["x"],
    tolerance: op === "reduceMax" ? EXACT : summed(axes.reduce((length, axis) => length * shape[axis]!, 1)),
    build: ({ x }) => [op === "reduceSum" ? reduceSum(x!, axes) : reduceMax(x!, axes)],
  }));
}

/** Reductions as the compiler makes them: of an expression over two inputs, finished by another; results and numbers side by side. */
function chainedCase(shape: Shape, axes: Shape, other: Shape): OpCase {
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  const prologue: Expression = { shape, steps: [{ apply: "tanh", args: ["x0"] }, { apply: "multiply", args: ["s0", "x1"] }, { apply: "square", args: ["s1"] }], results: ["s2"] };
  const epilogue: Expression = {
    shape: kept,
    steps: [{ apply: "add", args: ["x0", "x1"] }, { apply: "squareRoot", args: ["s0"] }, { apply: "tanh", args: ["s0"] }],
    results: ["s1", "x0"],
    ...(kept.length === 0 ? { stacks: [["s2", "s1", 0.5]] } : {}),
  };
  return {
    op: "reduceSum", name: `reduceSum ${shapeText(shape, other)} over ${axes.join(" and ")}, of an expression and into one`, onGpu: true, by: [],
    inputs: { x: floats(23, shape), y: floats(24, other), z: floats(25, kept, "positive") },
    tolerance: { relative: 3e-6, absolute: 1e-6 },
    build: ({ x, y, z }) => apply(opNamed("reduceSum"), [x!, y!, z!], { axes, shape, ownInputs: 2, prologue: prologue as unknown as Attribute, epilogue: epilogue as unknown as Attribute }),
  };
}

const chained: OpCase[] = [
  chainedCase([8200], [0], []), chainedCase([70000], [0], [1]), chainedCase([3, 129], [1], [129]), chainedCase([5, 8], [0], [8]), chainedCase([6, 7], [0], [6, 1]),
  chainedCase([2, 40, 8], [1], [2, 1, 8]), chainedCase([300, 64], [0], [300, 1]), chainedCase([4, 256], [0, 1], [256]), chainedCase([2, 3], [0, 1], [2, 3]),
];

const extremes: OpCase[] = [
  { op: "reduceMax", name: "reduceMax of very low numbers", onGpu: true, by: [], tolerance: EXACT, inputs: { x: filled([2, 3], [-1e30, -2e30, -3e38, -5, -5, -5]) }, build: ({ x }) => [reduceMax(x!, [1])] },
  { op: "reduceSum", name: "reduceSum of 1e30 and 1e-30", onGpu: true, by: [], tolerance: summed(4), inputs: { x: filled([4], [1e30, 1e-30, -1e30, 0]) }, build: ({ x }) => [reduceSum(x!, [0])] },
];

const moved = (name: string, shape: Shape, build: OpCase["build"]): OpCase => ({
  op: name.split(" ")[0]!, name, inputs: { x: floats(22, shape) }, by: ["x"], tolerance: EXACT, onGpu: true, build,
});

const PERMUTATIONS: readonly (readonly [Shape, Shape])[] = [
  [[1], [0]], [[2, 3], [1, 0]], [[4, 8], [1, 0]], [[33, 31], [1, 0]], [[2, 3, 5], [2, 0, 1]], [[2, 3, 5], [1, 2, 0]], [[2, 3, 5], [0, 2, 1]],
  [[2, 1, 7], [1, 0, 2]], [[2, 3, 4, 5], [0, 2, 1, 3]], [[3, 2, 2, 3, 2], [0, 2, 3, 1, 4]],
];
const SLICES: readonly (readonly [Shape, number, number, number])[] = [
  [[1], 0, 0, 1], [[7], 0, 2, 3], [[7], 0, 6, 1], [[4, 8], 1, 4, 4], [[4, 8], 0, 1, 2], [[3, 5, 2], 1, 1, 3], [[3, 5, 2], 2, 1, 1], [[3, 5, 2], 0, 0, 3],
  [[33, 5], 0, 31, 2], [[2, 2, 2, 9], 3, 7, 2],
];
/** Shape, axis, start, length. */
const PADS: readonly (readonly [Shape, number, number, number])[] = [
  [[1], 0, 0, 1], [[1], 0, 2, 4], [[3], 0, 0, 5], [[3], 0, 2, 5], [[2, 3], 0, 1, 4], [[2, 3], 1, 1, 7], [[2, 3, 4], 1, 2, 5], [[2, 3, 4], 2, 4, 8],
  [[31, 2], 0, 1, 33], [[5, 1, 7], 1, 0, 2],
];
const RESHAPES: readonly (readonly [Shape, Shape])[] = [
  [[1], []], [[], [1, 1]], [[6], [2, 3]], [[2, 3], [3, 2]], [[2, 3, 4], [24]], [[24], [4, 3, 2]], [[5, 1], [1, 5]], [[33], [3, 11]], [[7, 9], [63]], [[8, 8], [4, 16]],
];

/** So large that several blocks share the work. */
const largeMoves: readonly OpCase[] = [
  ...([[[300, 70], [1, 0]], [[3, 7001, 2], [0, 2, 1]], [[2, 20, 30, 40], [0, 2, 1, 3]], [[2, 17001], [1, 0]]] as const).map(([shape, order]) =>
    moved(`permute ${shapeText(shape)} to ${order.join("")}`, shape, ({ x }) => [permute(x!, order)])),
  ...([[[40_000], 0, 17, 39_002], [[5, 9001], 1, 3, 8000], [[70, 500], 0, 3, 61]] as const).map(([shape, axis, start, length]) =>
    moved(`slice ${shapeText(shape)} axis ${axis} ${start}+${length}`, shape, ({ x }) => [slice(x!, axis, start, length)])),
  ...([[[40_000], 0, 17, 40_030], [[5, 9001], 1, 3, 9007], [[70, 500], 0, 3, 80], [[9000, 2], 1, 1, 5]] as const).map(([shape, axis, start, length]) =>
    moved(`pad ${shapeText(shape)} axis ${axis} at ${start} of ${length}`, shape, ({ x }) => [pad(x!, axis, start, length)])),
  moved("joinRows [700, 64] of 300 1 399", [700, 64], ({ x }) => [joinRows([negate(takeRows(x!, 0, 300)), negate(takeRows(x!, 300, 1)), negate(takeRows(x!, 301, 399))])]),
].map((one) => ({ ...one, by: [] }));

const stackCases = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12].map((count): OpCase => {
  const names = Array.from({ length: count }, (_, i) => `s${i}`);
  return {
    op: "stack", name: `stack of ${count}`, by: names, tolerance: EXACT, onGpu: true,
    inputs: Object.fromEntries(names.map((name, i) => [name, floats(30 + i, i % 2 === 0 ? [] : [1, 1])])),
    build: (given) => [stack(names.map((name) => given[name]!))],
  };
});

/** V, C, N. */
const TABLES = [[1, 1, 1], [2, 3, 5], [5, 4, 1], [3, 7, 8], [7, 1, 9], [4, 8, 33], [65, 5, 31], [31, 4, 7], [8, 33, 3], [9, 12, 64], [70, 131, 150]] as const;
const indexCases = TABLES.flatMap(([V, C, N]): OpCase[] => {
  const ids = whole([N], wholeNumbers(V + N, N, V));
  const name = `${V} rows of ${C} by ${N} ids`;
  return [
    { op: "gather", name: `gather ${name}`, inputs: { table: floats(41, [V, C]), ids }, by: ["table"], tolerance: EXACT, onGpu: true, build: (given) => [gather(given["table"]!, given["ids"]!)] },
    { op: "scatterAdd", name: `scatterAdd ${name}`, inputs: { rows: floats(42, [N, C]), ids }, by: ["rows"], tolerance: summed(N), onGpu: true, build: (given) => [scatterAdd(given["rows"]!, given["ids"]!, V)] },
  ];
});

/** Row ranges that start at multiples of 256 bytes; and rows that are made apart, from rows further down, and joined again. */
const rowCases: readonly OpCase[] = [
  ...([[[64], 0, 3], [[70], 64, 6], [[9, 16], 4, 3], [[130, 2], 32, 98], [[5, 2, 32], 1, 4], [[3, 64], 2, 1], [[1], 0, 1], [[7, 3], 0, 2], [[65, 5], 64, 1], [[2, 3, 64], 0, 1]] as const).map(([shape, start, rows]) =>
    moved(`takeRows ${shapeText(shape)} ${start}+${rows}`, shape, ({ x }) => [takeRows(x!, start, rows)])),
  ...([[[64], [64]], [[70], [64, 6]], [[9, 16], [4, 4, 1]], [[130, 2], [32, 64, 34]], [[5, 2, 32], [1, 3, 1]], [[3, 64], [1, 1, 1]], [[64, 3], [64]], [[65, 5], [64, 1]], [[2, 1, 64], [1, 1]]] as const).map(([shape, counts]) =>
    moved(`joinRows ${shapeText(shape)} of ${counts.join(" ")}`, shape, ({ x }) => {
      const starts = counts.map((_, index) => counts.slice(0, index).reduce((sum: number, count) => sum + count, 0));
      return [multiply(joinRows(counts.map((count, index) => negate(takeRows(x!, starts[index]!, count)))), scalar(2))];
    })),
  moved("joinRows of one value twice", [64], ({ x }) => {
    const part = negate(x!);
    return [joinRows([part, multiply(part, scalar(2)), part])];
  }),
];

export const movementCases: readonly OpCase[] = [
  ...reduceCases("reduceSum"), ...reduceCases("reduceMax"), ...chained, ...extremes,
  ...PERMUTATIONS.map(([shape, order]) => moved(`permute ${shapeText(shape)} to ${order.join("")}`, shape, ({ x }) => [permute(x!, order)])),
  ...SLICES.map(([shape, axis, start, length]) => moved(`slice ${shapeText(shape)} axis ${axis} ${start}+${length}`, shape, ({ x }) => [slice(x!, axis, start, length)])),
  ...PADS.map(([shape, axis, start, length]) => moved(`pad ${shapeText(shape)} axis ${axis} at ${start} of ${length}`, shape, ({ x }) => [pad(x!, axis, start, length)])),
  ...RESHAPES.map(([from, to]) => moved(`reshape ${shapeText(from, to)}`, from, ({ x }) => [reshape(x!, to)])),
  ...largeMoves, ...stackCases, ...indexCases, ...rowCases,
];
