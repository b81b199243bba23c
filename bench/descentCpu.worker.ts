/** Descent in a worker, on the processor, with as many threads as it has cores. */
import { openCpuRuntime } from "../src/engine/runtime/cpu";
import { hasFusedMultiplyAdd } from "../src/engine/runtime/cpu/features";
import type { ThreadPort } from "../src/engine/runtime/cpu/thread";
import { listen } from "./contender";
import { answerForDescent } from "./descent";

listen(
  answerForDescent(async () => {
    if (!crossOriginIsolated) throw new Error("The page is not isolated, so its threads cannot share memory.");
    const threads = navigator.hardwareConcurrency;
    const starting: Promise<void>[] = [];
    const startThread = (): ThreadPort => {
      const { port, ready } = openThread();
      starting.push(ready);
      return port;
    };
    const runtime = openCpuRuntime({ threads, startThread });
    await Promise.all(starting);
    const detail = `WebAssembly, f32, ${threads} threads, ${hasFusedMultiplyAdd() ? "relaxed SIMD" : "SIMD without fused multiply-add"}`;
    return { runtime, threads, device: { adapter: "CPU", detail, isSlow: true } };
  }),
);

function openThread(): { readonly port: ThreadPort; readonly ready: Promise<void> } {
  const worker = new Worker(new URL("./thread.worker.ts", import.meta.url), { type: "module", name: "thread" });
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = ({ message }) => reject(new Error(message || "A thread did not start."));
  });
  const port: ThreadPort = {
    post: (message) => worker.postMessage(message),
    // Of a failure hears whoever waits for all of them.
    onReady: (then) => void ready.then(then, () => {}),
    terminate: () => worker.terminate(),
  };
  return { port, ready };
}
