import { expect, it } from "vitest";
import { measureCeilings } from "./ceilings";
import { openCpuRuntime } from "./cpu";

it("gives the processor finite, positive ceilings in a sensible order", async () => {
  const { flopsPerSecond, bytesPerSecond, dispatchSeconds } = await measureCeilings(openCpuRuntime());
  for (const value of [flopsPerSecond, bytesPerSecond, dispatchSeconds]) {
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(Infinity);
  }
  // In the time of the smallest step, arithmetic alone does more than one operation.
  expect(flopsPerSecond).toBeGreaterThan(1 / dispatchSeconds);
});
