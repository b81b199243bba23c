/** Every op case on the CPU runtime in Node, forward and backward, against the f64 evaluation of the same graph. */
import { describe, expect, test } from "vitest";
import { checkManyKernels } from "../../testing/checkOp";
import { attentionCases } from "../../testing/cases/attention";
import { elementwiseCases } from "../../testing/cases/elementwise";
import { EDGE_EXTENTS, edgeCase, matmulCases } from "../../testing/cases/matmul";
import { memoryCases } from "../../testing/cases/memory";
import { movementCases } from "../../testing/cases/movement";
import { rowCases } from "../../testing/cases/rows";
import { tokenCases } from "../../testing/cases/tokens";
import { runOnCpu } from "../../testing/runGraph";
import type { OpCase } from "../../testing/opCase";

const checkAll = (cases: readonly OpCase[]): Promise<string[]> => checkManyKernels(cases, (outputs, data) => runOnCpu(outputs, data));

describe("kernels give the numbers of their meaning", () => {
  test("elementwise", async () => expect(await checkAll(elementwiseCases)).toEqual([]));
  test("reductions, moves, rows by index", async () => expect(await checkAll(movementCases)).toEqual([]));
  test("products", async () => expect(await checkAll(matmulCases)).toEqual([]));
  test("products of every size", async () => {
    expect(await checkAll(EDGE_EXTENTS.flatMap((extents) => (["NN", "NT", "TN"] as const).map((layout) => edgeCase(layout, extents))))).toEqual([]);
  });
  test("attention", async () => expect(await checkAll(attentionCases)).toEqual([]));
  test("rows", async () => expect(await checkAll(rowCases)).toEqual([]));
  test("heads in chunks, values computed again", async () => expect(await checkAll(memoryCases)).toEqual([]));
  test("tokens: random, rotary, embedding, cache", async () => expect(await checkAll(tokenCases)).toEqual([]));
});
