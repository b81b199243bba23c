/**
 * Workers as threads of the CPU runtime. In: what the user lets it have of the processor. Out: how many threads that is here, and a way
 * to start one. Threads share memory, which browsers allow to cross-origin isolated pages only; elsewhere there is one.
 */
import type { ThreadPort } from "../engine/runtime/cpu/thread";
import type { MachineSettings } from "../settings/machine";
import { installTrustedTypes } from "./trustedTypes";

/** Large steps have sixteen blocks and more to hand out; further threads would mostly wait for each other. */
const MOST_THREADS = 16;

export function countThreads(share: MachineSettings["cpuThreads"]): number {
  if (!globalThis.crossOriginIsolated) return 1;
  const cores = navigator.hardwareConcurrency || 1;
  const threads = { all: cores, "all-but-one": cores - 1, half: Math.floor(cores / 2) }[share];
  return Math.min(MOST_THREADS, Math.max(1, threads));
}

/** `onError` hears of a thread that does not start; the runtime then works without any. */
export function startThread(onError: (message: string) => void): ThreadPort {
  installTrustedTypes();
  const worker = new Worker(new URL("./compute.worker.ts", import.meta.url), { type: "module", name: "compute" });
  worker.addEventListener("error", (event) => onError(`A compute thread stopped: ${event.message || "its script could not be loaded"}.`));
  return {
    post: (message) => worker.postMessage(message),
    onReady: (then) => worker.addEventListener("message", () => then(), { once: true }),
    terminate: () => worker.terminate(),
  };
}
