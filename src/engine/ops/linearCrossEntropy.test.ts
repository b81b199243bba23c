/** The head in chunks against the head as a whole: loss, gradients, bytes. */
import { expect, test } from "vitest";
import { BASE_TARGET, compile } from "../compiler/compile";
import { differentiate } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { numbers, wholeNumbers } from "../testing/opCase";
import { checkGradients } from "../testing/checkOp";
import { casesOf } from "../testing/opCases";
import { runOnCpu } from "../testing/runGraph";
import { gelu } from "./elementwise";
import { linearCrossEntropy, rowsPerChunk } from "./linearCrossEntropy";

const [N, C, V] = [200, 64, 33];
const data = { x: numbers(1, [N, C]), weight: numbers(2, [V, C]), targets: wholeNumbers(3, N, V + 2) };

/** Loss, and gradients of what the hidden rows are made of and of the weight; `uses` of the weight as in a tied model. */
function build(mostBytes: number) {
  const [x, weight] = [leaf("x", f32(N, C)), leaf("weight", f32(V, C))];
  const loss = linearCrossEntropy(gelu(x), weight, leaf("targets", u32(N)), mostBytes);
  return [loss, ...differentiate(loss, [x, weight])];
}

const CHUNKED = 64 * V * 4;

test("gradients are those of finite differences, of blocks that are computed again too", () => {
  expect(checkGradients(casesOf("withGradients", "again"))).toEqual([]);
});

test("chunks have the loss and the gradients of the whole", () => {
  const [whole, chunked] = [evaluate(build(2 ** 26), data), evaluate(build(CHUNKED), data)];
  whole.forEach((array, index) => array.forEach((expected, i) => expect(chunked[index]![i]).toBeCloseTo(expected, 13)));
});

test("compiled chunks have them too, without a copy and without a large buffer", async () => {
  const expected = evaluate(build(2 ** 26), data, "f64");
  const found = await runOnCpu(build(CHUNKED), data);
  expected.forEach((array, index) => array.forEach((number, i) => expect(found[index]![i]).toBeCloseTo(number, 6)));

  const outputs = build(CHUNKED).map((value, index) => ({ name: String(index), value }));
  const { steps } = compile("chunks", outputs, BASE_TARGET);
  const joins = steps.filter(({ op }) => op === "joinRows");
  expect(joins).toHaveLength(2);
  for (const { op, outputs: made, dispatches } of steps) {
    if (op === "joinRows" || op === "takeRows") expect(dispatches).toHaveLength(0);
    for (const { shape } of made) if (shape.at(-1) === V) expect(shape[0]).toBeLessThanOrEqual(64);
  }
});

test("a loss that nobody differentiates makes no gradients", () => {
  const [loss] = build(CHUNKED);
  const ops = compile("loss", [{ name: "loss", value: loss! }], BASE_TARGET).steps.map(({ op }) => op);
  expect(ops.some((op) => op.endsWith("Backward"))).toBe(false);
  expect(ops.filter((op) => op === "matmul")).toHaveLength(4);
});

test("a chunk is as large as allowed, and the same for all rows where a divisor is near", () => {
  expect(rowsPerChunk(4096, 50_257, 64, 2 ** 26)).toBe(256);
  expect(rowsPerChunk(300, 1000, 64, 500_000)).toBe(64);
  expect(rowsPerChunk(100, 10, 64, 4000)).toBe(100);
  expect(rowsPerChunk(128, 10 ** 9, 64, 2 ** 26)).toBe(64);
});
