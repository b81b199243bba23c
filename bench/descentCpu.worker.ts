/** Descent in a worker, on the processor, with the threads that the studio takes when it may use all cores. */
import { hasFusedMultiplyAdd } from "../src/engine/runtime/cpu/features";
import { parseMachine } from "../src/settings/machine";
import { openRuntime } from "../src/worker/device";
import { countThreads } from "../src/worker/threads";
import { openTuningStore } from "../src/worker/tuningStore";
import { listen } from "./contender";
import { answerForDescent } from "./descent";

listen(
  answerForDescent(async () => {
    if (!crossOriginIsolated) throw new Error("The page is not isolated, so its threads cannot share memory.");
    const { runtime, summary } = await openRuntime({
      settings: parseMachine({ device: "cpu", cpuThreads: "all" }, navigator.hardwareConcurrency),
      store: openTuningStore(),
      onError: (error) => self.postMessage({ error }),
    });
    const detail = `${summary.detail}, ${hasFusedMultiplyAdd() ? "relaxed SIMD" : "SIMD without fused multiply-add"}`;
    return { runtime, threads: countThreads("all"), device: { adapter: summary.name, detail, isSlow: true } };
  }),
);
