/** The trainer on the CPU runtime. */
import { describe } from "vitest";
import { openCpuRuntime } from "../engine/runtime/cpu";
import { tellTrainerStory } from "./testing/trainerStory";

describe("a trainer on the CPU runtime", () => {
  tellTrainerStory(() => Promise.resolve(openCpuRuntime()));
});
