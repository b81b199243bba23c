/** The trainer on WebGPU, in a real browser. */
import { describe, expect, it } from "vitest";
import { openCpuRuntime } from "../engine/runtime/cpu";
import { gpuRuntime } from "../engine/testing/runGraph";
import { makeTinyRun, makeUpdates, tinySettings } from "./testing/tinyRun";
import { tellTrainerStory } from "./testing/trainerStory";

describe("a trainer on WebGPU", () => {
  tellTrainerStory(gpuRuntime);

  it.each(["f32", "bf16"])("follows the CPU runtime for 30 updates, with activations as %s", async (activations) => {
    const settings = tinySettings({ dropout: 0.1, steps: 30, activations });
    const [gpu, cpu] = [await makeTinyRun(await gpuRuntime(), settings), await makeTinyRun(openCpuRuntime(), settings)];
    const [ours, theirs] = [await makeUpdates(gpu.trainer, 0, 30), await makeUpdates(cpu.trainer, 0, 30)];
    ours.forEach(({ loss }, step) => expect(Math.abs(loss - theirs[step]!.loss) / theirs[step]!.loss, `step ${step}`).toBeLessThan(1e-3));
    gpu.trainer.destroy();
    cpu.trainer.destroy();
  });
});
