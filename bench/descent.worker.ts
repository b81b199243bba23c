/** Descent in a worker, on the device that the studio would train with. */
import { openRuntime } from "../src/worker/device";
import { listen } from "./contender";
import { answerForDescent } from "./descent";

listen(
  answerForDescent(async () => {
    const { runtime, summary } = await openRuntime((message) => self.postMessage({ error: `WebGPU refused an operation: ${message}` }));
    return { runtime, device: { adapter: summary.name, detail: summary.detail, isSlow: summary.slow } };
  }),
);
