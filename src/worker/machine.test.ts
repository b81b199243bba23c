/** What is known of a device: what failed once is measured again. */
import { expect, it, vi } from "vitest";
import { createMemoryStore } from "../data/store/memory";
import { openCpuRuntime } from "../engine/runtime/cpu";
import { EngineError } from "../engine/runtime/runtime";
import { createMachine } from "./machine";
import { openTuningStore } from "./tuningStore";

it("tries again to find rates after there was no room to measure them", async () => {
  const cpu = openCpuRuntime();
  const allocate = vi.fn(cpu.allocate).mockRejectedValueOnce(new EngineError("out-of-memory", "There is no room."));
  const summary = { runtime: "cpu", name: "CPU", detail: "", slow: true, defaults: {} } as const;
  const machine = createMachine({ runtime: { ...cpu, allocate }, summary, identity: "one" }, openTuningStore(createMemoryStore(), () => Promise.resolve("Browser 1")));
  await expect(machine.rates()).rejects.toThrow("There is no room.");
  expect((await machine.rates()).flopsPerSecond).toBeGreaterThan(0);
});
