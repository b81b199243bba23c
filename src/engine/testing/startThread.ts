/** Starts a thread of the CPU runtime in a browser's test. In: nothing. Out: its port. */
import type { ThreadPort } from "../runtime/cpu/thread";

export function startThread(): ThreadPort {
  const worker = new Worker(new URL("./thread.worker.ts", import.meta.url), { type: "module" });
  return {
    post: (message) => worker.postMessage(message),
    onReady: (then) => worker.addEventListener("message", then, { once: true }),
    terminate: () => worker.terminate(),
  };
}
