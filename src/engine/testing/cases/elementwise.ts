/** Op cases: every row of the elementwise table over sizes around the edges of a vec4, and every way shapes can broadcast. */
import type { Attribute, Value } from "../../graph/value";
import { apply, applyOne } from "../../graph/value";
import { opNamed } from "../../graph/op";
import { TABLE, type ElementwiseName } from "../../ops/elementwiseTable";
import { broadcastTo, fusedElementwise, iota, scalar } from "../../ops/elementwise";
import type { Expression } from "../../ops/expression";
import { type CaseInput, EXACT, type Kind, type OpCase, ROUNDED, type Tolerance, filled, floats, shapeText, whole, wholeNumbers } from "../opCase";

interface Judged {
  readonly kinds?: readonly Kind[];
  readonly tolerance?: Tolerance;
  /** No gradient at all, or none that a difference could see. */
  readonly isFlat?: true;
}

const EIGHT_ULP: Tolerance = { relative: 9.6e-7 };
const FLAT: Judged = { kinds: ["signs", "signs"], tolerance: EXACT, isFlat: true };
const JUDGED: Partial<Record<ElementwiseName, Judged>> = {
  divide: { kinds: ["normal", "positive"], tolerance: { relative: 3e-7 } },
  maximum: { kinds: ["apart", "apart"] },
  minimum: { kinds: ["apart", "apart"] },
  absolute: { kinds: ["apart"] },
  relu: { kinds: ["apart"] },
  sign: FLAT, equal: FLAT, less: FLAT, atLeast: FLAT,
  isFinite: FLAT,
  squareRoot: { kinds: ["positive"], tolerance: { relative: 5e-7 } },
  inverseSquareRoot: { kinds: ["positive"], tolerance: { relative: 5e-7 } },
  exponential: { tolerance: { relative: 2e-6 } },
  exponentialMinusOne: { tolerance: { relative: 2e-6 } },
  logarithm: { kinds: ["positive"], tolerance: { relative: 5e-7, absolute: 5e-7 } },
  tanh: { tolerance: EIGHT_ULP },
  sigmoid: { tolerance: EIGHT_ULP },
  sine: { tolerance: { relative: 5e-7, absolute: 5e-7 } },
  cosine: { tolerance: { relative: 5e-7, absolute: 5e-7 } },
  gelu: { tolerance: EIGHT_ULP },
  silu: { tolerance: EIGHT_ULP },
  geluGradient: { tolerance: { relative: 2e-6, ofRms: 1e-6 }, isFlat: true },
  siluGradient: { tolerance: { relative: 2e-6, ofRms: 1e-6 }, isFlat: true },
  where: { kinds: ["signs", "normal", "normal"], tolerance: EXACT },
};

const SIZES = [[1], [2], [3], [4], [5], [7], [8], [9], [31], [33], [3, 4], [2, 3, 5]];
const GPU_SIZES = ["33", "3,4"];
const NAMES = ["a", "b", "c"];

function tableCase(op: ElementwiseName, shapes: readonly (readonly number[])[], onGpu: boolean): OpCase {
  const { kinds = [], tolerance = ROUNDED, isFlat } = JUDGED[op] ?? {};
  const names = NAMES.slice(0, TABLE[op].arity);
  const inputs = Object.fromEntries(names.map((name, i): [string, CaseInput] => [name, floats(10 + i, shapes[i]!, kinds[i])]));
  return {
    op, name: `${op} ${shapeText(...shapes.slice(0, names.length))}`, inputs, tolerance, onGpu,
    by: isFlat ? [] : names.filter((name) => !(op === "where" && name === "a")),
    build: (given) => [applyOne(opNamed(op), names.map((name) => given[name]!))],
  };
}

/** Pairs that reach each way: one, suffix, prefix, strided, on either side, in widths 1 and 4. */
const PAIRS = [
  [[6], []], [[8], [1]], [[3, 5], [5]], [[3, 8], [8]], [[1, 8], [3, 1]], [[3, 8], [3, 1]], [[2, 3, 4], [2, 3, 1]],
  [[2, 3, 4], [2, 1, 4]], [[2, 3, 1], [4]], [[2, 1, 3, 1], [3, 5]], [[1, 1], [4, 4]], [[7, 1], [1, 7]],
];

const NORMAL_OPS = (Object.keys(TABLE) as ElementwiseName[]).filter((name) => name !== "toFloat" && name !== "broadcastTo");

const tableCases = NORMAL_OPS.flatMap((op) => SIZES.map((shape) => tableCase(op, [shape, shape, shape], GPU_SIZES.includes(shape.join()))));
const broadcastCases = (["add", "multiply", "divide", "maximum"] as const).flatMap((op) => PAIRS.map((pair) => tableCase(op, pair, op === "divide")));
const whereCases = [[[3, 1], [3, 4], [4]], [[5], [2, 5], []], [[2, 3, 1], [1], [4]]].map((shapes) => tableCase("where", shapes, true));

/** Numbers at the ends of f32, where a formula overflows, cancels or loses its sign. */
const EXTREMES = [0, -0, 1e30, -1e30, 1e-30, -1e-30, 88, -88, 100, -100, 0.35, -0.35, 1e-4, -1e-4, 20, -20];
const INFINITE = [Infinity, -Infinity, Number.NaN, 3e38, -3e38, 0, 1, -0];
const extremeOps: readonly [ElementwiseName, readonly number[], Tolerance][] = [
  ["tanh", EXTREMES, { relative: 1.2e-6 }],
  // Below e^−87 results are subnormal, and a device may flush those to 0.
  ["sigmoid", EXTREMES, { relative: 2e-5, absolute: 1.2e-38 }],
  ["exponentialMinusOne", EXTREMES.filter((x) => x < 80), { relative: 2e-6 }],
  ["exponential", EXTREMES.filter((x) => x < 80), { relative: 2e-5, absolute: 1.2e-38 }],
  ["gelu", EXTREMES.filter((x) => Math.abs(x) < 1e10), { relative: 2e-5, absolute: 1.2e-38 }],
  ["silu", EXTREMES, { relative: 2e-5, absolute: 1.2e-36 }],
  ["relu", EXTREMES, EXACT], ["absolute", EXTREMES, EXACT], ["sign", EXTREMES, EXACT], ["negate", EXTREMES, EXACT],
  ["squareRoot", EXTREMES.map(Math.abs), { relative: 5e-7 }],
  ["logarithm", EXTREMES.map(Math.abs).filter((x) => x > 0), { relative: 5e-7, absolute: 5e-7 }],
  ["sine", [0, 1e-4, 1e-2, 3.14159, 6.28318, 100, -100, 1000, 5000, -5000], { absolute: 1e-6 }],
  ["cosine", [0, 1e-4, 1.570796, 3.14159, 6.28318, 100, -100, 1000, 5000, -5000], { absolute: 1e-6 }],
  ["isFinite", INFINITE, EXACT],
];
const extremeCases = extremeOps.map(([op, data, tolerance]): OpCase => ({
  op, name: `${op} of extreme numbers`, inputs: { a: filled([data.length], data) }, tolerance, by: [], onGpu: true,
  build: ({ a }) => [applyOne(opNamed(op), [a!])],
}));

const otherCases: OpCase[] = [
  ...[[1], [5], [8], [2, 3]].map((shape): OpCase => ({
    op: "toFloat", name: `toFloat ${shapeText(shape)}`, tolerance: EXACT, by: [], onGpu: true,
    inputs: { a: whole(shape, wholeNumbers(3, shape.reduce((a, b) => a * b, 1), 2 ** 24)) },
    build: ({ a }) => [applyOne(opNamed("toFloat"), [a!])],
  })),
  ...([[[], [3]], [[1], [8]], [[5], [3, 5]], [[3, 1], [3, 4]], [[2, 1, 4], [2, 3, 4]], [[4], [4]], [[], []], [[1, 1], [7, 9]], [[7, 1], [7, 8]], [[1, 9], [31, 9]]] as const).map(([from, to]): OpCase => ({
    op: "broadcastTo", name: `broadcastTo ${shapeText(from, to)}`, tolerance: EXACT, by: ["a"], onGpu: true,
    inputs: { a: floats(4, from) }, build: ({ a }) => [broadcastTo(a!, to)],
  })),
  ...([[[7], 0], [[3, 4], 0], [[3, 4], 1], [[2, 3, 5], 1], [[2, 3, 5], 2], [[1, 1], 1]] as const).map(([shape, axis]): OpCase => ({
    op: "iota", name: `iota ${shapeText(shape)} along ${axis}`, tolerance: EXACT, by: [], onGpu: true, inputs: {}, build: () => [iota(shape, axis)],
  })),
  { op: "constant", name: "constant", tolerance: EXACT, by: [], onGpu: true, inputs: {}, build: () => [scalar(-1.5), scalar(1e30), scalar(0.1)] },
];

/** Chains as the compiler makes them: several inputs of different reach, constants, shared steps, several results. */
function chainCase(shape: readonly number[], others: readonly (readonly number[])[]): OpCase {
  const expression: Expression = {
    shape,
    steps: [
      { apply: "multiply", args: ["x0", "x1"] }, { apply: "iota", args: [], axis: shape.length - 1 }, { apply: "add", args: ["s0", 0.25] },
      { apply: "gelu", args: ["s2"] }, { apply: "add", args: ["s3", "s1"] }, { apply: "less", args: ["s0", "x2"] }, { apply: "where", args: ["s5", "s4", -2] },
    ],
    results: ["s6", "s0", "x2"],
  };
  return {
    op: "fusedElementwise", name: `fusedElementwise ${shapeText(shape, ...others)}`, tolerance: { relative: 1e-6, absolute: 1e-6 }, by: [], onGpu: true,
    inputs: { x: floats(5, shape), y: floats(6, others[0]!), z: floats(7, others[1]!) },
    build: ({ x, y, z }): readonly Value[] => apply(fusedElementwise, [x!, y!, z!], { expression: expression as unknown as Attribute }),
  };
}
const chainCases = [
  chainCase([3, 8], [[8], [3, 1]]), chainCase([3, 5], [[5], [3, 1]]), chainCase([12], [[1], [12]]), chainCase([2, 3, 4], [[2, 1, 4], []]), chainCase([7], [[7], [7]]),
];

export const elementwiseCases: readonly OpCase[] = [...tableCases, ...broadcastCases, ...whereCases, ...extremeCases, ...otherCases, ...chainCases];
