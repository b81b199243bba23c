/**
 * The compiler may move and merge work, never change a number: random graphs and their gradients, compiled and run on the CPU
 * runtime in f32, against the plain evaluation of the same graph in f64. Several outputs are inner nodes too.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { differentiate } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { type Value, sizeOf, u32 } from "../graph/value";
import {
  add, broadcastTo, cosine, divide, gelu, multiply, negate, scalar, sigmoid, silu, sine, square, subtract, tanh, where,
} from "../ops/elementwise";
import { dropout } from "../ops/dropout";
import { embedding, sortIds } from "../ops/embedding";
import { matmul } from "../ops/matmul/matmul";
import { pad, permute, reshape, slice, stack } from "../ops/movement";
import { reduceSum, sumAll } from "../ops/reduce";
import { runOnCpu } from "../testing/runGraph";
import { numbers } from "../testing/opCase";
import { softmax } from "../ops/softmax";

const MOST_NUMBERS = 200;
const SHAPES = [[], [1], [3], [4], [2, 3], [3, 4], [4, 4], [1, 4], [3, 1], [2, 3, 4], [2, 1, 4]];

/** One node to add: what kind, which earlier values it reads, and numbers that its attributes are taken from. */
const recipe = fc.record({ kind: fc.nat(17), a: fc.nat(), b: fc.nat(), c: fc.nat(), d: fc.nat() });
type Recipe = typeof recipe extends fc.Arbitrary<infer T> ? T : never;

function broadcasts(a: Value, b: Value): boolean {
  const rank = Math.max(a.shape.length, b.shape.length);
  let size = 1;
  for (let axis = 1; axis <= rank; axis += 1) {
    const [m, n] = [a.shape.at(-axis) ?? 1, b.shape.at(-axis) ?? 1];
    if (m !== n && m !== 1 && n !== 1) return false;
    size *= Math.max(m, n);
  }
  return size <= MOST_NUMBERS;
}

const KEY = leaf("key", u32(2));
const UNARY = [(x: Value) => dropout(x, KEY, 0.3, x.shape.length), tanh, sigmoid, gelu, silu, sine, cosine, negate, (x: Value) => square(tanh(x)), (x: Value) => add(x, scalar(0)), (x: Value) => multiply(scalar(1), x)];
const BINARY = [add, subtract, multiply, (a: Value, b: Value) => divide(a, add(square(b), scalar(1))), (a: Value, b: Value) => where(sigmoid(a), b, a)];

/** The value that a recipe makes of the earlier ones; where it does not fit, a plain function of one of them. */
function make({ kind, a, b, c, d }: Recipe, values: readonly Value[]): Value {
  const [x, y] = [values[a % values.length]!, values[b % values.length]!];
  const rank = x.shape.length;
  const unary = UNARY[c % UNARY.length]!;
  switch (kind) {
    case 0: case 1: case 2: case 3:
      return broadcasts(x, y) ? BINARY[c % BINARY.length]!(x, y) : unary(x);
    case 4:
      return sizeOf(x.shape) > 1 && sizeOf(x.shape) <= 24 ? tanh(matmul(reshape(x, [1, sizeOf(x.shape)]), reshape(x, [1, sizeOf(x.shape)]), c % 2 ? "NT" : "TN")) : unary(x);
    case 5: case 6: {
      if (rank < 2 || y.shape.length !== rank || rank > 3) return unary(x);
      const layout = (["NN", "NT", "TN"] as const)[d % 3]!;
      const inner = layout === "TN" ? x.shape.at(-2) : x.shape.at(-1);
      const other = layout === "NT" ? y.shape.at(-1) : y.shape.at(-2);
      return inner === other && (rank === 2 || x.shape[0] === y.shape[0]) ? multiply(matmul(x, y, layout), scalar(0.5)) : unary(x);
    }
    case 7: {
      if (rank === 0) return unary(x);
      const axes = x.shape.map((_, axis) => axis).filter((axis) => (c >> axis) % 2 === 1);
      return multiply(reduceSum(x, axes), scalar(0.5));
    }
    case 8:
      return reshape(x, d % 3 === 0 ? [sizeOf(x.shape)] : d % 3 === 1 ? [...x.shape, 1] : [1, ...x.shape]);
    case 9:
      return rank < 2 ? unary(x) : permute(x, x.shape.map((_, axis) => (axis + 1 + (d % (rank - 1))) % rank));
    case 10: {
      if (rank === 0) return unary(x);
      const axis = c % rank;
      const start = d % x.shape[axis]!;
      return slice(x, axis, start, 1 + (a % (x.shape[axis]! - start)));
    }
    case 11: {
      if (rank === 0 || sizeOf(x.shape) * 2 > MOST_NUMBERS) return unary(x);
      const axis = c % rank;
      return pad(x, axis, d % 2, x.shape[axis]! + 1);
    }
    case 12:
      return sizeOf(x.shape) * 3 > MOST_NUMBERS ? unary(x) : broadcastTo(x, [3, ...x.shape]);
    case 13:
      return rank === 0 ? unary(x) : softmax(x);
    case 14:
      // Made only to be reduced.
      return rank === 0 ? unary(x) : multiply(reduceSum(tanh(unary(x)), c % 2 ? [rank - 1] : x.shape.map((_, axis) => axis)), scalar(0.5));
    case 15:
      return stack([tanh(sumAll(x)), sumAll(multiply(y, scalar(0.1))), scalar(0.5), unary(tanh(sumAll(y)))].slice(0, 1 + (d % 4)));
    case 16: {
      // Sums of the columns beside a product that reads them too; sometimes the product needs the sums.
      if (rank !== 2) return unary(x);
      const sums = reduceSum(x, [0]);
      const other = y.shape.length === 2 && y.shape[0] === x.shape[0] ? y : unary(x);
      const products = [other, unary(x)].map((factor) => matmul(x, c % 3 === 0 ? multiply(factor, tanh(sumAll(sums))) : factor, "TN"));
      return tanh(add(d % 2 ? sums : negate(sums), products.map((product) => reduceSum(product, [1])).reduce((total, one) => add(total, one))));
    }
    default:
      return rank === 2 && x.shape[0]! < IDS.length ? embedding(x, ...IDS[x.shape[0]!]!) : unary(x);
  }
}

/** For each number of rows of a table: ids of some of them, and the ids sorted, as leaves with their data. */
const SORTED = [0, 1, 2, 3, 4].map((V) => {
  const ids = Uint32Array.from([0, 2, 1, 2, 0], (id) => Math.min(id, Math.max(0, V - 1)));
  const [order, starts] = [new Uint32Array(ids.length), new Uint32Array(V + 1)];
  if (V > 0) sortIds(ids, V, order, starts);
  return { ids, order, starts };
});
const IDS = SORTED.map(({ ids, order, starts }, V) =>
  [leaf(`ids${V}`, u32(ids.length)), leaf(`order${V}`, u32(order.length)), leaf(`starts${V}`, u32(starts.length))] as const);
const ID_DATA = Object.fromEntries(SORTED.flatMap(({ ids, order, starts }, V) => [[`ids${V}`, ids], [`order${V}`, order], [`starts${V}`, starts]] as const));

const graph = fc.record({
  leaves: fc.array(fc.nat(SHAPES.length - 1), { minLength: 1, maxLength: 4 }),
  nodes: fc.array(recipe, { minLength: 1, maxLength: 14 }),
  outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
  buffers: fc.constantFrom(5, 6, 8, 10),
  differentiated: fc.boolean(),
});

test("a compiled graph and its gradients have the numbers of the plain one", async () => {
  await fc.assert(
    fc.asyncProperty(graph, async ({ leaves, nodes, outputs, buffers, differentiated }) => {
      const inputs = leaves.map((shape, index) => leaf(`x${index}`, { shape: SHAPES[shape]!, dtype: "f32" }));
      const values: Value[] = [...inputs];
      for (const node of nodes) values.push(make(node, values));
      const wanted = [values.at(-1)!, ...outputs.map((index) => values[index % values.length]!)];
      const loss = wanted.map((value) => sumAll(tanh(value))).reduce((sum, one) => add(sum, one));
      const roots = differentiated ? [loss, ...wanted, ...differentiate(loss, [...inputs, wanted[1]!])] : wanted;
      const data = { ...ID_DATA, key: [3, 14], ...Object.fromEntries(inputs.map(({ shape }, index) => [`x${index}`, numbers(index + 1, shape)])) };
      const expected = evaluate(roots, data);
      const actual = await runOnCpu(roots, data, { storageBuffers: buffers });
      expected.forEach((array, index) => {
        const scale = Math.max(1, ...array.map(Math.abs));
        array.forEach((number, i) => {
          const off = Math.abs(actual[index]![i]! - number) / scale;
          if (!(off < 2e-4)) expect.fail(`Root ${index}, element ${i}: ${actual[index]![i]} instead of ${number}.`);
        });
      });
    }),
    { numRuns: 500 },
  );
}, 120_000);
