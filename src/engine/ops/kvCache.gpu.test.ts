/** Attention over the cache on the browser's GPU, in every way: the numbers of its meaning, and the row written. */
import { afterAll, expect, test } from "vitest";
import { checkKernels } from "../testing/checkOp";
import { casesOf } from "../testing/opCases";
import { gpuRuntime, runOnGpu } from "../testing/runGraph";

afterAll(async () => (await gpuRuntime()).destroy());

test.each(["subgroup", "workgroup", "scratch"])("by %s", async (variant) => {
  const { target } = await gpuRuntime();
  // A target of which nothing narrow is known lists what wide ones have.
  const wide = variant === "workgroup" ? { subgroupSize: 0 } : { subgroupSize: target.subgroupSize };
  const wrong: string[] = [];
  for (const one of casesOf("cachedAttention")) {
    wrong.push(...(await checkKernels(one, (outputs, data) => runOnGpu(outputs, data, { ...wide, choices: { cachedAttention: variant } }))));
  }
  expect(wrong).toEqual([]);
}, 120_000);
