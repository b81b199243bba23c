/** The CPU runtime in a real browser: with and without relaxed SIMD, on one thread and on several, the ops, PyTorch's training, the same bytes. */
import { expect, test } from "vitest";
import type { CpuOrder, CpuReport } from "./testing/cpuRuntime.worker";

function check(order: CpuOrder): Promise<CpuReport> {
  const worker = new Worker(new URL("./testing/cpuRuntime.worker.ts", import.meta.url), { type: "module" });
  return new Promise<CpuReport>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<CpuReport>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(order);
  }).finally(() => worker.terminate());
}

test.each([true, false])("ops and PyTorch's training are right on one thread and on three, to the same bytes (multiply and add rounded once: %s)", async (fma) => {
  const alone = await check({ threads: 1, fma });
  expect(alone.wrong).toEqual([]);
  expect(Object.keys(alone.state).length).toBeGreaterThan(2);
  const together = await check({ threads: 3, fma });
  expect(together.threads).toBe(3);
  expect(together.wrong).toEqual([]);
  expect(together.state).toEqual(alone.state);
});
