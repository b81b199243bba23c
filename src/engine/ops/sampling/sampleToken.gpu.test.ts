/** Choosing a token on the browser's GPU is choosing it by the definition: the same number, whatever the lanes. */
import { afterAll, expect, test } from "vitest";
import { checkKernels } from "../../testing/checkOp";
import { casesOf } from "../../testing/opCases";
import { gpuRuntime, runOnGpu } from "../../testing/runGraph";

afterAll(async () => (await gpuRuntime()).destroy());

test.each(["1", "64", "subgroup"])("by lanes: %s", async (lanes) => {
  // A target of which nothing narrow is known lists what wide ones have.
  const wide = lanes === "64" ? { subgroupSize: 0 } : {};
  const wrong: string[] = [];
  for (const one of casesOf("sampleToken")) {
    wrong.push(...(await checkKernels(one, (outputs, data) => runOnGpu(outputs, data, { ...wide, choices: { sampling: lanes } }))));
  }
  expect(wrong).toEqual([]);
}, 120_000);
