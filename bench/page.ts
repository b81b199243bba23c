/** The page of the benchmark: starts a worker for each question and hands its answer to whoever drives the browser. */
import { installTrustedTypes } from "../src/worker/connect";
import type { BenchRequest, BenchResult } from "./result";

installTrustedTypes();

/** A fresh worker each time: no size finds the pipelines of another. */
function runBench(request: BenchRequest): Promise<BenchResult> {
  const worker = new Worker(new URL("./bench.worker.ts", import.meta.url), { type: "module", name: "bench" });
  return new Promise<BenchResult>((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || "The benchmark worker did not start."));
    worker.onmessage = ({ data }: MessageEvent<{ readonly result: BenchResult } | { readonly error: string }>) => {
      if ("result" in data) resolve(data.result);
      else reject(new Error(data.error));
    };
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}

Object.assign(globalThis, { runBench });
