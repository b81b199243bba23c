/** Descent in a worker, on the GPU; where there is none, on the CPU, as the studio would. */
import { parseMachine } from "../src/settings/machine";
import { openRuntime } from "../src/worker/device";
import { openTuningStore } from "../src/worker/tuningStore";
import { listen } from "./contender";
import { answerForDescent } from "./descent";

listen(
  answerForDescent(async () => {
    const { runtime, summary } = await openRuntime({
      settings: parseMachine({ device: "gpu" }, navigator.hardwareConcurrency),
      store: openTuningStore(),
      onError: (error) => self.postMessage({ error }),
    });
    return { runtime, device: { adapter: summary.name, detail: summary.detail, isSlow: summary.slow } };
  }),
);
