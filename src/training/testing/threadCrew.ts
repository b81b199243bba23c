/**
 * Threads of Node for the CPU runtime, for tests. In: how many beside the calling one. Out: how to start them, and a moment when all have
 * joined. `serve` is bundled into one script and fed from a worker's messages, as compute.worker.ts does in a browser.
 */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "vite";
import type { ThreadPort } from "../../engine/runtime/cpu/thread";

async function bundleThread(): Promise<URL> {
  const entry = fileURLToPath(new URL("../../engine/runtime/cpu/thread.ts", import.meta.url));
  const made = await build({ configFile: false, logLevel: "silent", build: { write: false, minify: false, target: "es2023", lib: { entry, formats: ["es"] } } });
  const [bundle] = (Array.isArray(made) ? made : [made]) as readonly { readonly output: readonly { readonly code?: string }[] }[];
  const script = `${bundle!.output[0]!.code!}
import { parentPort } from "node:worker_threads";
const messages = [];
parentPort.on("message", (message) => messages.push(message));
serve({
  takeMessage: () => messages.shift(),
  answer: () => parentPort.postMessage("here"),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
});`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}
let bundled: Promise<URL> | undefined;

export interface ThreadCrew {
  readonly startThread: () => ThreadPort;
  /** Lets them join. Resolves once commands are for all of them; each then waits for all. */
  readonly join: () => Promise<void>;
}

/** They are ready when they are told to join. The runtime ends them when it is destroyed. */
export async function makeCrew(count: number): Promise<ThreadCrew> {
  const script = await (bundled ??= bundleThread());
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  let [joined, allJoined] = [0, (): void => {}];
  const complete = new Promise<void>((resolve) => (allJoined = resolve));
  return {
    startThread: () => {
      const worker = new Worker(script);
      const answered = new Promise<void>((resolve) => worker.once("message", () => resolve()));
      return {
        post: (message) => {
          worker.postMessage(message);
          if ("join" in message && (joined += 1) === count) allJoined();
        },
        onReady: (then) => void Promise.all([answered, gate]).then(then),
        terminate: () => void worker.terminate(),
      };
    },
    join: () => {
      open();
      return complete;
    },
  };
}
