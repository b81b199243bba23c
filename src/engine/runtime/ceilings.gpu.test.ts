import { expect, it } from "vitest";
import { gpuRuntime } from "../testing/runGraph";
import { measureCeilings } from "./ceilings";

it("gives the adapter finite, positive ceilings in a sensible order", async () => {
  const runtime = await gpuRuntime();
  const { flopsPerSecond, bytesPerSecond, dispatchSeconds } = await measureCeilings(runtime);
  for (const value of [flopsPerSecond, bytesPerSecond, dispatchSeconds]) {
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(Infinity);
  }
  // In the time of the smallest dispatch, arithmetic alone does more than one operation.
  expect(flopsPerSecond).toBeGreaterThan(1 / dispatchSeconds);
  runtime.destroy();
});
