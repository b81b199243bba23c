/** Every op case on the browser's GPU, forward and backward, against the f64 evaluation of the same graph. */
import { afterAll, describe, expect, test } from "vitest";
import { leaf } from "../graph/leaf";
import type { Target } from "../graph/op";
import { f32 } from "../graph/value";
import { checkManyKernels } from "../testing/checkOp";
import { elementwiseCases } from "../testing/cases/elementwise";
import { memoryCases } from "../testing/cases/memory";
import { movementCases } from "../testing/cases/movement";
import { rowCases } from "../testing/cases/rows";
import { tokenCases } from "../testing/cases/tokens";
import type { OpCase } from "../testing/opCase";
import { gpuRuntime, runOnGpu } from "../testing/runGraph";
import { slice } from "./movement";

afterAll(async () => (await gpuRuntime()).destroy());

const checkAll = (cases: readonly OpCase[], target: Partial<Target> = {}): Promise<string[]> =>
  checkManyKernels(cases.filter(({ onGpu }) => onGpu), (outputs, data) => runOnGpu(outputs, data, target));

describe("kernels give the numbers of their meaning", () => {
  test("elementwise", async () => expect(await checkAll(elementwiseCases)).toEqual([]));
  test("reductions, moves, rows by index", async () => expect(await checkAll(movementCases)).toEqual([]));
  test("reductions, one invocation for each row or piece", async () => {
    expect(await checkAll(movementCases.filter(({ op }) => op.startsWith("reduce")), { choices: { reduce: "walk" } })).toEqual([]);
  });
  test("rows, one invocation each", async () => expect(await checkAll(rowCases, { choices: { rows: "1" } })).toEqual([]));
  test("rows, one subgroup each", async () => {
    expect((await gpuRuntime()).target.subgroupSize).toBeGreaterThan(0);
    // Rows shorter than a few subgroups add nothing that the other ways of reading them do not show.
    const wide = rowCases.filter(({ inputs }) => Object.values(inputs)[0]!.shape.at(-1)! >= 12);
    expect(wide.length).toBeGreaterThan(40);
    expect(await checkAll(wide, { choices: { rows: "subgroup" } })).toEqual([]);
  });
  test("rows, one workgroup each", async () => expect(await checkAll(rowCases, { choices: { rows: "32" } })).toEqual([]));
  test("long rows, one large workgroup each", async () => {
    const long = rowCases.filter(({ inputs }) => Object.values(inputs)[0]!.shape.at(-1)! >= 1024);
    expect(long.length).toBeGreaterThan(4);
    expect(await checkAll(long, { choices: { rows: "256" } })).toEqual([]);
  });
  test("heads in chunks, values computed again", async () => expect(await checkAll(memoryCases)).toEqual([]));
  test("tokens: random, rotary, embedding, cache", async () => expect(await checkAll(tokenCases)).toEqual([]));
});

test("more workgroups than one dimension of a dispatch holds", async () => {
  // A slice's workgroup makes 64 numbers.
  const size = 65_535 * 64 + 64 * 100 + 7;
  const x = Float32Array.from({ length: size + 1 }, (_, i) => i % 8191);
  const [y] = await runOnGpu([slice(leaf("x", f32(size + 1)), 0, 1, size)], { x });
  expect(y!.length).toBe(size);
  expect(y!.findIndex((value, i) => value !== x[i + 1]!)).toBe(-1);
});
