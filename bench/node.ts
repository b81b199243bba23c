/**
 * Descent through Dawn in Node, for a machine with a GPU and no browser. In: the same questions that a worker gets. Out: the same
 * answers. The adapter is the system's choice, or that of the Vulkan driver that VK_DRIVER_FILES names.
 */
import { create, globals } from "webgpu";
import { openDevice } from "../src/engine/runtime/device";
import { openWebGpuRuntime } from "../src/engine/runtime/webgpu";
import type { Answers } from "./contender";
import { type OpenDescent, answerForDescent } from "./descent";
import type { BenchPage, Device, Problem } from "./result";

Object.assign(globalThis, globals);

export function openNodeBench(): BenchPage {
  // Devices live as long as this reference.
  const gpu = create([]);
  let problem: Problem | undefined;
  let answer: Answers | undefined;
  const open = async (): Promise<OpenDescent> => {
    const opened = await openDevice(gpu);
    if (!opened) throw new Error("Dawn found no adapter.");
    opened.device.addEventListener("uncapturederror", (event) => {
      throw new Error(`WebGPU refused an operation: ${event.error.message}`);
    });
    const subgroups = opened.subgroupSize ? `, subgroups ${opened.subgroupSize}` : "";
    const device = { adapter: opened.name, detail: `Dawn in Node ${process.versions.node}, f32${subgroups}`, isSlow: opened.software };
    return { runtime: openWebGpuRuntime(opened), device };
  };
  return {
    describe: () => answerForDescent(open)({ ask: "describe" }) as Promise<Device>,
    async prepare(size, isSlow, batch) {
      problem = (await answerForDescent(open)({ ask: "prepare", size, isSlow, batch })) as Problem;
      return problem.settings;
    },
    start() {
      answer = answerForDescent(open);
      return answer({ ask: "start", problem: problem! });
    },
    ask: (_, question) => answer!(question),
    stop: () => {
      answer = undefined;
      return Promise.resolve();
    },
  };
}
