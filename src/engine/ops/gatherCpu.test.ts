import { expect, test } from "vitest";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { runOnCpu } from "../testing/runGraph";
import { gather, scatterAdd } from "./gather";
import { NO_TOKEN } from "./sampling/choose";

test("an id outside the table reads a row of the table, and is added to none", async () => {
  const [table, ids] = [leaf("table", f32(3, 2)), leaf("ids", u32(3))];
  const data = { table: [1, 2, 3, 4, 5, 6], ids: [NO_TOKEN, 0, 3] };
  const [rows, sums] = await runOnCpu([gather(table, ids), scatterAdd(table, ids, 3)], data);
  expect([...rows!]).toEqual([5, 6, 1, 2, 5, 6]);
  expect([...sums!]).toEqual([3, 4, 0, 0, 0, 0]);
});
